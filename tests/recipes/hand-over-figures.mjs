/**
 * Measures what the hand-over recipe saves: its build against the same page with the official SDK
 * alone, in turn in one Chromium, over a simulated network. Prints the tables; `--write` writes
 * them to docs/guide/hand-over.md.
 *
 * node recipes/hand-over-figures.mjs [--quick] [--write]
 */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { APP } from "../bench/contenders.mjs";
import { fresh, openHouse, seedSession, USER } from "../bench/house.mjs";
import { originOf } from "../bench/pages.mjs";
import { inTurn } from "../bench/rounds.mjs";
import { compare, summary } from "../bench/statistics.mjs";
import { pack } from "../support/packed.mjs";
import { prepare } from "./recipe.mjs";

const REPORT = fileURLToPath(new URL("../../docs/guide/hand-over.md", import.meta.url));
const ALONE = { name: "official-alone", label: "official SDK alone" };
const OURS = { name: "hand-over", label: "hand-over" };
const PAGES = [ALONE, OURS];
/** Lighthouse's "slow 4G". */
const LINES = { slow: { roundTripMs: 150, bytesPerSecond: 200_000 }, open: {} };
const FRIEND = { uid: "superhero2", name: "Captain America" };
const WAIT_MS = 60_000;

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

/** The recipe as Vite builds it. */
async function recipe(packed) {
  const folder = await prepare({ packed }, "hand-over");
  const dist = join(folder, "dist");
  const names = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = names.map((entry) => join(entry.parentPath, entry.name));
  return {
    folder,
    files: new Map(
      paths.map((path) => [relative(dist, path).replaceAll("\\", "/"), readFileSync(path)]),
    ),
  };
}

/**
 * The recipe's page with the official SDK alone: the published file (a bundler makes it larger)
 * next to the app's own script, so that both are fetched at once. No socket, and the chat is
 * already loaded.
 */
async function officialAlone(folder) {
  const modules = {
    "cometchat-auth": "export const { CometChat } = globalThis;",
    "./chat.js":
      "export const openChat = async () => globalThis.CometChat;" +
      "export const loaded = () => undefined;",
    "./settings.js": `export const appId = "${APP}";
      export const settings = new CometChat.AppSettingsBuilder()
        .setRegion("us").autoEstablishSocketConnection(false).build();`,
  };
  const { outputFiles } = await build({
    entryPoints: [join(folder, "src/main.js")],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
    define: { "import.meta.env.VITE_AUTH_KEY": '"emulator-auth-key"' },
    plugins: [
      {
        name: "official",
        setup(hooks) {
          hooks.onResolve({ filter: /.*/ }, ({ path }) =>
            path in modules ? { path, namespace: "official" } : undefined,
          );
          hooks.onLoad({ filter: /.*/, namespace: "official" }, ({ path }) => ({
            contents: modules[path],
          }));
        },
      },
    ],
  });
  const html = readFileSync(join(folder, "index.html"), "utf8");
  const script = '<script type="module" src="/src/main.js"></script>';
  if (!html.includes(script))
    throw new Error("the recipe's index.html does not contain the script that is replaced");
  return new Map([
    [
      "index.html",
      Buffer.from(
        html.replace(
          script,
          '<script defer src="/sdk.js"></script><script type="module" src="/main.js"></script>',
        ),
      ),
    ],
    [
      "sdk.js",
      readFileSync(createRequire(import.meta.url).resolve("@cometchat/chat-sdk-javascript")),
    ],
    ["main.js", Buffer.from(outputFiles[0].contents)],
  ]);
}

/**
 * Runs in each page before its scripts: logs in as soon as the form is shown, and records when the
 * name and the chat were painted.
 */
function observe(uid) {
  globalThis.seen = {};
  const note = (what) => {
    if (globalThis.seen[what] !== undefined) return;
    globalThis.seen[what] = null;
    requestAnimationFrame(() => setTimeout(() => (globalThis.seen[what] = performance.now())));
  };
  let submitted = false;
  new MutationObserver(() => {
    const form = document.querySelector("#login");
    // Hidden in the HTML until the app knows the logged-in user.
    if (form && !form.hidden && !submitted) {
      submitted = true;
      form.uid.value = uid;
      form.requestSubmit();
    }
    if (document.querySelector("#user")?.textContent && !document.querySelector("#account").hidden)
      note("user");
    if (/may write/.test(document.querySelector("#chat-status")?.textContent)) note("chat");
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
}

const when = async (page, what) => {
  const handle = await page.waitForFunction((what) => globalThis.seen[what], what, {
    timeout: WAIT_MS,
  });
  return handle.jsonValue();
};

/** Counts the transferred bytes of the page's origin, with headers. */
async function countBytes(page, contender) {
  const cdp = await page.context().newCDPSession(page);
  const own = new Set();
  let bytes = 0;
  cdp.on(
    "Network.requestWillBeSent",
    ({ requestId, request }) => request.url.startsWith(originOf(contender)) && own.add(requestId),
  );
  cdp.on(
    "Network.loadingFinished",
    ({ requestId, encodedDataLength }) => (bytes += own.has(requestId) ? encodedDataLength : 0),
  );
  await cdp.send("Network.enable");
  return () => bytes;
}

/** Time from navigation until the name is shown. Fails if it is another name. */
async function arrive(page, contender) {
  await page.goto(originOf(contender), { waitUntil: "commit" });
  const user = await when(page, "user");
  const name = await page.locator("#user").textContent();
  if (name !== USER.name) throw new Error(`${contender.label} shows ${name}`);
  return user;
}

/** No user is logged in, nothing is cached; then the chat is opened. */
const coldLogin = (house, contender) =>
  fresh(house, async (page) => {
    await page.addInitScript(observe, USER.uid);
    const login = await arrive(page, contender);
    await page.waitForLoadState("networkidle");
    const clicked = await page.evaluate(() => {
      const now = performance.now();
      document.querySelector("#open-chat").click();
      return now;
    });
    return { login, click: (await when(page, "chat")) - clicked };
  });

/** The stored session of a returning user. */
const storedSession = (house, contender) =>
  fresh(house, async (page) => {
    await seedSession(house, page, contender);
    return page.evaluate(() => ({ ...localStorage }));
  });

/**
 * A user is logged in. First visit: nothing cached, no connection. Next page: files cached,
 * connection open.
 */
function warmSession(house, contender, session) {
  return fresh(house, async (page) => {
    // Before the page's scripts, because opening another page would open the connection.
    await page.addInitScript(
      (session) => localStorage.length === 0 && Object.assign(localStorage, session),
      session,
    );
    await page.addInitScript(observe, USER.uid);
    const bytes = await countBytes(page, contender);
    const before = house.site.opened();
    const first = await arrive(page, contender);
    if (house.site.opened() === before)
      throw new Error("the first visit made no connection: it was not cold");
    const shown = bytes();
    await page.evaluate(() => document.querySelector("#open-chat").click());
    await when(page, "chat");
    await page.waitForLoadState("networkidle");
    const opened = bytes();
    const second = await arrive(page, contender);
    return { first, second, shown, opened };
  });
}

async function measure(house, line, rounds, warmUp) {
  const stored = new Map();
  for (const contender of PAGES) stored.set(contender, await storedSession(house, contender));
  for (const end of [house.site, house.service]) end.set(line);
  try {
    const cold = await inTurn(PAGES, rounds, (contender) => coldLogin(house, contender), {
      warmUp,
    });
    const warm = await inTurn(
      PAGES,
      rounds,
      (contender) => warmSession(house, contender, stored.get(contender)),
      { warmUp },
    );
    return { ...cold, ...warm };
  } finally {
    for (const end of [house.site, house.service]) end.set();
  }
}

const number = (value) =>
  value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1);
const cell = (values) => {
  const { median, q1, q3 } = summary(values);
  return q1 === q3 ? number(median) : `${number(median)} (${number(q1)}–${number(q3)})`;
};
const row = (title, series) => {
  const { ratio, q1, q3 } = compare(series[OURS.name], series[ALONE.name]);
  const spread = q1 === q3 ? "" : ` (${q1.toFixed(2)}–${q3.toFixed(2)})`;
  const cells = PAGES.map(({ name }) => cell(series[name])).join(" | ");
  return `| ${title} | ${cells} | ${ratio.toFixed(2)}${spread} |`;
};
const table = (rows) =>
  [
    `| | ${PAGES.map(({ label }) => label).join(" | ")} | hand-over : alone |`,
    "| --- | ---: | ---: | ---: |",
    ...rows,
  ].join("\n");

const bytes = ({ shown, opened }) =>
  table([row("until the name is shown", shown), row("with the chat opened as well", opened)]);

const times = ({ first, second, login, click }) =>
  table([
    row("returning user, nothing cached, no connection: navigation → name, ms", first),
    row("… the next page, files cached, connection open: navigation → name, ms", second),
    row(
      "no user logged in, nothing cached, no connection: navigation → login at once → name, ms",
      login,
    ),
    row("after that, the chat is opened: click → the SDK's first response, ms", click),
  ]);

const began = performance.now();
const idle = loadavg()[0];
const packed = await pack();
const house = await openHouse();
let report;
try {
  await house.control("POST", "seed", { version: 1, apps: [{ id: APP, users: [USER, FRIEND] }] });
  const { folder, files } = await recipe(packed);
  house.pages.serve(OURS, "start", files);
  house.pages.serve(ALONE, "start", await officialAlone(folder));
  const slow = await measure(house, LINES.slow, options.quick ? 1 : 8, !options.quick);
  const open = await measure(house, LINES.open, options.quick ? 2 : 14, true);
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  const browser = `Chromium ${house.browser.version()}`;
  const load = idle.toFixed(1);
  const machine = `${cpus().length} × ${cpus()[0].model.trim()}`;
  report = `# The hand-over: what the first page saves

[The recipe](../../recipes/hand-over/) starts with this package and loads the official SDK when the
user opens the chat. This page compares it with the same page that loads the official SDK at the
start. A visit that opens the chat loads both, and waits for the SDK after the click.

\`\`\`sh
cargo xtask build && cargo build -p cometchat-emulator
cd tests && npm ci && npm ci --prefix bench
node recipes/hand-over-figures.mjs --write
\`\`\`

writes this page. ${browser}, ${machine}, load average ${load} before, ${minutes} minutes.

All variants run in turn in one browser, each run in a new browser profile. A figure is the median,
with the quartiles in brackets. A ratio is that of the medians, with the quartiles of the ratios of
the single rounds.

## Bytes

All transferred bytes of the page's own server, with headers. It serves HTTP/2 over TLS and files
compressed by brotli, so the figures are the same in every run.

${bytes(open)}

## Time, 1.6 Mbit/s and 150 ms per round trip

${times(slow)}

## Time, without a simulated network

${times(open)}

The end of each time is the frame that shows the user's name. The login uses the auth key and starts
when the form is shown. The service is the emulator, with the same simulated network as the page.

*Official SDK alone* has the best conditions: the file from npm, which is smaller than the output of
a bundler, loaded in parallel with the app's script. It opens no socket, and its chat is loaded
before the click. After the hand-over no login is sent again; the test of the recipe checks every
request.
`;
} finally {
  await house.close();
  packed.remove();
}
console.log(report);
if (idle > availableParallelism() / 2)
  console.error(
    `The machine was busy (load ${idle.toFixed(1)}): times vary, and ratios with them.`,
  );
if (options.write && !options.quick) writeFileSync(REPORT, report);
