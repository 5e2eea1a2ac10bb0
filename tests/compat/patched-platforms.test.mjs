/**
 * The package on platforms that the page has changed: built-in objects replaced, removed or frozen,
 * `Object.prototype` polluted, hostile arguments, libraries that extend built-in objects, `fetch`
 * wrapped. Every public call settles with the right outcome, and no request goes to a host that the
 * app did not name.
 *
 * Where a built-in function is broken that the package needs, a call may reject with a code. In all
 * other cells each outcome is exactly that of an unchanged platform. `CELLS=all` tries every cell;
 * without it the largest group is sampled, another part at each of its functions. `CELL=text` tries
 * only the cells with that text in their names.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launchBrowser } from "../support/browser.mjs";
import { bundle, packageFolder } from "../support/package.mjs";

/**
 * The largest group, of which every eleventh cell is tried: a number without a common factor with
 * that of kinds.
 */
const SAMPLED = "built-in objects replaced";
const STEP = process.env.CELLS === "all" ? 1 : 11;
/** Only cells with this in their names. */
const ONLY = process.env.CELL ?? "";
/** How many cells run side by side in a page. */
const SIDE = 6;
/** A page in which no cell begins or ends for so long may be blocked. */
const QUIET_MS = 25_000;
/** Longer than a cell takes in which the watchdog ends calls. */
const QUIET_ALONE_MS = 60_000;

const GROUPS = [
  SAMPLED,
  "built-in objects frozen",
  "Object.prototype polluted",
  "toJSON of built-in objects",
  "arguments that are proxies or have getters",
  "libraries loaded",
  "fetch wrapped",
];

let browser;
let runner;
const texts = {
  code: readFileSync(join(packageFolder(), "cometchat-auth.global.js"), "utf8"),
  zone: readFileSync(
    join(
      createRequire(import.meta.url).resolve("zone.js/package.json"),
      "../bundles/zone.umd.min.js",
    ),
    "utf8",
  ),
};

before(async () => {
  browser = await launchBrowser();
  const made = await bundle({
    runner:
      `import * as matrix from "./support/patched/matrix.js"; ` +
      "Object.assign(window, { matrix });",
  });
  runner = made.get("/runner.js");
});
after(() => browser?.close());

/** A page with an origin, and a network that holds nothing else. */
async function openRunner() {
  const context = await browser.newContext();
  const strays = [];
  await context.route("**/*", (route) => {
    const url = route.request().url();
    if (url === "https://cells.test/") {
      return route.fulfill({ contentType: "text/html", body: "<!doctype html><body>cells" });
    }
    strays.push(url);
    return route.abort();
  });
  const page = await context.newPage();
  await page.goto("https://cells.test/");
  await page.addScriptTag({ content: runner, type: "module" });
  await page.waitForFunction(() => window.matrix !== undefined);
  return { page, strays, close: () => context.close() };
}

/** Tries cells in one page. Cells without a report of their end are left over. */
async function tryIn(group, names, side, quietMs) {
  const { page, strays, close } = await openRunner();
  const began = new Set();
  const ended = new Map();
  let lastReport = Date.now();
  page.on("console", (message) => {
    const [mark, text] = [message.text().slice(0, 5), message.text().slice(5)];
    if (mark !== "cell:") return;
    lastReport = Date.now();
    const report = JSON.parse(text);
    if (report.began !== undefined) began.add(report.began);
    else ended.set(report.ended, report);
  });
  try {
    const work = page
      .evaluate(
        ([texts, group, names, side]) =>
          window.matrix.tryCells(texts, group, names, side, (message) =>
            console.log(`cell:${JSON.stringify(message)}`),
          ),
        [texts, group, names, side],
      )
      .then(() => true);
    let done = false;
    while (!done && Date.now() - lastReport < quietMs) {
      const pause = new Promise((resolve) => setTimeout(resolve, 100, false));
      done = await Promise.race([work, pause]);
    }
    work.catch(() => undefined);
  } finally {
    await close();
  }
  return { began: [...began].filter((name) => !ended.has(name)), ended, strays };
}

/**
 * Tries cells, in as many pages as it takes: of those that were under way when a page was blocked,
 * each gets a page of its own.
 */
async function tryAll(group, names) {
  const results = new Map();
  const strays = [];
  let waiting = names;
  while (waiting.length > 0) {
    const tried = await tryIn(group, waiting, SIDE, QUIET_MS);
    strays.push(...tried.strays);
    for (const [name, result] of tried.ended) results.set(name, result);
    for (const name of tried.began) {
      const alone = await tryIn(group, [name], 1, QUIET_ALONE_MS);
      strays.push(...alone.strays);
      const blocked = { ended: name, faults: ["blocked the thread of the page"], rejected: 0 };
      results.set(name, alone.ended.get(name) ?? blocked);
    }
    if (tried.began.length === 0 && tried.ended.size === 0) throw new Error("no cell began");
    waiting = waiting.filter((name) => !results.has(name));
  }
  return { results: [...results.values()], strays };
}

let total = 0;
after(() => console.log(`${total} cells tried`));

for (const group of GROUPS) {
  test(`b1 ${group}: every call settles with the right outcome`, { timeout: 900_000 }, async () => {
    const { page, close } = await openRunner();
    const all = await page.evaluate(
      ([texts, group]) => window.matrix.namesOf(texts, group),
      [texts, group],
    );
    await close();
    const step = group === SAMPLED ? STEP : 1;
    const names = all.filter((name, index) => index % step === 0 && name.includes(ONLY));
    const { results, strays } = await tryAll(group, names);
    total += results.length;
    const failed = results.filter(({ faults }) => faults.length > 0);
    const rejecting = results.filter(({ rejected }) => rejected > 0).length;
    console.log(
      `${group}: ${results.length} of ${all.length} cells, ${failed.length} failed, ` +
        `${rejecting} with a call that rejects`,
    );
    assert.equal(new Set(all).size, all.length, "each cell has a name of its own");
    const lines = failed.map(({ ended, faults }) => `${ended}: ${faults.join("; ")}`);
    assert.equal(failed.length, 0, `${failed.length} cells failed:\n${lines.sort().join("\n")}`);
    assert.deepEqual(strays, [], "no request leaves the page");
  });
}
