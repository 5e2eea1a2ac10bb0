/**
 * The package as npm packs it, installed into apps of many kinds. Each app logs in against the
 * emulator and shows the user's name.
 *
 * node --test apps/apps.test.mjs                                the apps that take seconds
 * CCA_MATRIX=1 node --test apps/apps.test.mjs                   all of them; writes
 * docs/reference/bundlers.md node --test --test-name-pattern vite apps/apps.test.mjs       one
 *
 * CCA_PKG, CCA_EMULATOR_BIN and CHROMIUM say where things are. `cargo xtask test` sets them.
 */
import assert from "node:assert/strict";
import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launchBrowser } from "../support/browser.mjs";
import { startChild } from "../support/child.mjs";
import { startEmulator } from "../support/emulator.mjs";
import { packageFolder } from "../support/package.mjs";
import { install, pack, run } from "../support/packed.mjs";
import { freePort } from "../support/page-server.mjs";
import { wrapProse } from "../support/prose.mjs";
import { serve } from "../support/static-server.mjs";
import { APPS } from "./apps.mjs";

const HERE = fileURLToPath(new URL("./", import.meta.url));
const REPORT = fileURLToPath(new URL("../../docs/reference/bundlers.md", import.meta.url));
const NAME = "Iron Man";
const PAGE_MS = 30_000;
/** Test runners start several processes. */
const COMMAND_MS = 120_000;

/** A path with a `*` in it, for the one folder that is there. */
function only(path, cwd) {
  const [before, after] = path.split("*");
  if (after === undefined) {
    return path;
  }
  const found = readdirSync(join(cwd, before))
    .map((name) => join(cwd, before, name + after))
    .find((candidate) => existsSync(candidate));
  if (found === undefined) {
    throw new Error(`${path} is not there: npm brings nothing for this platform`);
  }
  return found;
}

/** The app's own server. */
async function start(app, folder) {
  const port = await freePort();
  const [program, ...args] = app.server(port);
  const child = await startChild({
    name: app.title,
    command: process.execPath,
    args: [join("node_modules", program), ...args],
    cwd: folder,
    env: { ...app.env, PORT: String(port), NO_COLOR: "1", FORCE_COLOR: undefined },
    ready: (stdout) => (app.ready.test(stdout) ? true : undefined),
    timeoutMs: 60_000,
  });
  return { url: `http://127.0.0.1:${port}/`, stop: child.stop };
}

/**
 * Opens a page, waits for the name, and looks at what was loaded for it.
 *
 * @param {string} inlined a piece of the WebAssembly as JavaScript carries it
 */
async function visit(browser, address, { how, text = {}, scripts }, inlined) {
  const context = await browser.newContext();
  const faults = [];
  const replies = [];
  try {
    const page = await context.newPage();
    context.on("weberror", (error) => faults.push(`uncaught: ${error.error()}`));
    page.on(
      "console",
      (message) =>
        message.type() === "error" &&
        !(how === "falls back" && message.text().includes("404")) &&
        faults.push(`console: ${message.text()}`),
    );
    page.on("response", (response) => replies.push(response));
    await page.goto(address, { waitUntil: "commit" });
    const shown = await page
      .waitForFunction((name) => document.querySelector("#user")?.textContent === name, NAME, {
        timeout: PAGE_MS,
        polling: 50,
      })
      .then(
        () => undefined,
        async () =>
          `${address} does not show ${NAME} but ` +
          `${JSON.stringify(await page.locator("body").innerText())}`,
      );
    if (shown !== undefined || faults.length > 0) {
      throw new Error([shown, ...faults].filter(Boolean).join("; "));
    }
    for (const [selector, expected] of Object.entries(text)) {
      const found = await page.locator(selector).textContent();
      if (found !== expected) {
        throw new Error(
          `${selector} reads ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`,
        );
      }
    }
    const loaded = replies.filter((reply) => reply.request().resourceType() === "script");
    if (scripts !== undefined && loaded.length !== scripts) {
      throw new Error(`${loaded.length} scripts were loaded where ${scripts} should do`);
    }
    const bodies = await Promise.all(loaded.map((reply) => reply.text()));
    const files = replies.filter((reply) => /\.wasm(\?|$)/.test(reply.url()));
    const inside = loaded
      .filter((_, index) => bodies[index].includes(inlined))
      .map((reply) => reply.url());
    // The apps whose JavaScript brings it mark the moment before their first call.
    const before = await page.evaluate((urls) => {
      const [init] = performance.getEntriesByName("init");
      return performance
        .getEntriesByType("resource")
        .some(({ name, responseEnd }) => urls.includes(name) && responseEnd <= init?.startTime);
    }, inside);
    const asJavaScript = inside.length > 0;
    const onPage = how !== "works";
    const found =
      files.length > 0
        ? asJavaScript
          ? "falls back"
          : "streams"
        : before && inside.length === 1
          ? "at once"
          : "later";
    const typed = files.every((reply) => reply.headers()["content-type"] === "application/wasm");
    const asExpected =
      found === how && !(found === "later" && !asJavaScript) && !(found === "streams" && !typed);
    if (onPage ? !asExpected : asJavaScript || files.length > 0) {
      throw new Error(
        `${address}: the WebAssembly ${found}${typed ? "" : ", with another MIME type"}; it ` +
          `should be: ${how} (${files.map((reply) => reply.url())})`,
      );
    }
    // And once more: the session is there, nothing is sent to log in.
    const sent = [];
    page.on("request", (request) => /\/v3\.0\//.test(request.url()) && sent.push(request.url()));
    await page.reload({ waitUntil: "commit" });
    await page.waitForFunction(
      (name) => document.querySelector("#user")?.textContent === name,
      NAME,
      { timeout: PAGE_MS, polling: 50 },
    );
    if (sent.length > 0 || faults.length > 0) {
      throw new Error(
        `after a reload: ${[...faults, ...sent.map((url) => `asked for ${url}`)].join("; ")}`,
      );
    }
  } finally {
    await context.close();
  }
}

/** One row of the table; throws with what did not hold. */
async function check(app, { packed, emulator, browser, inlined }) {
  const folder = join(HERE, app.folder);
  const began = performance.now();
  await install(folder, packed);
  if (app.tools !== undefined) {
    await install(join(HERE, app.tools));
  }
  const installed = performance.now();
  for (const [program, ...args] of app.build ?? []) {
    await run(process.execPath, [join("node_modules", program), ...args], {
      cwd: folder,
      env: app.env,
    });
  }
  if (app.public !== undefined) {
    cpSync(join(folder, app.public), join(folder, app.static), { recursive: true });
  }
  for (const { command, how, env, says = /^ok$/m } of app.commands ?? []) {
    const [program, ...args] = command.map((part) => (part === "URL" ? emulator.url : part));
    const said = await run(only(program, folder), args, {
      cwd: folder,
      env: { EMULATOR_URL: emulator.url, ...env },
      timeoutMs: COMMAND_MS,
    });
    if (!says.test(said) || said.includes("is loaded instead") !== (how === "falls back")) {
      throw new Error(`${command.join(" ")} should say ${says} (${how}); it said\n${said}`);
    }
  }
  if (app.pages !== undefined) {
    const server =
      app.static === undefined ? await start(app, folder) : await serve(join(folder, app.static));
    try {
      for (const [index, [path, how]] of Object.entries(app.pages).entries()) {
        const first = index === 0 ? { text: app.text, scripts: app.scripts } : {};
        await visit(
          browser,
          `${server.url}${path}?emulator=${encodeURIComponent(emulator.url)}`,
          { how, ...first },
          inlined,
        );
      }
      for (const [path, { text, headers = {} }] of Object.entries(app.replies ?? {})) {
        const reply = await fetch(server.url + path);
        const found = { text: await reply.text(), headers: {} };
        for (const name of Object.keys(headers)) found.headers[name] = reply.headers.get(name);
        assert.deepEqual(found, { text, headers }, path);
      }
    } finally {
      await server.stop();
    }
  }
  return { install: (installed - began) / 1000, rest: (performance.now() - installed) / 1000 };
}

/** The versions that are installed, as the table names them. */
function versions(app) {
  if (app.name === "node") {
    return process.versions.node;
  }
  const folder = join(HERE, app.tools ?? app.folder, "node_modules");
  const of = (name) => JSON.parse(readFileSync(join(folder, name, "package.json"), "utf8")).version;
  return app.versions
    .map((name) => (app.versions.length > 1 ? `${name} ${of(name)}` : of(name)))
    .join(", ");
}

/** The entries as the table names them, in the order of the apps' pages and commands. */
const ENTRIES = ["cometchat-auth", "cometchat-auth/wasm-url", "cometchat-auth/lazy"];

const entry = (app, index) => {
  if (app.commands?.some(({ env }) => env?.ENTRY !== undefined)) {
    return app.commands.find(({ env }) => env.ENTRY === ENTRIES[index])?.how ?? "–";
  }
  // One command that tries them all.
  if (app.commands?.length === 1) return app.commands[0].how;
  const ways = app.commands?.map(({ how }) => how) ?? Object.values(app.pages);
  return ways[index] ?? "–";
};

function table(rows) {
  return [
    ["", "versions", ...ENTRIES.map((name) => `\`${name}\``), "seconds"],
    ["---", "---", ...ENTRIES.map(() => "---"), "---:"],
    ...rows.map(({ app, seconds }) => [
      app.title,
      versions(app),
      ...ENTRIES.map((_, index) => entry(app, index)),
      seconds.rest.toFixed(1),
    ]),
  ]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

const report = (rows) =>
  wrapProse(`# Where the package works

Written by \`cargo xtask test --only package --matrix\`, which fails if one of these does not work.
Each app in [\`tests/apps/\`](../../tests/apps/) installs the package as npm packs it, is built as
its tool's guide says with nothing configured for the package, and in Chromium logs in against the
emulator, shows the user's name, and shows it again after a reload without logging in. The
command-line runtimes make every call. The seconds are for build, start and login together, without
the installation, on the machine that wrote this; they are for comparing rows with each other.

${table(rows)}

*at once*: the WebAssembly is in JavaScript that had come before the first call, and no second copy
is loaded. *later*: it is in JavaScript that the first call asks for. *streams*: the \`.wasm\` file
is requested by itself and compiled while it arrives. *falls back*: the tool leaves 
\`new URL("./cometchat_auth.wasm", import.meta.url)\` as it is and copies no file, or the runtime does not
fetch files; the package says so in the console and loads the copy inside JavaScript instead. Next
is tested with a server component that imports the package, and with \`cometchat-auth/react\` in
StrictMode.

## Test runners

Vitest needs no configuration, and the session is in the \`localStorage\` of its jsdom or happy-dom
environment.

Jest runs CommonJS, so it has to transform this package, which consists of ES modules, with Babel
(\`@babel/preset-env\`):

\`\`\`js
// jest.config.mjs
export default { transformIgnorePatterns: ["/node_modules/(?!cometchat-auth/)"] };
\`\`\`

Jest's jsdom environment has no \`fetch\`, and without it every request rejects with
\`FAILED_TO_FETCH\`. Add \`fetch\`, \`Headers\`, \`Request\`, \`Response\`, \`TextDecoder\` and
\`TextEncoder\` of Node to it ([an environment that
does](../../tests/apps/jest/environments/jsdom-with-fetch.mjs)), or use the node environment.

## Workers and the edge

In a service worker use the entry \`cometchat-auth\`. \`cometchat-auth/lazy\` and
\`cometchat-auth/wasm-url\` load a file with \`import()\`, which service workers do not allow. A
worker has no localStorage, so its session lives in memory. Edge runtimes, such as Next's, compile
no WebAssembly at run time: the package can be imported there, and its calls reject with
\`WEBASSEMBLY_UNAVAILABLE\`. Log in on the page instead.

Whole programs to start from are in [\`recipes/\`](../../recipes/).
`);

const matrix = process.env.CCA_MATRIX !== undefined;
const apps = APPS.filter((app) => matrix || app.fast);

const rows = [];
let packed;
let emulator;
let browser;
let inlined;
before(async () => {
  packed = await pack();
  [, inlined] = /"([^"]{256})[^"]{4096,}"/.exec(
    readFileSync(join(packageFolder(), "core.js"), "utf8"),
  );
  emulator = await startEmulator();
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await emulator?.stop();
  packed?.remove();
  if (matrix && rows.length === APPS.length) writeFileSync(REPORT, report(rows));
});

for (const app of apps) {
  test(`${app.name}: the app logs in`, async (context) => {
    const seconds = await check(app, { packed, emulator, browser, inlined });
    rows.push({ app, seconds });
    context.diagnostic(
      `${versions(app)}: installed in ${seconds.install.toFixed(1)} s, the rest ` +
        `${seconds.rest.toFixed(1)} s`,
    );
  });
}
