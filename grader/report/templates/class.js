"use strict";
// The page works without this script. It adds sorting, search, and the details of a cell in the map.
(() => {
  const all = (where, selector) => [...where.querySelectorAll(selector)];
  const rank = {f: 0, r: 1, b: 2, u: 3, s: 4, p: 5, n: 6};
  const keys = {
    text: (cell) => cell.textContent.trim().toLowerCase(),
    number: (cell) => parseFloat(cell.dataset.v ?? cell.textContent) || 0,
    missed: (cell) => rank[cell.classList[0]],
  };

  function sort(table, header, column) {
    const by = header.dataset.by;
    const before = header.getAttribute("aria-sort");
    const first = by === "number" ? "descending" : "ascending";
    const order = before ? (before === "ascending" ? "descending" : "ascending") : first;
    all(table, "th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    header.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [keys[by](row.cells[column]), row]);
    rows.sort(([a], [b]) => sign * (typeof a === "string" ? a.localeCompare(b, undefined, {numeric: true}) : a - b));
    const sorted = document.createDocumentFragment();
    rows.forEach(([, row]) => sorted.append(row));
    body.append(sorted);
  }

  all(document, "table[data-sort]").forEach((table) => {
    const headers = table.tHead.rows[table.tHead.rows.length - 1].cells;
    [...headers].forEach((header, column) => {
      if (!header.dataset.by) return;
      const button = document.createElement("button");
      button.append(...header.childNodes);
      if (header.title) button.setAttribute("aria-label", "Sort by " + header.title);
      button.addEventListener("click", () => sort(table, header, column));
      header.append(button);
    });
  });

  const finders = all(document, ".find");
  const names = all(document, ".map tbody tr, .people tbody tr");
  const normal = (words) => words.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  function find(words) {
    const wanted = normal(words.trim());
    let found = 0;
    names.forEach((row) => {
      row.hidden = wanted !== "" && !normal(row.cells[0].textContent).includes(wanted);
      found += !row.hidden;
    });
    const count = found / 2;
    const said = wanted === "" ? "" : count + (count === 1 ? " learner" : " learners");
    all(document, ".found").forEach((status) => { status.textContent = said; });
    finders.forEach((other) => { if (other.value !== words) other.value = words; });
  }

  finders.forEach((input) => input.addEventListener("input", () => find(input.value)));
  all(document, ".tools, #readout").forEach((tool) => { tool.hidden = false; });

  const map = document.querySelector(".map");
  const readout = document.getElementById("readout");
  const told = {};
  all(document, ".legend .mark").forEach((mark) => {
    told[mark.textContent] = mark.nextSibling.textContent.trim();
  });
  map.addEventListener("pointerover", (event) => {
    const cell = event.target.closest("td, th");
    if (!cell || cell.cellIndex < 2) return;
    const row = cell.parentNode;
    const head = map.tHead.rows[1].cells[cell.cellIndex];
    if (row.parentNode === map.tBodies[0]) {
      readout.textContent = row.cells[0].textContent + ": " + told[cell.textContent] + ". " + head.title;
    } else if (row === map.tHead.rows[1]) {
      readout.textContent = head.title;
    }
  });
  map.addEventListener("click", (event) => {
    const cell = event.target.closest("tbody td");
    if (cell) location.hash = new URL(cell.parentNode.querySelector("a").href).hash;
  });
})();
