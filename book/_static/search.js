// The page that searches: evaluationIndex (searchindex.js) holds the text of every section and
// exhibit. Accents and capitals do not matter; every word has to occur, at the beginning of a word.
addEventListener("DOMContentLoaded", () => {
  "use strict";
  const MOST = 40;
  const BEFORE = 60;
  const AFTER = 140;
  // one letter for each letter, so that a place in the folded text is one in the text
  const fold = (text) => Array.from(text, (c) => {
    const plain = c.normalize("NFD")[0].toLowerCase();
    return plain.length === c.length ? plain : c;
  }).join("");
  const { pages, words } = evaluationIndex;
  const entries = pages.flatMap(({ page, title, entries: parts }, position) =>
    parts.map(([anchor, heading, text, names]) => ({
      page, title, anchor, heading, text, position,
      folded: { text: fold(text), heading: fold(heading), title: fold(title), names: fold(names) },
    })));

  // places in a text where a word begins with this
  const starts = (text, word) => {
    const found = [];
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      if (at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1])) found.push(at);
    }
    return found;
  };

  // what a hit is worth: an exhibit by its name, then titles, then how often the text has it
  function score(entry, asked) {
    const { text, heading, title, names } = entry.folded;
    let sum = 0;
    for (const word of asked) {
      const named = starts(names, word).length > 0;
      // of two that are named so, the one that the contents list first
      const worth = named ? 60 : (starts(heading, word).length > 0 ? 20 : 0)
        + (starts(title, word).length > 0 ? 8 : 0)
        + Math.min(starts(text, word).length, 5);
      if (worth === 0) return 0;
      sum += worth;
    }
    const phrase = asked.join(" ");
    if (names.split("; ").includes(phrase)) sum += 200;
    if (heading === phrase || title === phrase) sum += 80;
    if (asked.length > 1 && !names && text.includes(phrase)) sum += 5;
    return sum;
  }

  function marked(text, folded, asked) {
    const shown = document.createDocumentFragment();
    let at = 0;
    const hits = asked.flatMap((word) => starts(folded, word).map((from) => [from, from + word.length]))
      .sort((a, b) => a[0] - b[0]);
    for (const [from, to] of hits) {
      if (from < at) continue;
      const mark = document.createElement("mark");
      mark.textContent = text.slice(from, to);
      shown.append(text.slice(at, from), mark);
      at = to;
    }
    shown.append(text.slice(at));
    return shown;
  }

  function excerpt({ text, folded }, asked) {
    const places = asked.map((word) => starts(folded.text, word)[0]).filter((at) => at !== undefined);
    const middle = Math.min(...places, text.length);
    let from = places.length > 0 ? Math.max(0, middle - BEFORE) : 0;
    if (from > 0) from = text.indexOf(" ", from) + 1;
    let to = Math.min(text.length, (places.length > 0 ? middle : 0) + AFTER);
    if (to < text.length) to = Math.max(text.lastIndexOf(" ", to), from);
    const line = document.createElement("p");
    line.append(from > 0 ? "… " : "", marked(text.slice(from, to), folded.text.slice(from, to), asked),
      to < text.length ? " …" : "");
    return line;
  }

  function item(entry, asked) {
    const line = document.createElement("li");
    const link = document.createElement("a");
    link.href = `${entry.page}.html${entry.anchor ? `#${entry.anchor}` : ""}`;
    link.append(marked(entry.heading || entry.title, entry.folded.heading || entry.folded.title, asked));
    line.append(link);
    if (entry.heading !== entry.title) {
      const place = document.createElement("span");
      place.className = "search-place";
      place.textContent = entry.title;
      line.append(" ", place);
    }
    if (entry.text) line.append(excerpt(entry, asked));
    return line;
  }

  const field = document.querySelector("#search-field");
  const status = document.querySelector("#search-status");
  const list = document.querySelector("#search-results ul");

  function search() {
    const asked = [...new Set(fold(field.value).split(/[^\p{L}\p{N}_-]+/u).filter(Boolean))];
    const found = asked.length === 0 ? [] : entries
      .map((entry) => [score(entry, asked), entry])
      .filter(([worth]) => worth > 0)
      .sort((a, b) => b[0] - a[0] || a[1].position - b[1].position);
    list.replaceChildren(...found.slice(0, MOST).map(([, entry]) => item(entry, asked)));
    const said = found.length > 0 ? words.search_found : words.search_none;
    status.textContent = asked.length === 0 ? ""
      : said.replace("{n}", String(found.length)).replace("{words}", field.value.trim());
  }

  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  field.addEventListener("input", search);
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  search();
});
