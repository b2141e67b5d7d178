// Open every page of a study's finished sites in Chromium, from the file system, and look for what
// readers would stumble over: WCAG 2.2 AA violations (axe), a page that scrolls sideways, requests
// to the outside, errors of scripts, a heavy first load, a first tab stop that is not the skip link,
// a page that is not in view in the navigation or has no neighbour, what readers search for and do not
// find, sentences without their buttons, and definitions, sorting, the choice of an outcome, long tables and the filter that do not
// work.
//
//   node check.mjs BUILD_FOLDER [PAGES_AT_ONCE]
//
// The folder is a study's, with a site for each language, or that of the software's site.
//
// VIEWS=half looks at each scheme and width once, not at all four together.
// Prints one row for each language, scheme and width, then what was found; exit 1 if anything was.

import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import { chromium } from "playwright-core";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const VIEWS = [["light", 375], ["dark", 1440], ["light", 1440], ["dark", 375]];
// each scheme and each width once, for every change; all four before a release
const LOOKS = process.env.VIEWS === "half" ? VIEWS.slice(0, 2) : VIEWS;
const HEAVIEST = 600_000;
// not counted in the first load: fonts, and the renderer of formulas
const UNCOUNTED = /\.(woff2?|ttf|otf)$|mathjax/i;
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const SETTINGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync",
  "--disable-background-networking", "--disable-component-update", "--allow-file-access-from-files"];
// hidden from axe: what pages cannot change is listed here with its reason, or nothing is
const EXEMPT = [];
const SEARCHES = new URL("searches.json", import.meta.url);

const build = resolve(process.argv[2] ?? "build/somos_comunidad");
const atOnce = Number(process.argv[3] ?? 2);
const browserPath = process.env.CHROMIUM ?? BROWSERS.find(existsSync);
if (!browserPath) {
  console.error("no Chromium found: install it, or name it in CHROMIUM");
  process.exit(2);
}

// the software's site is in English alone
const sites = existsSync(build) ? [["en", "."], ...readdirSync(build).map((name) => [name, name])]
  .map(([language, folder]) => [language, join(build, folder, "site")])
  .filter(([, site]) => existsSync(join(site, "index.html"))) : [];
if (sites.length === 0) {
  const command = basename(build) === "software" ? "make software" : "make";
  console.error(`${relative(".", build)}: no finished site; run ${command} first`);
  process.exit(2);
}

function pagesOf(folder) {
  return readdirSync(folder, { recursive: true }).map(String)
    // tables to download are not pages of the book
    .filter((name) => name.endsWith(".html") && !/^(_static|files)\//.test(name))
    // a page that sends its readers on leaves while it is looked at
    .filter((name) => !readFileSync(join(folder, name), "utf8").includes('http-equiv="refresh"')).sort();
}

// ---- One page in one scheme and width ------------------------------------------------------------

async function look(context, site, name, width) {
  const page = await context.newPage();
  const found = [];
  const loaded = new Map();
  page.on("request", (request) => {
    const address = request.url();
    if (!address.startsWith("file:") && !address.startsWith("data:") && !address.startsWith("blob:"))
      found.push(["outside", address]);
    else if (address.startsWith("file:")) loaded.set(address.replace(/[?#].*/, ""), 0);
  });
  page.on("pageerror", (error) => found.push(["script", String(error.message).slice(0, 160)]));
  await page.goto(pathToFileURL(join(site, name)).href, { waitUntil: "load" });
  // the theme sets the scheme by script: on a busy machine axe measured colours in the middle of a transition
  await page.evaluate(() => { for (const each of document.getAnimations()) if (each instanceof CSSTransition) each.finish(); });
  const result = await new AxeBuilder({ page }).withTags(RULES).disableRules(EXEMPT).analyze();
  for (const rule of result.violations)
    found.push(["axe", `${rule.id}: ${rule.nodes.length} × ${rule.nodes[0].target.join(" ").slice(0, 120)}`]);
  const [inner, outer] = await page.evaluate(() => {
    const root = document.documentElement;
    return [root.scrollWidth, root.clientWidth];
  });
  if (inner > outer + 1) found.push(["sideways", `${inner} px wide in ${outer}`]);
  if (name.endsWith(".html") && width === 1440) {
    await page.keyboard.press("Tab");
    const first = await page.evaluate(() => document.activeElement?.getAttribute("href") ?? "");
    if (!first.startsWith("#")) found.push(["keyboard", `the first tab stop is ${first || "no link"}`]);
  }
  const weight = [...loaded.keys()].filter((address) => !UNCOUNTED.test(address))
    .map((address) => new URL(address)).filter((address) => existsSync(address))
    .reduce((sum, address) => sum + statSync(address).size, 0);
  if (weight > HEAVIEST) found.push(["weight", `${weight} bytes at the first load`]);
  for (const said of await lost(page, name, width)) found.push(["navigation", said]);
  await page.close();
  return { found, weight };
}

// what keeps a reader from seeing where a page is, and where to go on from it
async function lost(page, name, width) {
  if (name === "search.html") return [];
  const found = [];
  const described = await page.locator('meta[name="description"]').getAttribute("content");
  if (!described) found.push("no description");
  if ((await page.locator(".report-error a").count()) !== 1) found.push("no way to report an error");
  if ((await page.locator(".prev-next-area a").count()) === 0) found.push("no page before or after");
  if (width < 992) {
    await page.locator(".primary-toggle").first().click();
    await page.waitForTimeout(200);
  }
  const seen = await page.evaluate(() => {
    const here = [...document.querySelectorAll('[aria-current="page"]')].filter((each) => each.closest(".bd-links"));
    if (here.length !== 1) return `${here.length} current pages`;
    const place = here[0].getBoundingClientRect();
    const inside = place.height > 0 && place.top >= 0 && place.bottom <= window.innerHeight && place.left >= 0;
    return inside ? "" : "the current page is out of view";
  });
  return seen ? [...found, seen] : found;
}

// what is searched for, and where one of the first three hits has to lead; one page for all, as a reader types
async function searched(context, site, language) {
  const page = await context.newPage();
  await page.goto(pathToFileURL(join(site, "search.html")).href, { waitUntil: "load" });
  const found = [];
  for (const [words, wanted, most] of searches(site, language)) {
    const { hits, excerpt } = await page.evaluate((text) => {
      const field = document.querySelector("#search-field");
      field.value = text;
      field.dispatchEvent(new Event("input"));
      const items = [...document.querySelectorAll("#search-results ul.search li")];
      return {
        hits: items.map((item) => item.querySelector("a").getAttribute("href").replace(".html", "")),
        excerpt: items[0]?.querySelector("p")?.textContent ?? "",
      };
    }, words);
    const first = hits.slice(0, most);
    if (!first.some((hit) => wanted.some((start) => hit.startsWith(start)))) found.push(`the search for ${words} leads to ${first.join(", ") || "nothing"}`);
    if (/<[a-z/]/.test(excerpt)) found.push(`the search for ${words} shows HTML: ${excerpt.slice(0, 80)}`);
  }
  await page.close();
  return found;
}

// what readers search for (searches.json); ids, outcomes as they are called, and each of their longer words,
// without accents, which lead to their exhibit first
function searches(site, language) {
  const text = readFileSync(join(site, "searchindex.js"), "utf8");
  const { pages } = JSON.parse(text.slice(text.indexOf("=") + 1));
  const entries = pages.flatMap(({ page, entries: parts }) => parts.map(([anchor, , , names]) => [`${page}#${anchor}`, names]));
  const exhibits = entries.filter(([, names]) => names);
  const plain = (name) => name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const byName = exhibits.slice(0, 2).map(([address, names]) => [names.split("; ")[1], [address], 1]);
  const [main, names] = exhibits.find(([, all]) => all.split("; ").length > 2) ?? ["", ""];
  const outcomes = names.split("; ").slice(2);
  const words = outcomes.map((name) => plain(name).split(/[ ,]+/).filter((word) => word.length > 5).at(-1));
  const named = [...outcomes, ...outcomes.map(plain), ...words.filter(Boolean)].map((name) => [name, [main], 1]);
  const asked = JSON.parse(readFileSync(SEARCHES, "utf8"))[basename(build)]?.[language] ?? {};
  return [...byName, ...named, ...Object.entries(asked).map(([text, wanted]) => [text, wanted, 3])];
}

// ---- What pages do beyond showing ----------------------------------------------------------------

const shownRows = (rows) => rows.filter((row) => getComputedStyle(row).display !== "none").length;

async function behave(context, site, pages) {
  const found = [];
  const done = new Set();
  const page = await context.newPage();
  for (const name of pages) {
    await page.goto(pathToFileURL(join(site, name)).href, { waitUntil: "load" });
    const term = page.locator("article a.term").first();
    if (!done.has("term") && (await term.count()) > 0) {
      done.add("term");
      const tip = page.locator(`#${await term.getAttribute("aria-describedby")}`);
      const height = () => page.evaluate(() => document.querySelector("article").scrollHeight);
      const before = await height();
      await term.focus();
      if (!(await tip.isVisible())) found.push(`${name}: a focused term shows no definition`);
      if ((await height()) !== before) found.push(`${name}: a definition moves the page`);
      await page.keyboard.press("Escape");
      if (await tip.isVisible()) found.push(`${name}: Escape leaves the definition`);
      await term.hover();
      if (!(await tip.isVisible())) found.push(`${name}: a term under the pointer shows no definition`);
    }
    found.push(...(await sorting(page, name, done)));
    const picker = page.locator(".outcome-picker").first();
    if (!done.has("picker") && (await picker.count()) > 0) {
      done.add("picker");
      // the table may be folded
      await picker.evaluate((node) => { for (let up = node.closest("details"); up; up = up.parentElement.closest("details")) up.open = true; });
      const rows = page.locator(`#${await picker.getAttribute("data-table")} tbody tr`);
      const all = await rows.count();
      const every = await rows.evaluateAll(shownRows);
      await picker.locator("select").selectOption({ index: 1 });
      const one = await rows.evaluateAll(shownRows);
      await picker.locator("select").selectOption({ index: 2 });
      const other = await rows.evaluateAll(shownRows);
      await page.emulateMedia({ media: "print" });
      const printed = await rows.evaluateAll(shownRows);
      await page.emulateMedia({ media: "screen" });
      if (!(every === all && one > 1 && one < all && other > 1 && other < all)) found.push(`${name}: the choice of an outcome shows ${one} and ${other} of ${all} rows`);
      if (printed !== all) found.push(`${name}: ${printed} of ${all} rows are printed`);
      const wide = page.viewportSize();
      await page.setViewportSize({ width: 375, height: 900 });
      const narrow = await rows.evaluateAll(shownRows);
      await page.setViewportSize(wide);
      if (narrow !== other) found.push(`${name}: on a telephone ${narrow} rows are shown, not ${other}`);
    }
    const button = page.locator(".exhibit-all:not(.exhibit-narrow)").first();
    if (!done.has("beginning") && (await button.count()) > 0) {
      done.add("beginning");
      const rows = page.locator(`#${await button.getAttribute("data-table")} tbody tr`);
      const begun = await rows.evaluateAll(shownRows);
      await page.emulateMedia({ media: "print" });
      const printed = await rows.evaluateAll(shownRows);
      await page.emulateMedia({ media: "screen" });
      await button.locator("button").click();
      const all = await rows.count();
      if (!(begun > 1 && begun < all)) found.push(`${name}: a long table begins with ${begun} of ${all} rows`);
      if (printed !== all) found.push(`${name}: ${printed} of ${all} rows of a begun table are printed`);
      if ((await rows.evaluateAll(shownRows)) !== all) found.push(`${name}: a button for all rows shows fewer`);
    }
    found.push(...(await copying(page, name, done)));
    const filter = page.locator("#list-filter");
    if ((await filter.count()) > 0) {
      done.add("filter");
      await filter.fill(await page.locator(".cite code").first().textContent());
      const left = await page.locator(".cite:visible").count();
      if (left !== 1) found.push(`${name}: the filter leaves ${left} exhibits of one`);
    }
  }
  await page.close();
  // a survey has a table of all outcomes
  const has = (name) => pages.some((page) => page.endsWith(`${name}.html`));
  const expected = [...(has("say") ? ["term", "sort", "filter", "quote"] : []), ...(has("main_results") ? ["picker", "beginning"] : [])];
  for (const kind of expected) if (!done.has(kind)) found.push(`no page has a ${kind}`);
  return found;
}

// each sentence to copy has its two buttons in view, and they copy what they say
async function copying(page, name, done) {
  const found = [];
  for (const quote of await page.locator("figure.quote").all()) {
    done.add("quote");
    const sentence = await quote.locator("blockquote").textContent();
    const source = await quote.locator("figcaption").textContent();
    for (const [at, wanted] of [[0, [sentence]], [1, [sentence, source]]]) {
      const button = quote.locator("button").nth(at);
      const opacity = await button.evaluate((each) => getComputedStyle(each).opacity);
      if (!(await button.isVisible()) || opacity !== "1") { found.push(`${name}: a sentence without its button ${at}`); continue; }
      const copied = await button.evaluate(async (each) => {
        let text = "";
        Object.defineProperty(navigator, "clipboard", { configurable: true, value: { writeText: async (given) => { text = given; } } });
        each.click();
        await new Promise((next) => { setTimeout(next, 0); });
        return text;
      });
      if (!wanted.every((part) => copied.includes(part)) || (at === 0 && copied !== sentence)) found.push(`${name}: button ${at} copies ${copied.slice(0, 60)}`);
    }
    if (!(await quote.locator("[role=status]").textContent())) found.push(`${name}: nothing tells that a sentence was copied`);
  }
  return found;
}

// every column of every table once up: numbers by their value, read here without the page's script
async function sorting(page, name, done) {
  const spanish = (await page.locator("html").getAttribute("lang")) === "es";
  const value = (text) => {
    const number = text.replace("\u2212", "-").match(/[+-]?\d[\d.,]*/);
    if (!number) return null;
    const [thousands, decimal] = spanish ? [".", ","] : [",", "."];
    return Number.parseFloat(number[0].split(thousands).join("").replace(decimal, "."));
  };
  const found = [];
  for (const table of await page.locator("table.exhibit-sortable").all()) {
    done.add("sort");
    const id = await table.getAttribute("id");
    for (const [at, button] of (await table.locator("thead button").all()).entries()) {
      await button.evaluate((each) => each.click());
      const way = await table.locator("thead th").nth(at).getAttribute("aria-sort");
      if (way !== "ascending") found.push(`${name}: ${id}, column ${at}: aria-sort is ${way}`);
      const groups = await table.evaluate((each, position) => {
        const parts = [[]];
        for (const row of each.tBodies[0].rows) {
          const cell = row.cells[position];
          if (row.classList.contains("exhibit-group")) parts.push([]);
          else if (cell && /cell-(effect|number|count|p_value)/.test(cell.className)) parts.at(-1).push(cell.textContent);
        }
        return parts;
      }, at);
      for (const texts of groups) {
        const values = texts.map(value).filter((each) => each !== null);
        if (values.some((each, place) => place > 0 && each < values[place - 1]))
          found.push(`${name}: ${id}, column ${at} is not sorted: ${texts.slice(0, 4)}`);
      }
      await button.evaluate((each) => { each.click(); each.click(); });
    }
  }
  return found;
}

// ---- All of them ---------------------------------------------------------------------------------

const browser = await chromium.launch({ executablePath: browserPath, args: SETTINGS });
const rows = [];
const problems = [];
for (const [language, site] of sites) {
  const pages = pagesOf(site);
  for (const [scheme, width] of LOOKS) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, reducedMotion: "reduce" });
    const counts = { axe: 0, sideways: 0, outside: 0, script: 0, keyboard: 0, weight: 0, navigation: 0 };
    let heaviest = 0;
    const waiting = [...pages];
    await Promise.all(Array.from({ length: atOnce }, async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        const { found, weight } = await look(context, site, name, width);
        heaviest = Math.max(heaviest, weight);
        for (const [kind, what] of found) {
          counts[kind] += 1;
          problems.push(`${language} ${scheme} ${width} ${name}: ${kind}: ${what}`);
        }
      }
    }));
    rows.push({ language, scheme, width, pages: pages.length, ...counts, heaviest });
    await context.close();
  }
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  for (const said of await searched(context, site, language)) problems.push(`${language}: ${said}`);
  for (const said of await behave(context, site, pages)) problems.push(`${language}: ${said}`);
  await context.close();
}
await browser.close();

const heads = Object.keys(rows[0]);
console.log(`| ${heads.join(" | ")} |\n|${" --- |".repeat(heads.length)}`);
for (const row of rows) console.log(`| ${heads.map((head) => row[head]).join(" | ")} |`);
const distinct = [...new Set(problems)].sort();
console.log(`\n${distinct.length} problems`);
for (const line of distinct.slice(0, 60)) console.log(line);
writeFileSync(join(build, "browser.json"), `${JSON.stringify({ rows, problems: distinct }, null, 1)}\n`);
process.exit(distinct.length > 0 ? 1 : 0);
