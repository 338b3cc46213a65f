// Queries by name, as JSON on standard input, in; what each returns, and what is wrong with it, as JSON on standard output.
// Nothing is executed: Microsoft's own analyser reads KQL against local/kql_schema.json, and rules of ours what it cannot know.
// node tests/queries/validate.mjs < queries.json       {"<name>": "<text>"} → {"<name>": {"columns": [[name, type]], "problems": []}}
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
require("@kusto/language-service-next/bridge.min.js"); // both define globals
require("@kusto/language-service-next/Kusto.Language.Bridge.min.js");
const { KustoCode, GlobalState, Symbols, Syntax } = globalThis.Kusto.Language;
const { Bridge, System } = globalThis;

const schema = JSON.parse(readFileSync(new URL("../../local/kql_schema.json", import.meta.url), "utf8"));
const KINDS = { resourcegraph: ["arg"], loganalytics: ["sweep", "link", "scheduled-rule"] };
const TYPES = ["datetime", "timespan", "string"];

// learn.microsoft.com/azure/governance/resource-graph/concepts/query-language: what is not listed there is not used
const OPERATORS = new Set(
  ["Count", "Distinct", "Extend", "Filter", "Join", "MvExpand", "Parse", "Project", "ProjectAway", "Sort", "Summarize", "Top", "Union"].map(
    (name) => `${name}Operator`,
  ),
);
const FUNCTIONS_ELSEWHERE = new Set(["ingestion_time", "toscalar", "materialize", "externaldata", "cluster", "database", "workspace", "app"]);
const NO_PAGES = "Resource Graph gives no further pages of it";

/** The typed header: every `// key: value` before the first line that is no comment. */
function header(text) {
  const found = { params: [] };
  for (const line of text.split("\n").filter((each) => each.trim())) {
    if (!line.startsWith("//")) break;
    const [, key, value] = /^\/\/ (profile|kind|table|frequency|param|columns): (.+)$/.exec(line) ?? [];
    if (key === "param") found.params.push(value.split(":").map((part) => part.trim()));
    else if (key) found[key] = value.trim();
  }
  return found;
}

/** Resource Graph takes table names in any case; a column's type is what the schema says. */
function globals(profile, params) {
  const tables = Object.entries(schema[profile]).map(([name, types]) => {
    const columns = Object.entries(types).flatMap(([type, lines]) => lines.flatMap((line) => line.split(" ")).map((each) => `['${each}']:${type}`));
    return new Symbols.TableSymbol.$ctor7(name, `(${columns.join(", ")})`, null);
  });
  const parameters = params.map(([name, type]) => new Symbols.ParameterSymbol(name, Symbols.ScalarTypes.GetSymbol(type), null));
  return GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor(profile, tables)).WithParameters(
    System.Array.init(parameters, Symbols.ParameterSymbol),
  );
}

const kinds = new Map(); // the library searches for a name for a tenth of a millisecond, and there are 10,000 nodes
function kindOf(node) {
  if (!kinds.has(node.Kind)) kinds.set(node.Kind, System.Enum.toString(Syntax.SyntaxKind, node.Kind));
  return kinds.get(node.Kind);
}

function nodes(code) {
  const found = [];
  Syntax.SyntaxElement.WalkNodes(code.Syntax, (node) => found.push(node));
  return found;
}

/** Rules for a node in Resource Graph: [what the node is, what is wrong with it]. */
const GRAPH_RULES = [
  [(kind) => kind === "LetStatement", "let is not part of Resource Graph"],
  [(kind) => kind === "SetOptionStatement", "set is not part of Resource Graph"],
  [(kind) => kind === "TakeOperator", `take: ${NO_PAGES}`],
  [(kind) => kind === "TopOperator", `top: ${NO_PAGES}`],
  [(kind) => kind === "SummarizeOperator", `summarize: ${NO_PAGES}`],
  [(kind) => /Operator$/.test(kind) && kind !== "TakeOperator" && !OPERATORS.has(kind), "this operator is not part of Resource Graph"],
  [(kind, node) => kind === "FunctionCallExpression" && FUNCTIONS_ELSEWHERE.has(node.Name.SimpleName), "this function is not part of Resource Graph"],
];

function graphProblems(all, text, columns) {
  const problems = all.flatMap((node) =>
    GRAPH_RULES.filter(([is]) => is(kindOf(node), node)).map(([, message]) => ({ code: "GRAPH", message, at: node.TextStart })),
  );
  const count = (kind) => all.filter((node) => kindOf(node) === kind).length;
  const say = (wrong, message) => wrong && problems.push({ code: "GRAPH", message, at: 0 });
  say(count("MvExpandOperator") > 2, "more than two mv-expand");
  say(count("JoinOperator") > 1, "more than one join");
  say(!columns.some(([name]) => name === "id"), `without id: ${NO_PAGES}`);
  say(!/\|\s*order by id asc\s*$/.test(text.trim()), "pages need an order: let it end with `order by id asc`");
  return problems;
}

// learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule
const NOT_IN_RULES = [
  [(kind) => kind === "LetStatement", "let: the filter of a rule goes behind its query"],
  [(kind) => kind === "SortOperator", "order: a rule has none"],
  [(kind, node) => kind === "EvaluateOperator" && /bag_unpack|pivot|narrow/.test(node.toString()), "this plugin is not part of log alerts"],
  [(kind, node) => kind === "FunctionCallExpression" && node.Name.SimpleName === "ago" && !/\(\s*\d+[dhms]\s*\)/.test(node.toString()), "ago takes literals only"],
];
const NOT_EACH_MINUTE = [
  [(kind, node) => kind === "FunctionCallExpression" && node.Name.SimpleName === "ingestion_time", "ingestion_time"],
  [(kind) => ["UnionOperator", "SearchOperator", "TakeOperator"].includes(kind), "union, search and take"],
];

function ruleProblems(said, all, columns) {
  const rules = said.frequency === "1m" ? [...NOT_IN_RULES, ...NOT_EACH_MINUTE] : NOT_IN_RULES;
  const problems = all.flatMap((node) => rules.filter(([is]) => is(kindOf(node), node)).map(([, message]) => ({ code: "RULE", message, at: node.TextStart })));
  const types = new Map(columns);
  const say = (wrong, message) => wrong && problems.push({ code: "RULE", message, at: 0 });
  say(types.get("TimeGenerated") !== "datetime", "TimeGenerated is no time of the result");
  say(types.get("_ResourceId") !== "string", "_ResourceId is no text of the result");
  say(types.has("AggregatedValue"), "AggregatedValue is a name of Azure's own");
  say(said.params.length > 0, "param: nobody gives one to a rule");
  return problems;
}

function headerProblems(said, all, columns) {
  const tables = new Set(all.map((node) => node.ReferencedSymbol).filter((each) => each && Bridge.is(each, Symbols.TableSymbol) && schema[said.profile][each.Name]).map((each) => each.Name));
  const used = new Set(all.map((node) => node.SimpleName));
  const names = columns.map(([name]) => name).join(",");
  const checks = [
    [!KINDS[said.profile].includes(said.kind), `kind: ${said.kind}`],
    [names !== said.columns, `columns: the query returns ${names}`],
    [said.kind !== "link" && [...tables].join() !== said.table, `table: the query reads ${[...tables].join()}`],
    ...said.params.map(([name, type]) => [!TYPES.includes(type), `param: ${name} is a ${type}`]),
    ...said.params.map(([name]) => [!used.has(name), `param: ${name} is not used`]),
  ];
  return checks.filter(([wrong]) => wrong).map(([, message]) => ({ code: "HEADER", message, at: 0 }));
}

function diagnostics(code) {
  const list = code.GetDiagnostics();
  return Array.from({ length: list.Count }, (_, index) => list.getItem(index)).map((each) => ({ code: each.Code, message: each.Message, at: each.Start }));
}

function resultColumns(code) {
  const list = code.ResultType?.Columns;
  return Array.from({ length: list?.Count ?? 0 }, (_, index) => list.getItem(index)).map((each) => [each.Name, each.Type.Name]);
}

function validate(text) {
  const said = header(text);
  if (!schema[said.profile]) return { columns: [], problems: [`1 HEADER profile: ${said.profile}`] };
  const code = KustoCode.ParseAndAnalyze(text, globals(said.profile, said.params.filter(([, type]) => TYPES.includes(type))));
  const [all, columns] = [nodes(code), resultColumns(code)];
  const graph = said.profile === "resourcegraph" ? graphProblems(all, text, columns) : [];
  const rule = said.kind === "scheduled-rule" ? ruleProblems(said, all, columns) : [];
  const problems = [...diagnostics(code), ...headerProblems(said, all, columns), ...graph, ...rule];
  return { columns, problems: problems.map(({ code: id, message, at }) => `${text.slice(0, at).split("\n").length} ${id} ${message}`) };
}

process.on("uncaughtException", (error) => {
  process.stderr.write(`${String(error?.message ?? error).slice(0, 500)}\n`); // a stack would quote 4 MB of one line
  process.exit(2);
});
const queries = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(Object.fromEntries(Object.entries(queries).map(([name, text]) => [name, validate(text)]))));
