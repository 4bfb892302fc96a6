// Draws the list of all messages from the data in messages.js, a screenful at a time.
"use strict";

(() => {
  const CHUNK = 100;
  const { columns, rows } = window.vmauditMessages;
  const at = Object.fromEntries(columns.map((name, index) => [name, index]));
  const table = document.getElementById("listing");
  const filters = document.getElementById("filters");
  const found = document.getElementById("found");
  const more = document.getElementById("more");
  const headings = [...table.tHead.rows[0].cells];
  const order = { column: "recorded_at", sign: -1 };
  let chosen = [];
  let drawn = 0;

  const shows = {
    "": () => true,
    review: (row) => row[at.flags].includes("review"),
    not_scorable: (row) => row[at.flags].includes("not_scorable"),
    new: (row) => row[at.flags].includes("new"),
  };
  const decimals = { fillers_per_minute: 1, message_s: 0 };
  const flagNames = { review: "review", not_scorable: "not scorable", new: "new" };

  // What is not known is last, whichever way.
  function compare(one, other) {
    const [a, b] = [one[at[order.column]], other[at[order.column]]];
    const unknown = (value) => value === null || value === "–" || value.length === 0;
    if (unknown(a) || unknown(b)) return unknown(a) - unknown(b);
    return order.sign * (typeof a === "number" ? a - b : String(a).localeCompare(String(b)));
  }

  function choose() {
    const text = filters.text.value.toLowerCase();
    const rep = filters.rep.value;
    const [show, key] = filters.show.value.split(":");
    const fits = key ? (row) => row[at.missed].includes(key) : shows[show];
    const inText = (row) =>
      `${row[at.title]} ${row[at.path]} ${row[at.rep] ?? ""}`.toLowerCase().includes(text);
    chosen = rows.filter(
      (row) => fits(row) && (!rep || row[at.rep_page] === rep) && inText(row),
    );
    chosen.sort(compare);
    drawn = 0;
    table.tBodies[0].replaceChildren();
    found.textContent = `${chosen.length} of ${rows.length}`;
    draw();
  }

  function draw() {
    const next = chosen.slice(drawn, drawn + CHUNK);
    table.tBodies[0].append(...next.map(rowOf));
    drawn += next.length;
    more.hidden = drawn >= chosen.length;
  }

  function rowOf(row) {
    const line = document.createElement("tr");
    for (const heading of headings) line.append(cellOf(row, heading));
    return line;
  }

  function cellOf(row, heading) {
    const cell = document.createElement("td");
    cell.className = heading.className;
    const name = heading.dataset.column;
    const value = row[at[name]];
    if (name === "title") {
      const link = document.createElement("a");
      link.href = `messages/${row[at.page]}`;
      link.title = row[at.path];
      link.addEventListener("click", keepOrder);
      link.append(isolated(value));
      cell.append(link);
    } else if (Array.isArray(value)) {
      cell.textContent = value.map((flag) => flagNames[flag]).join(", ");
    } else if (typeof value === "boolean") {
      cell.textContent = value ? "✓ yes" : "✗ no";
      cell.classList.add(value ? "good" : "bad");
    } else if (name === "met" && value !== null) {
      cell.textContent = `${value} %`;
    } else {
      cell.append(isolated(shown(name, value)));
    }
    return cell;
  }

  function shown(name, value) {
    if (value === null) return "–";
    return name in decimals ? value.toFixed(decimals[name]) : String(value);
  }

  // The message's page turns to the next one of this list, not of all messages.
  function keepOrder() {
    const pages = chosen.length < rows.length ? chosen.map((row) => row[at.page]) : [];
    try {
      sessionStorage.setItem("vmaudit-order", JSON.stringify(pages));
    } catch {
      // Some browsers keep nothing for pages on disk: there all messages follow each other.
    }
  }

  // Names in a script that runs from right to left leave their neighbours alone.
  function isolated(text) {
    const element = document.createElement("bdi");
    element.textContent = text;
    return element;
  }

  function sortBy(heading) {
    const name = heading.dataset.column;
    order.sign = order.column === name ? -order.sign : 1;
    order.column = name;
    mark();
    choose();
  }

  function mark() {
    for (const heading of headings) {
      heading.removeAttribute("aria-sort");
      if (heading.dataset.column === order.column) {
        heading.setAttribute("aria-sort", order.sign > 0 ? "ascending" : "descending");
      }
    }
  }

  for (const heading of headings) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sortBy(heading));
    heading.append(button);
  }

  function readAddress() {
    for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
      if (filters.elements[name]) filters.elements[name].value = value;
    }
    choose();
  }

  filters.addEventListener("input", choose);
  filters.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", draw);
  window.addEventListener("hashchange", readAddress);
  mark();
  readAddress();
})();
