"use strict";
// Makes the tables of the page sort, filter and open. Reads and writes nothing but the page; makes no markup of text.
document.documentElement.classList.add("js");
document.addEventListener("DOMContentLoaded", () => {
  const number = new Intl.NumberFormat("en");
  const element = (name, text) => Object.assign(document.createElement(name), { textContent: text });

  // Lines `label: value` as a list of both.
  const columns = (cell) => {
    const list = document.createElement("dl");
    for (const { data } of cell.childNodes) {
      const at = data ? data.indexOf(": ") : -1;
      if (at > 0) list.append(element("dt", data.slice(0, at)), element("dd", data.slice(at + 2)));
    }
    return list;
  };

  for (const table of document.querySelectorAll("table[data-sortable]")) {
    const name = table.dataset.sortable;
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    const status = document.querySelector(`[data-status="${name}"]`);
    const one = table.dataset.one || "contact";
    // A row and what it opens to.
    const rows = [];
    for (const row of body.rows) {
      if (row.className === "more") {
        rows[rows.length - 1].more = row;
        row.previousElementSibling.querySelector("button").setAttribute("aria-expanded", "false");
      } else rows.push({ row, more: null, text: null });
    }
    // A screen that shows all of thousands of rows is slow to draw; they are there for paper, sorting and filtering.
    let most = 1000;
    const all = Object.assign(element("button", ""), { type: "button", className: "all" });
    table.parentElement.after(all);
    all.addEventListener("click", () => { most = Infinity; cut(); });
    const cut = () => {
      let fitting = 0;
      for (const { row, more } of rows) {
        const beyond = !row.hidden && ++fitting > most;
        row.classList.toggle("beyond", beyond);
        if (more) more.classList.toggle("beyond", beyond);
      }
      all.hidden = fitting <= most;
      all.textContent = `show all ${number.format(fitting)}, not only the first ${number.format(most)}`;
    };
    cut();

    const say = (text) => { if (status) status.textContent = text; };
    const tell = () => {
      let shown = 0;
      for (const { row } of rows) if (!row.hidden) shown++;
      const whole = `${number.format(rows.length)} ${one}${rows.length === 1 ? "" : "s"}`;
      say(shown === rows.length ? whole : `${number.format(shown)} of ${whole}`);
    };

    // Sizes carry their bytes, other figures are read as they stand.
    const value = (cell, isNumber) => {
      if (!isNumber) return cell.textContent.toLowerCase();
      return Number(cell.dataset.v ?? cell.textContent.replace(/[^0-9.]/g, "")) || 0;
    };
    const sort = (at) => {
      const head = heads[at];
      const isNumber = head.classList.contains("n");
      const before = head.getAttribute("aria-sort");
      const up = before ? before === "descending" : !isNumber;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const keyed = rows.map((entry, place) => ({ entry, place, key: value(entry.row.cells[at], isNumber) }));
      keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) * (up ? 1 : -1) || a.place - b.place);
      const sorted = document.createDocumentFragment();
      rows.length = 0;
      for (const { entry } of keyed) {
        rows.push(entry);
        sorted.append(entry.row);
        if (entry.more) sorted.append(entry.more);
      }
      body.append(sorted);
      cut();
      say(`sorted by ${head.textContent}, ${up ? "ascending" : "descending"}`);
    };
    heads.forEach((head, at) => {
      const button = Object.assign(element("button", head.textContent), { type: "button" });
      button.addEventListener("click", () => sort(at));
      head.replaceChildren(button);
    });

    const search = document.querySelector(`[data-filter="${name}"]`);
    const column = (by) => heads.findIndex((head) => head.classList.contains(by));
    const choices = [...document.querySelectorAll(`[data-choose="${name}"]`)];
    const filter = () => {
      const words = search ? search.value.toLowerCase().split(/\s+/).filter(Boolean) : [];
      for (const entry of rows) {
        const { row, more } = entry;
        let fits = choices.every((choice) => {
          if (!choice.value) return true;
          const by = choice.dataset.by;
          if (by === "kind") return row.classList.contains(choice.value);
          if (by === "machine") return row.dataset.machine === choice.value;
          return row.cells[column(by)].textContent === choice.value;
        });
        if (fits && words.length) {
          entry.text ??= `${row.textContent} ${more ? more.textContent : ""}`.toLowerCase();
          fits = words.every((word) => entry.text.includes(word));
        }
        row.hidden = !fits;
        if (more) more.hidden = !fits;
      }
      cut();
      tell();
    };
    let waiting = 0;
    const later = () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(filter); };
    if (search) search.addEventListener("input", later);
    for (const choice of choices) choice.addEventListener("change", later);
    // A browser that comes back to the page may have kept what was chosen.
    if ((search && search.value) || choices.some((choice) => choice.value)) filter(); else tell();

    let ids = 0;
    body.addEventListener("click", (event) => {
      const button = event.target.closest("button[aria-expanded]");
      if (!button) return;
      const more = button.closest("tr").nextElementSibling;
      const open = button.getAttribute("aria-expanded") !== "true";
      if (!more.id) {
        more.id = `${name}-more-${ids++}`;
        button.setAttribute("aria-controls", more.id);
      }
      if (!more.querySelector("dl")) more.cells[0].replaceChildren(columns(more.cells[0]));
      button.setAttribute("aria-expanded", String(open));
      more.classList.toggle("open", open);
    });
  }
});
