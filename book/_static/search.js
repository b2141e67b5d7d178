// The page that searches: evaluationIndex (searchindex.js) holds the text of every section and
// exhibit. Accents and capitals do not matter, a word may be the beginning of one, and words that
// readers use for the same thing (search_words.toml) count half. Where no entry has every word, those
// with most of them are shown; corrections of earlier versions come last unless they are asked for.
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
  const { pages, words, vocabulary } = evaluationIndex;
  const entries = pages.flatMap(({ page, title, entries: parts }, position) =>
    parts.map(([anchor, heading, text, names]) => ({
      page, title, anchor, heading, text, position,
      isErrata: (evaluationIndex.errata ?? []).includes(`${page}#${anchor}`),
      folded: { text: fold(text), heading: fold(heading), title: fold(title), names: fold(names) },
    })));
  const skipped = new Set((vocabulary?.skipped ?? []).map(fold));
  const forErrata = (vocabulary?.errata ?? []).map(fold);
  // what readers write, and the words of the pages for it
  const alike = new Map();
  for (const { asked, found } of vocabulary?.alike ?? [])
    for (const word of asked.map(fold)) alike.set(word, [...(alike.get(word) ?? []), ...found.map(fold)]);

  // a word of the question with its singular and with other words for it
  function term(word) {
    const own = [word];
    if (word.length > 4 && word.endsWith("s")) own.push(word.slice(0, -1));
    if (word.length > 5 && word.endsWith("es")) own.push(word.slice(0, -2));
    return { own, other: own.flatMap((form) => alike.get(form) ?? []) };
  }

  // places in a text where a word begins with this
  const starts = (text, word) => {
    const found = [];
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      if (at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1])) found.push(at);
    }
    return found;
  };

  // what a word is worth in an entry: an exhibit by its name, then titles, then how often the text has it
  function worth({ text, heading, title, names }, word) {
    // of two that are named so, the one that the contents list first
    if (starts(names, word).length > 0) return 60;
    return (starts(heading, word).length > 0 ? 20 : 0) + (starts(title, word).length > 0 ? 8 : 0)
      + Math.min(starts(text, word).length, 5);
  }
  const best = (entry, forms) => Math.max(0, ...forms.map((form) => worth(entry.folded, form)));

  // how many of the terms an entry has, and what that is worth
  function score(entry, terms, phrase) {
    const { text, heading, title, names } = entry.folded;
    const each = terms.map(({ own, other }) => Math.max(best(entry, own), best(entry, other) / 2));
    const found = each.filter((part) => part > 0).length;
    let sum = each.reduce((total, part) => total + part, 0);
    if (found > 0) {
      if (names.split("; ").includes(phrase)) sum += 200;
      if (heading === phrase || title === phrase) sum += 80;
      if (phrase.includes(" ") && !names && text.includes(phrase)) sum += 5;
    }
    return { entry, found, sum };
  }

  // entries with every term, or else those with most of them
  function ranked(terms, phrase) {
    const scored = entries.map((entry) => score(entry, terms, phrase)).filter(({ found }) => found > 0);
    const most = Math.max(0, ...scored.map(({ found }) => found));
    const isAsked = phrase.split(" ").some((word) => forErrata.some((start) => word.startsWith(start)));
    const isLast = ({ entry }) => entry.isErrata && !isAsked;
    return {
      isPart: most < terms.length,
      hits: scored.filter(({ found }) => found === most || most < terms.length)
        .sort((a, b) => isLast(a) - isLast(b) || b.found - a.found || b.sum - a.sum || a.entry.position - b.entry.position)
        .map(({ entry }) => entry),
    };
  }

  function marked(text, folded, asked) {
    const shown = document.createDocumentFragment();
    let at = 0;
    const hits = asked.flatMap((word) => starts(folded, word).map((from) => [from, from + word.length]))
      .sort((a, b) => a[0] - b[0] || b[1] - a[1]);
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
    const all = [...new Set(fold(field.value).split(/[^\p{L}\p{N}_-]+/u).filter(Boolean))];
    const telling = all.filter((word) => !skipped.has(word));
    const terms = (telling.length > 0 ? telling : all).map(term);
    const { hits, isPart } = ranked(terms, all.join(" "));
    // other words for it are marked only where the word itself is not on the page
    const asked = (entry) => terms.flatMap(({ own, other }) => (best(entry, own) > 0 ? own : other));
    list.replaceChildren(...hits.slice(0, MOST).map((entry) => item(entry, asked(entry))));
    const said = hits.length === 0 ? words.search_none : isPart ? words.search_some : words.search_found;
    status.textContent = all.length === 0 ? ""
      : said.replace("{n}", String(hits.length)).replace("{words}", field.value.trim());
  }

  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  field.addEventListener("input", search);
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  search();
});
