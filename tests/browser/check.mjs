// Open every page of a study's finished sites in Chromium, from the file system, and look for what
// readers would stumble over: WCAG 2.2 AA violations (axe), a page that scrolls sideways, requests
// to the outside, errors of scripts, a heavy first load, a first tab stop that is not the skip link,
// a search for an exhibit's id that leads elsewhere first.
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
const HEAVIEST = 800_000;
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
  await page.close();
  return { found, weight };
}

async function searchFor(context, site, words) {
  const page = await context.newPage();
  const address = pathToFileURL(join(site, "search.html"));
  address.searchParams.set("q", words);
  await page.goto(address.href, { waitUntil: "load" });
  await page.waitForSelector("#search-results ul.search li", { timeout: 10_000 }).catch(() => null);
  const links = page.locator("#search-results ul.search li a");
  const first = (await links.count()) > 0 ? await links.first().getAttribute("href") : "";
  await page.close();
  return first;
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
    const counts = { axe: 0, sideways: 0, outside: 0, script: 0, keyboard: 0, weight: 0 };
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
  const context = await browser.newContext();
  for (const id of ["tbl-did-main", "fig-flow"]) {
    const first = await searchFor(context, site, id);
    if (!first.endsWith(`#${id}`)) {
      problems.push(`${language}: the search for ${id} leads to ${first || "nothing"} first`);
    }
  }
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
