// The table of clusters in; headers that sort it out. Without this script everything is there, in the order of the server.
const table = document.getElementById("clusters");
const rows = table ? [...table.tBodies[0].rows] : [];
const said = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function keyOf(row, column, kind) {
  const cell = row.cells[column];
  const text = cell.dataset.key ?? cell.querySelector("time")?.dateTime ?? cell.textContent.trim();
  return kind === "number" ? Number.parseInt(text, 10) || 0 : text;
}

function sort(header, column, kind) {
  const ascending = header.getAttribute("aria-sort") !== "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const keys = new Map(rows.map((row) => [row, keyOf(row, column, kind)]));
  const compare = kind === "number" ? (a, b) => a - b : said.compare;
  const sorted = rows.toSorted((a, b) => (ascending ? 1 : -1) * compare(keys.get(a), keys.get(b)));
  table.tBodies[0].append(...sorted);
}

if (table) {
  [...table.tHead.rows[0].cells].forEach((header, column) => {
    const kind = header.dataset.sort;
    if (!kind) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sort(header, column, kind));
    header.append(button);
  });
}
