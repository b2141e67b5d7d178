// What the pages do beyond showing: the current page in view in the navigation, definitions of terms,
// tables that sort, one outcome at a time, a list that filters, sentences to copy. Without it everything is there to read.
const folder = new URL(".", document.currentScript.src);
addEventListener("DOMContentLoaded", () => {
  "use strict";
  const spanish = document.documentElement.lang === "es";

  // ---- navigation: the current page in view ----
  const current = document.querySelector(".bd-sidebar-primary [aria-current=page]");
  function show() {
    if (!current) return;
    let box = current.parentElement;
    while (box && box.scrollHeight <= box.clientHeight + 1) box = box.parentElement;
    if (!box || box === document.documentElement || box === document.body) return;
    const place = current.getBoundingClientRect();
    const seen = box.getBoundingClientRect();
    if (place.top < seen.top || place.bottom > seen.bottom)
      box.scrollTop += place.top - seen.top - seen.height / 3;
  }
  window.addEventListener("load", show);
  // on a telephone the navigation is opened first
  document.querySelector(".primary-toggle")?.addEventListener("click", () => setTimeout(show, 50));

  // ---- terms of the glossary ----
  let open = null;
  let link = null;
  function close() {
    if (open) open.hidden = true;
    open = link = null;
  }
  function explain(term) {
    const tip = term.tip;
    if (!tip || tip === open) return;
    close();
    [open, link] = [tip, term];
    tip.hidden = false;
    const word = term.getClientRects()[0];
    const room = document.documentElement.clientWidth;
    const left = Math.max(8, Math.min(word.left, room - tip.offsetWidth - 8));
    const above = word.bottom + tip.offsetHeight + 8 > window.innerHeight && word.top > tip.offsetHeight + 8;
    const top = above ? word.top - tip.offsetHeight - 4 : word.bottom + 4;
    tip.style.left = `${left + window.scrollX}px`;
    tip.style.top = `${top + window.scrollY}px`;
  }
  // the book has its definitions once, in a script
  function define(term) {
    const anchor = new URL(term.href).hash.slice(1);
    if (!(anchor in evaluationTerms)) return;
    const tip = document.createElement("p");
    [tip.id, tip.role, tip.hidden, tip.textContent] = [`tip-${anchor}`, "tooltip", true, evaluationTerms[anchor]];
    // outside all boxes that scroll or cut
    document.body.append(tip);
    tip.addEventListener("pointerleave", () => { if (document.activeElement !== link) close(); });
    term.tip = tip;
    term.setAttribute("aria-describedby", tip.id);
  }
  const terms = document.querySelectorAll("a.term");
  if (terms.length) {
    const script = document.createElement("script");
    script.src = new URL("terms.js", folder);
    script.onload = () => terms.forEach(define);
    document.head.append(script);
  }
  for (const term of terms) {
    term.addEventListener("pointerenter", () => explain(term));
    term.addEventListener("focus", () => explain(term));
    term.addEventListener("blur", close);
    term.addEventListener("pointerleave", (event) => {
      const to = event.relatedTarget;
      // the pointer may go on into the definition
      setTimeout(() => { if (link === term && document.activeElement !== term && !open?.matches(":hover")) close(); }, to ? 150 : 0);
    });
    // a finger asks first and follows the link when it touches again
    let asked = false;
    term.addEventListener("pointerdown", (event) => { asked = event.pointerType === "touch" && link !== term; });
    term.addEventListener("click", (event) => { if (asked) { event.preventDefault(); explain(term); } });
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });

  // ---- tables that sort ----
  // the first number of a cell as the book prints it: 1,234.5 or 1.234,5, a true minus, <0.001
  function number(text) {
    const found = text.replaceAll("\u2060", "").match(/([<>]?)\s*([+\u2212-]?)\s*(\d[\d.,]*)/);
    if (!found) return null;
    const digits = spanish ? found[3].replaceAll(".", "").replace(",", ".") : found[3].replaceAll(",", "");
    const value = Number.parseFloat(digits) * (/[\u2212-]/.test(found[2]) ? -1 : 1);
    return found[1] === "<" ? value - 1e-9 : found[1] === ">" ? value + 1e-9 : value;
  }
  const NUMBERS = ["cell-effect", "cell-number", "cell-count", "cell-p_value"];
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });

  // rows under one heading are sorted among themselves
  function parts(body) {
    const found = [{ head: null, rows: [] }];
    for (const row of body.rows) {
      if (row.classList.contains("exhibit-group")) found.push({ head: row, rows: [] });
      else found.at(-1).rows.push(row);
    }
    return found;
  }
  function sort(table, position, way) {
    const body = table.tBodies[0];
    table.classList.toggle("exhibit-sorted", way !== "none");
    for (const { head, rows } of table.original) {
      const keyed = rows.map((row, at) => {
        const cell = row.cells[position];
        const numeric = cell && NUMBERS.some((kind) => cell.classList.contains(kind));
        const text = cell ? cell.textContent.trim() : "";
        return { row, at, text, value: numeric ? number(text) : null };
      });
      const numbers = keyed.some(({ value }) => value !== null);
      const turned = way === "descending" ? -1 : 1;
      if (way !== "none") keyed.sort((a, b) => {
        if (!numbers) return turned * collator.compare(a.text, b.text) || a.at - b.at;
        // what is no number comes last, whichever way
        if (a.value === null || b.value === null) return (a.value === null) - (b.value === null) || a.at - b.at;
        return turned * (a.value - b.value) || a.at - b.at;
      });
      if (head) body.append(head);
      body.append(...keyed.map(({ row }) => row));
    }
    begin(table);
  }
  const NEXT = { none: "ascending", ascending: "descending", descending: "none" };
  for (const table of document.querySelectorAll("table.exhibit-sortable")) {
    table.original = parts(table.tBodies[0]);
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, position) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "exhibit-sort";
      button.append(...(head.querySelector("p") ?? head).childNodes);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const way = NEXT[head.getAttribute("aria-sort") ?? "none"];
        for (const each of heads) each.removeAttribute("aria-sort");
        if (way !== "none") head.setAttribute("aria-sort", way);
        sort(table, position, way);
      });
    });
  }

  // ---- one outcome at a time ----
  const pickers = [...document.querySelectorAll(".outcome-picker")];
  function choose(label) {
    for (const picker of pickers) {
      const select = picker.querySelector("select");
      if (![...select.options].some(({ value }) => value === label)) continue;
      select.value = label;
      const table = document.getElementById(picker.dataset.table);
      let shown = true;
      for (const row of table.querySelectorAll("tbody tr")) {
        if (row.classList.contains("exhibit-group"))
          shown = label === "" || row.textContent.replaceAll("\u2060", "").trim().startsWith(label);
        row.classList.toggle("exhibit-other", !shown);
      }
    }
  }
  for (const picker of pickers) {
    picker.hidden = false;
    picker.querySelector("select").addEventListener("change", (event) => choose(event.target.value));
  }
  if (pickers.length > 0) {
    const select = pickers[0].querySelector("select");
    // on a telephone one outcome is long enough
    const first = matchMedia("(max-width: 40rem)").matches ? select.options[1].value : "";
    choose(select.value || first);
  }

  // ---- a long table begins with its first rows ----
  // it ends between two outcomes, and not under a heading; rows that all have one first cell end anywhere
  function begin(table) {
    const rows = [...table.tBodies[0].rows];
    const first = (at) => rows[at].cells[0].textContent;
    const heads = (at) => rows[at].classList.contains("exhibit-group");
    for (const [rest, most] of [["exhibit-rest", 12], ["exhibit-rest-narrow", 7]]) {
      let kept = Math.min(most, rows.length - 1);
      while (kept > most / 2 && (heads(kept - 1) || first(kept) === first(kept - 1))) kept -= 1;
      if (kept <= most / 2) kept = most;
      rows.forEach((row, at) => row.classList.toggle(rest, at >= kept));
    }
  }
  for (const all of document.querySelectorAll(".exhibit-all")) {
    const table = document.getElementById(all.dataset.table);
    const begun = all.classList.contains("exhibit-narrow") ? "exhibit-begun-narrow" : "exhibit-begun";
    table.classList.add(begun);
    begin(table);
    all.hidden = false;
    all.querySelector("button").addEventListener("click", () => {
      table.classList.remove(begun);
      all.hidden = true;
      // what was pressed is gone: the keyboard goes on in the table
      table.closest(".exhibit-scroll").focus({ preventScroll: true });
    });
  }

  // ---- sentences to copy ----
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // a page without leave to write there
      const area = document.createElement("textarea");
      area.value = text;
      area.style.position = "fixed";
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }
  for (const line of document.querySelectorAll(".quote-buttons")) {
    const status = line.querySelector("[role=status]");
    line.hidden = false;
    for (const button of line.querySelectorAll("button"))
      button.addEventListener("click", async () => {
        const done = await copy(button.dataset.copy);
        button.focus();
        status.textContent = done ? status.dataset.said : "";
      });
  }

  // ---- a list that filters ----
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const filter = document.querySelector("#list-filter");
  if (filter) {
    const status = document.querySelector("#list-status");
    const items = [...document.querySelectorAll(".cite")];
    const texts = items.map((item) => fold(item.textContent));
    filter.closest("[hidden]").hidden = false;
    filter.addEventListener("input", () => {
      const asked = fold(filter.value).split(/\s+/).filter(Boolean);
      let left = 0;
      items.forEach((item, at) => {
        item.hidden = !asked.every((word) => texts[at].includes(word));
        left += item.hidden ? 0 : 1;
      });
      status.textContent = status.dataset.said.replace("{n}", String(left)).replace("{total}", String(items.length));
    });
  }
});
