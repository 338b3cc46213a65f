"""Nothing in; the queries of the sweeps and of the log alerts, and queries with one mistake each, out."""

from __future__ import annotations

from pathlib import Path

HOME = Path(__file__).parents[2]
FILES = {path.stem: path.read_text("utf-8") for path in sorted((HOME / "shared/queries").glob("*.kql"))}
RULES = {path.stem: path.read_text("utf-8") for path in sorted((HOME / "shared/rules/logs").glob("*.kql"))}
GRAPH, LOGS = FILES["subscriptions"], FILES["flux_controllers"]
RULE = RULES["FluxAgentAuthFailed"]

WRONG = {
    "an unknown column": (LOGS.replace("PodNamespace", "Namespace"), "KS142"),
    "an unknown table": (LOGS.replace("\nContainerLogV2", "\nContainerLog"), "KS204"),
    "an unknown function": (LOGS.replace("tolower(", "lower("), "KS211"),
    "a wrong type": (LOGS.replace("max(TimeGenerated)", "sum(_ResourceId)"), "KS138"),
    "a parameter that is not declared": (LOGS.replace("// param: _end:datetime\n", ""), "KS142"),
    "a parameter that is not used": (
        LOGS.replace("// param: _end", "// param: _lookback:timespan\n// param: _end"),
        "_lookback",
    ),
    "a parameter of an unknown type": (LOGS.replace("_end:datetime", "_end:date"), "_end is a date"),
    "a mistake in writing": (LOGS.replace("| where", "| were", 1), "KS"),
    "other columns than promised": (LOGS.replace("Lines,LastSeen", "LastSeen,Lines"), "columns: the query returns"),
    "another table than promised": (LOGS.replace("table: ContainerLogV2", "table: KubeEvents"), "table: the query reads"),
    "another profile": (LOGS.replace("profile: loganalytics", "profile: kusto"), "profile: kusto"),
    "another kind": (LOGS.replace("kind: sweep", "kind: arg"), "kind: arg"),
    "a let in Resource Graph": (
        GRAPH.replace("\nresourcecontainers", "\nlet unused = 1;\nresourcecontainers"),
        "let is not part",
    ),
    "an operator that Resource Graph lacks": (GRAPH.replace("| order", "| serialize | order"), "operator is not part"),
    "a function that Resource Graph lacks": (GRAPH.replace("name,", "name, at = ingestion_time(),"), "function is not part"),
    "a take in Resource Graph": (GRAPH.replace("| order", "| take 5 | order"), "take: Resource Graph gives no"),
    "a Resource Graph query without id": (
        GRAPH.replace("project id,", "project row = id,").replace("by id", "by row"),
        "without id",
    ),
    "a Resource Graph query without order": (GRAPH.replace("| order by id asc", ""), "pages need an order"),
}
"""A query with one mistake, and a word of what is said of it."""
