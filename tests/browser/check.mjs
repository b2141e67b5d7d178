// Open every page of a study's finished sites in Chromium, from the file system, and look for what
// readers would stumble over: WCAG 2.2 AA violations (axe), a page that scrolls sideways, requests
// to the outside, errors of scripts, a heavy first load, a first tab stop that is not the skip link,
// a page that is not in view in the navigation or has no neighbour, a search that leads elsewhere
// first, and definitions, sorting, the choice of an outcome, long tables and the filter that do not
// work.
//
//   node check.mjs STUDY_BUILD_FOLDER [PAGES_AT_ONCE]
//
// VIEWS=half looks at each scheme and width once, not at all four together.
// Prints one row for each language, scheme and width, then what was found; exit 1 if anything was.

import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
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

const build = resolve(process.argv[2] ?? "build/somos_comunidad");
const atOnce = Number(process.argv[3] ?? 2);
const browserPath = process.env.CHROMIUM ?? BROWSERS.find(existsSync);
if (!browserPath) {
  console.error("no Chromium found: install it, or name it in CHROMIUM");
  process.exit(2);
}

const languages = readdirSync(build).filter((name) => existsSync(join(build, name, "site", "index.html")));
if (languages.length === 0) {
  console.error(`${relative(".", build)}: no finished site; run make first`);
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

async function searchFor(context, site, words) {
  const page = await context.newPage();
  const address = pathToFileURL(join(site, "search.html"));
  address.searchParams.set("q", words);
  await page.goto(address.href, { waitUntil: "load" });
  await page.waitForSelector("#search-results ul.search li", { timeout: 10_000 }).catch(() => null);
  const items = page.locator("#search-results ul.search li");
  const any = (await items.count()) > 0;
  const first = any ? await items.first().locator("a").getAttribute("href") : "";
  const excerpt = any && (await items.first().locator("p").count()) > 0;
  await page.close();
  return { first, excerpt };
}

// ids, outcomes as they are called, and each of their longer words, without accents
function searches(site) {
  const text = readFileSync(join(site, "searchindex.js"), "utf8");
  const { pages } = JSON.parse(text.slice(text.indexOf("=") + 1));
  const main = pages.flatMap(({ entries }) => entries).find(([anchor]) => anchor === "tbl-did-main");
  const outcomes = main[3].split("; ").slice(2);
  const plain = (name) => name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const words = outcomes.map((name) => plain(name).split(/[ ,]+/).filter((word) => word.length > 5).at(-1));
  const found = [...outcomes, ...outcomes.map(plain), ...words.filter(Boolean)];
  return [...found.map((name) => [name, "tbl-did-main"]), ["tbl-did-main", "tbl-did-main"], ["fig-flow", "fig-flow"]];
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
    const filter = page.locator("#list-filter");
    if ((await filter.count()) > 0) {
      done.add("filter");
      await filter.fill("tbl-did-main");
      const left = await page.locator(".cite:visible").count();
      if (left !== 1) found.push(`${name}: the filter leaves ${left} exhibits of one`);
    }
  }
  await page.close();
  // a survey has a table of all outcomes
  const long = pages.some((name) => name.endsWith("main_results.html")) ? ["beginning"] : [];
  for (const kind of ["term", "sort", "picker", "filter", ...long]) if (!done.has(kind)) found.push(`no page has a ${kind}`);
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
for (const language of languages) {
  const site = join(build, language, "site");
  const pages = pagesOf(site);
  for (const [scheme, width] of LOOKS) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
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
  for (const [words, id] of searches(site)) {
    const { first, excerpt } = await searchFor(context, site, words);
    if (!first.endsWith(`#${id}`)) problems.push(`${language}: the search for ${words} leads to ${first || "nothing"} first`);
    else if (!excerpt) problems.push(`${language}: the search for ${words} shows no excerpt`);
  }
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
