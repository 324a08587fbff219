// Opens a page in Chromium and holds it to what a reader, an enemy and a screen reader may expect of it.
//
//   node check.mjs MODULES CHROMIUM KIND PAGE…
//
// MODULES holds playwright-core and axe-core, as package-lock.json beside this file pins them. KIND is one of `kinds` below.
// Prints a line for each thing that it looked at; the exit status is 1 when one was wrong.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, chromium, kind, ...files] = process.argv.slice(2);
const require = createRequire(join(resolve(modules), "check.js"));
const playwright = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

let wrong = 0;
const hold = (is, what, seen = "") => {
  console.log(`${is ? "ok    " : "WRONG "} ${what}${is || seen === "" ? "" : `: ${typeof seen === "string" ? seen : JSON.stringify(seen)}`}`);
  if (!is) wrong++;
};

const browser = await playwright.chromium.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });

let last = [];
// A page, and what it did that it should not have done.
const open = async (file, { width = 1280, before = async () => {}, ...options } = {}) => {
  const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  const trouble = [];
  last = trouble;
  page.on("console", (message) => trouble.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => trouble.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => { trouble.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => { if (request.url() !== url) trouble.push(`request: ${request.url()}`); });
  const url = pathToFileURL(resolve(file)).href;
  await before(page);
  await page.goto(url, { waitUntil: "load" });
  return { page, trouble, close: () => context.close() };
};

const accessible = async (page, what) => {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations", "passes"] }));
  hold(passes.some((rule) => rule.id === "color-contrast"), `${what}: contrast was looked at`);
  hold(violations.length === 0, `${what}: axe-core finds nothing`,
    violations.map((it) => `${it.id}: ${it.nodes.slice(0, 3).map((node) => `${node.html} (${node.failureSummary})`).join(" | ")}`).join("\n"));
};

const rows = "table[data-sortable] tbody tr:not(.more)";
const shown = (page) => page.locator(`${rows}:not([hidden])`);
// Figures of a column from top to bottom.
const figures = (page, column) => page.evaluate(([rows, column]) => {
  const at = [...document.querySelector("table[data-sortable]").tHead.rows[0].cells].findIndex((cell) => cell.textContent === column);
  return [...document.querySelectorAll(rows)].map((row) => Number(row.cells[at].dataset.v ?? row.cells[at].textContent.replace(/[^0-9.]/g, "")));
}, [rows, column]);
const falls = (list) => list.every((value, at) => at === 0 || list[at - 1] >= value);
const rises = (list) => falls([...list].reverse());

const kinds = {
  // A page with a table of contacts: looks, landmarks, sorting, filtering, opening, paper, without script.
  async report([file]) {
    const { page, trouble, close } = await open(file);
    const count = await page.locator(rows).count();
    hold(count > 20, "there are contacts", count);
    for (const landmark of ["banner", "navigation", "main", "contentinfo"]) {
      hold(await page.getByRole(landmark).count() === 1, `one landmark ${landmark}`);
    }
    hold(await page.getByRole("heading", { level: 1 }).count() === 1, "one first heading");
    hold(await page.getByRole("img").count() >= 2, "pictures have a role");
    await page.keyboard.press("Tab");
    hold(await page.evaluate(() => document.activeElement.className) === "skip", "the first stop leads past the sections");
    await page.keyboard.press("Enter");
    hold(await page.evaluate(() => document.activeElement.id) === "main", "and does so");

    const head = (name) => page.locator("[data-sortable] thead th").filter({ hasText: new RegExp(`^${name}$`) });
    hold(await head("received").getAttribute("aria-sort") === "descending" && falls(await figures(page, "received")), "received most first, and said so");
    await head("times").getByRole("button").click();
    hold(await head("times").getAttribute("aria-sort") === "descending" && falls(await figures(page, "times")), "sorts by mouse");
    hold(await head("received").getAttribute("aria-sort") === null, "by one column at a time");
    await head("times").getByRole("button").click();
    hold(await head("times").getAttribute("aria-sort") === "ascending" && rises(await figures(page, "times")), "and the other way round");
    await head("sent").getByRole("button").focus();
    await page.keyboard.press("Enter");
    hold(await head("sent").getAttribute("aria-sort") === "descending" && falls(await figures(page, "sent")), "sorts by keyboard");
    await page.keyboard.press("Space");
    hold(await head("sent").getAttribute("aria-sort") === "ascending" && rises(await figures(page, "sent")), "with either key");
    hold((await page.getByRole("status").textContent()).includes("sorted by sent"), "and says so to who cannot see it");
    hold(await page.evaluate((rows) => [...document.querySelectorAll(rows)].every((row) => row.nextElementSibling.className.startsWith("more")), rows), "what a contact opens to stays with it");

    const frame = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const wanted = await page.evaluate((rows) => [...document.querySelectorAll(rows)].filter((row) => `${row.textContent} ${row.nextElementSibling.textContent}`.toLowerCase().includes("ocsp")).length, rows);
    await page.getByRole("searchbox").focus();
    await page.keyboard.type("OCSP");
    await frame();
    hold(wanted > 0 && wanted < count && await shown(page).count() === wanted, "filters by what is typed", [wanted, await shown(page).count()]);
    hold(await page.getByRole("status").textContent() === `${wanted} of ${count} contacts`, "and counts", await page.getByRole("status").textContent());
    await page.getByRole("searchbox").fill("no such thing");
    await frame();
    hold(await shown(page).count() === 0, "finds nothing where nothing is");
    await page.getByRole("searchbox").fill("");
    await page.locator("[data-by=kind]").focus();
    await page.keyboard.press("ArrowDown");
    await frame();
    const own = await page.locator(`${rows}.own`).count();
    hold(own > 0 && own < count && await shown(page).count() === own, "filters by whose it is, by keyboard", [own, await shown(page).count()]);
    await page.locator("[data-by=kind]").selectOption("");
    const phases = await page.locator("[data-by=phase]").locator("option").allTextContents();
    let sum = 0;
    for (const phase of phases.slice(1)) {
      await page.locator("[data-by=phase]").selectOption(phase);
      await frame();
      sum += await shown(page).count();
    }
    hold(phases.length > 2 && sum === count, "each contact is in one phase", [sum, count]);
    await page.locator("[data-by=phase]").selectOption("");
    await frame();

    const button = page.locator(`${rows} button`).first();
    const more = page.locator("tr.more").first();
    hold(!await more.isVisible() && await button.getAttribute("aria-expanded") === "false", "contacts are closed");
    await button.click();
    hold(await more.isVisible() && await button.getAttribute("aria-expanded") === "true", "open by mouse");
    hold((await more.textContent()).includes("shown by"), "to what shows them");
    hold(await page.evaluate(() => { const b = document.querySelector("tbody button[aria-controls]"); return document.getElementById(b.getAttribute("aria-controls")) === b.closest("tr").nextElementSibling; }), "which the button controls");
    await accessible(page, "light, one open");
    await button.focus();
    await page.keyboard.press("Enter");
    hold(!await more.isVisible(), "close by keyboard");
    await page.keyboard.press("Space");
    hold(await more.isVisible(), "open by keyboard");
    const summary = page.locator("summary").first();
    await summary.focus();
    await page.keyboard.press("Enter");
    hold(await page.locator("details[open] table").first().isVisible(), "the figures of a picture open by keyboard");
    hold(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle) === "solid", "where the keyboard is can be seen");

    await page.emulateMedia({ media: "print" });
    hold(!await page.getByRole("navigation").isVisible() && await page.locator(rows).first().isVisible(), "on paper without what is to be pressed");
    hold(await page.evaluate(() => getComputedStyle(document.body).backgroundColor) === "rgb(255, 255, 255)", "on white");
    const pdf = await page.pdf({ format: "A4" });
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    hold(pages >= 3 && pages < 40, "in some pages", pages);
    hold(trouble.length === 0, "nothing on the console, nothing asked for", trouble);
    await close();

    const dark = await open(file, { colorScheme: "dark" });
    hold(await dark.page.evaluate(() => getComputedStyle(document.body).backgroundColor) !== "rgb(247, 247, 245)", "dark where that is wanted");
    await accessible(dark.page, "dark");
    hold(dark.trouble.length === 0, "nothing on the console in the dark", dark.trouble);
    await dark.close();

    const narrow = await open(file, { width: 390 });
    await narrow.page.locator(`${rows} button`).first().click();
    hold(await narrow.page.evaluate(() => document.documentElement.scrollWidth) === 390, "as wide as a phone");
    const wrapped = await narrow.page.evaluate((rows) => [...document.querySelectorAll(`${rows} button`)].filter((it) => it.offsetHeight > 30).length, rows);
    hold(wrapped === 0, "no name is broken", wrapped);
    await accessible(narrow.page, "narrow");
    // A table that is drawn otherwise is still one to who hears it.
    const session = await narrow.page.context().newCDPSession(narrow.page);
    const { nodes } = await session.send("Accessibility.getFullAXTree");
    const heard = nodes.filter((node) => node.role?.value === "row").length;
    hold(heard >= count, "rows are rows on a phone too", [heard, count]);
    await narrow.close();

    const still = await open(file, { javaScriptEnabled: false });
    hold(await still.page.locator("tr.more").first().isVisible() && !await still.page.locator(".tools").isVisible(), "without script all is open");
    hold(still.trouble.length === 0, "nothing on the console without script", still.trouble);
    await still.close();
  },

  // A comparison or a baseline: looks, filters, and opens where there is something to open.
  async compared([file]) {
    for (const [what, options] of [["light", {}], ["dark", { colorScheme: "dark" }], ["narrow", { width: 390 }]]) {
      const { page, trouble, close } = await open(file, options);
      const count = await page.locator(rows).count();
      hold(count > 2, `${what}: there is something in it`, count);
      if (await page.locator(`${rows} .tag`).count() > 0) {
        const tag = await page.locator(`${rows} .tag`).last().textContent();
        await page.locator("[data-by=grade]").first().selectOption(tag);
        await page.waitForFunction((rows) => document.querySelectorAll(`${rows}:not([hidden])`).length > 0, rows);
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        const tags = await page.locator(`${rows}:not([hidden]) .tag`).allTextContents();
        hold(tags.length < count && tags.every((it) => it === tag), `${what}: filters`, tags);
      }
      for (const button of (await page.locator(`${rows}:not([hidden]) button`).all()).slice(0, 10)) await button.click();
      hold(await page.evaluate(() => document.documentElement.scrollWidth) === (options.width ?? 1280), `${what}: as wide as the screen`);
      await accessible(page, what);
      hold(trouble.length === 0, `${what}: nothing on the console, nothing asked for`, trouble);
      await close();
    }
  },

  // Names full of markup, against a page of which one knows that it has none: nothing runs, no element is there beside.
  async hostile([file, harmless]) {
    const made = async (page) => page.evaluate(() => [...document.querySelectorAll("*")].map((it) => [it.localName, ...[...it.attributes].map((at) => at.name)]).flat());
    const plain = await open(harmless);
    const known = new Set(await made(plain.page));
    await plain.close();
    const { page, trouble, close } = await open(file);
    const strange = [...new Set(await made(page))].filter((name) => !known.has(name) && !["colspan", "title"].includes(name));
    hold(strange.length === 0, "no element or attribute that other pages have not", strange);
    hold(await page.locator("script").count() === 1 && await page.locator("style").count() === 1, "one script, one style");
    hold(await page.evaluate(() => [...document.querySelectorAll("a")].every((a) => a.getAttribute("href").startsWith("#"))), "links lead within the page");
    hold((await page.locator("body").textContent()).includes("<script>alert(1)</script>"), "markup is there as text");
    const hidden = await page.evaluate(() => document.body.textContent.replace(/\n$/, "").match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)?.[0].codePointAt(0) ?? null);
    hold(hidden === null, "nothing that cannot be seen", hidden);
    for (const button of (await page.locator(`${rows} button`).all()).slice(0, 40)) await button.click();
    await page.getByRole("searchbox").fill("<script>");
    await page.locator("[data-sortable] thead button").first().click();
    await page.waitForFunction(() => true);
    hold(await page.evaluate(() => document.documentElement.scrollWidth) === 1280, "no name makes the page wider");
    hold(trouble.length === 0, "nothing ran, nothing asked for", trouble);
    await accessible(page, "hostile");
    await close();
    const narrow = await open(file, { width: 390 });
    hold(await narrow.page.evaluate(() => document.documentElement.scrollWidth) === 390, "nor on a phone");
    await narrow.close();
  },

  // 5,000 contacts: there in two seconds. What counts is the time that the page had the processor, the best of three: on a
  // machine that is busy with something else, a clock says how busy it is.
  async many([file]) {
    let best = Infinity;
    for (let at = 0; at < 3; at++) {
      let session;
      const measured = async (page) => {
        session = await page.context().newCDPSession(page);
        await session.send("Performance.enable", { timeDomain: "threadTicks" });
      };
      const { page, trouble, close } = await open(file, { before: measured });
      const [clock, count] = await page.evaluate((rows) => new Promise((done) => requestAnimationFrame(() => setTimeout(() =>
        done([performance.now(), document.querySelectorAll(rows).length])))), rows);
      const { metrics } = await session.send("Performance.getMetrics");
      const work = metrics.find((metric) => metric.name === "TaskDuration").value * 1000;
      hold(work > 100, "work was measured", work);
      best = Math.min(best, work);
      console.log(`       ${Math.round(work)} ms of work, ${Math.round(clock)} ms by the clock`);
      if (at === 0) {
        hold(count === 5000, "all contacts are there", count);
        hold(trouble.length === 0, "nothing on the console, nothing asked for", trouble);
        const drawn = () => page.evaluate((rows) => [...document.querySelectorAll(rows)].filter((row) => row.offsetHeight > 0).length, rows);
        hold(await drawn() === 1000, "the first thousand are drawn", await drawn());
        await page.emulateMedia({ media: "print" });
        hold(await drawn() === 5000, "and all on paper", await drawn());
        await page.emulateMedia({ media: "screen" });
        hold((await page.locator("button.all").textContent()).startsWith("show all 5,000"), "with a button for the rest");
        await page.locator("button.all").evaluate((button) => button.click());
        hold(await drawn() === 5000, "and all when asked for", await drawn());
        await page.getByRole("searchbox").fill("host-4999.");
        await page.waitForFunction((rows) => document.querySelectorAll(`${rows}:not([hidden])`).length === 1, rows);
        await page.locator("[data-sortable] thead button").first().click();
        hold(await page.locator("thead th[aria-sort=ascending]").count() === 1, "sorts them");
      }
      await close();
    }
    hold(best < 2000, "drawn in two seconds", `${Math.round(best)} ms`);
  },

  // Pictures for the documentation: REPORT CHECK FOLDER.
  async pictures([report, check, folder]) {
    const shots = [
      ["report-1280", { width: 1280 }, 1560, null],
      ["report-1280-contacts", { width: 1280, colorScheme: "dark" }, 1000, "contacts"],
      ["report-390", { width: 390 }, 1900, null],
      ["report-390-contacts", { width: 390, colorScheme: "dark" }, 1100, "contacts"],
      ["check-1280", { width: 1280 }, 1000, null],
      ["check-390", { width: 390 }, 1100, null],
    ];
    for (const [name, options, height, at] of shots) {
      const { page, close } = await open(name.startsWith("check") ? check : report, options);
      await page.setViewportSize({ width: options.width, height });
      if (at) {
        await page.locator(`${rows} button`).nth(2).click();
        await page.mouse.move(0, 0);
        await page.evaluate((at) => { document.activeElement.blur(); document.getElementById(at).scrollIntoView(); }, at);
      }
      await page.screenshot({ path: join(folder, `${name}.png`) });
      await close();
    }
  },
};

try {
  if (!kinds[kind]) throw new Error(`no kind ${kind}`);
  await kinds[kind](files);
} catch (error) {
  hold(false, kind, `${error.stack}\n${last.join("\n")}`);
}
await browser.close();
process.exit(wrong ? 1 : 0);
