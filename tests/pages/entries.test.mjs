/**
 * The entries of the package: the main entry, `./lazy`, `./wasm-url`, and the script build. The
 * published files are served without a bundler.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { htmlWith, labSuite, trapsOnDemand, until } from "../support/lab.mjs";
import { packageFolder } from "../support/package.mjs";

const lab = labSuite();
const HOSTS =
  "https://emulator-app.api-us.cometchat.io https://emulator-app.apiclient-us.cometchat.io";
const WASM = "/package/cometchat_auth.wasm";
const WASM_FILE = {
  type: "application/wasm",
  body: readFileSync(join(packageFolder(), "cometchat_auth.wasm")),
};
const WARNING = /cometchat_auth\.wasm could not be used/;

/** Opens a page with a module and the package's files; `files` are the requested ones. */
async function open(
  given,
  module,
  {
    head = `<script type="module" src="/page.js"></script>`,
    csp,
    wasm = { type: "application/wasm" },
  } = {},
) {
  for (const name of readdirSync(packageFolder())) {
    const type = name.endsWith(".js") ? "text/javascript" : "application/octet-stream";
    given.serve(`/package/${name}`, { type, body: readFileSync(join(packageFolder(), name)) });
  }
  given.serve(WASM, { body: readFileSync(join(packageFolder(), "cometchat_auth.wasm")), ...wasm });
  given.serve("/page.js", { type: "text/javascript", body: module });
  given.serve("/favicon.ico", { body: "" });
  given.serve("/page", {
    body: htmlWith(head),
    headers: csp && { "Content-Security-Policy": csp },
  });
  const page = await given.open("/empty");
  const files = [];
  page.on(
    "response",
    (response) =>
      response.url().includes("/package/") &&
      files.push(new URL(response.url()).pathname.slice("/package/".length)),
  );
  await page.goto(`${given.origin}/page`);
  const said = (pattern) => given.console.filter((message) => pattern.test(message.text())).length;
  return { page, files, said };
}

const STREAMED =
  'import * as exported from "/package/wasm-url.js";' +
  "Object.assign(window, { exported, CometChat: exported.CometChat });";
const LOGIN = `lab.init()
  .then(() => CometChat.login("superhero1", "emulator-auth-key"))
  .then((user) => user.getName())`;
/** The file that contains the WebAssembly as text. It is loaded if nothing was streamed. */
const INLINE = "core.js";
const SCRIPT_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";
const TRUSTED_TYPES = "require-trusted-types-for 'script'";
/** The policy of the entries that request nothing from their own origin. */
const CSP = `${SCRIPT_POLICY}; connect-src ${HOSTS}; ${TRUSTED_TYPES}`;

lab.test(
  "b28 ./wasm-url streams under a strict policy that allows requests to its own origin",
  async (given) => {
    const csp = `${SCRIPT_POLICY}; connect-src 'self' ${HOSTS}; ${TRUSTED_TYPES}`;
    const { page, files, said } = await open(given, STREAMED, { csp });
    assert.deepEqual(files, ["wasm-url.js", "facade.js"], "importing loads nothing more");
    await page.evaluate(
      `const { compileStreaming } = WebAssembly;
      window.streams = 0;
      WebAssembly.compileStreaming = (...args) => (streams++, compileStreaming(...args));`,
    );
    assert.equal(await page.evaluate(LOGIN), "Iron Man");
    assert.deepEqual(files.slice(2).sort(), ["cometchat_auth.wasm", "stream.js"]);
    assert.equal(await page.evaluate("streams"), 1);
    assert.equal(said(/Content Security Policy|cometchat_auth\.wasm/), 0);
  },
);

lab.test("./wasm-url accepts every MIME type of the file", async (given) => {
  const { page, files, said } = await open(given, STREAMED, {
    wasm: { type: "application/octet-stream" },
  });
  assert.equal(await page.evaluate(LOGIN), "Iron Man");
  assert.ok(files.includes("cometchat_auth.wasm") && !files.includes(INLINE), String(files));
  assert.equal(said(WARNING), 0);
});

for (const [what, options] of [
  ["is not there", { wasm: { status: 404, body: "" } }],
  [
    "is a page in truth, as servers of single-page apps answer",
    { wasm: { type: "text/html", body: "<!doctype html>" } },
  ],
  [
    "has the MIME type of WebAssembly and other content",
    { wasm: { type: "application/wasm", body: "<!doctype html>" } },
  ],
  ["may not be asked for", { csp: `script-src 'self' 'wasm-unsafe-eval'; connect-src ${HOSTS}` }],
]) {
  lab.test(
    `./wasm-url loads the copy inside JavaScript if the file ${what}, with one warning`,
    async (given) => {
      const { page, files, said } = await open(given, STREAMED, options);
      assert.equal(await page.evaluate(LOGIN), "Iron Man");
      assert.equal(await page.evaluate("CometChat.logout().then(({ success }) => success)"), true);
      assert.ok(files.includes(INLINE), String(files));
      assert.equal(said(WARNING), 1);
    },
  );
}

lab.test(
  "b1 ./wasm-url: calls reject if nothing can be loaded, and work as soon as it can",
  async (given) => {
    const { page } = await open(given, STREAMED, { wasm: { status: 500, body: "" } });
    given.serve("/package/stream.js", { status: 500, body: "" });
    given.serve("/package/core.js", { status: 500, body: "" });
    const { error } = await page.evaluate("lab.outcome(lab.init())");
    assert.deepEqual(
      [error.code, error.isException, error.retryable],
      ["INTERNAL_ERROR", true, true],
    );
    given.serve(WASM, {
      type: "application/wasm",
      body: readFileSync(join(packageFolder(), "cometchat_auth.wasm")),
    });
    given.serve("/package/stream.js", {
      type: "text/javascript",
      body: readFileSync(join(packageFolder(), "stream.js")),
    });
    given.serve("/package/core.js", {
      type: "text/javascript",
      body: readFileSync(join(packageFolder(), "core.js")),
    });
    // By the HTML standard a module that failed is not loaded again by the same page.
    await page.reload();
    assert.equal(await page.evaluate(LOGIN), "Iron Man");
  },
);

for (const [what, script] of [
  ["the file is not there", ""],
  ["fetch rejects", "window.fetch = () => Promise.reject(new Error('mine'))"],
  ["fetch throws", "window.fetch = () => { throw new Error('mine') }"],
  ["there is no URL of the file", "window.URL = function () { throw new TypeError('mine') }"],
]) {
  lab.test(
    `b1 ./wasm-url: if ${what} and the copy fails, calls reject, and the same page uses the file later`,
    async (given) => {
      const { page, files } = await open(given, STREAMED, { wasm: { status: 404, body: "" } });
      given.serve("/package/core.js", { status: 500, body: "" });
      await page.evaluate(`window.native = { fetch, URL }; ${script}`);
      const { error } = await page.evaluate("lab.outcome(lab.init())");
      assert.deepEqual([error.code, error.retryable], ["INTERNAL_ERROR", true]);
      const earlier = files.length;
      const body = readFileSync(join(packageFolder(), "cometchat_auth.wasm"));
      given.serve(WASM, { type: "application/wasm", body });
      await page.evaluate("Object.assign(window, native)");
      assert.equal(await page.evaluate(LOGIN), "Iron Man");
      assert.ok(files.slice(earlier).includes("cometchat_auth.wasm"), String(files));
    },
  );
}

/** A response that hangs until `release` is called. */
function hanging(response) {
  let release;
  const until = new Promise((resolve) => (release = resolve));
  return { response: { ...WASM_FILE, ...response, until }, release };
}

/** Opens a page whose clock stands still. */
async function openPaused(given, wasm, script = "") {
  await given.ownContext();
  const opened = await open(given, STREAMED, { wasm });
  await opened.page.evaluate(script);
  await opened.page.clock.install();
  await opened.page.clock.pauseAt(Date.now() + 60_000);
  return opened;
}

const NO_ABORT = "delete window.AbortController";
const FOREIGN_ABORT = "window.AbortController = class { signal = new EventTarget(); abort() {} }";

for (const [what, early, script, aborts] of [
  ["does not begin to arrive", 0, "", true],
  ["does not arrive to its end", 1000, "", true],
  ["does not arrive and there is no AbortController", 0, NO_ABORT, false],
  ["does not arrive and fetch refuses the signal", 0, FOREIGN_ABORT, false],
  ["does not arrive to its end and fetch refuses the signal", 1000, FOREIGN_ABORT, false],
]) {
  lab.test(
    `b1 ./wasm-url loads the copy inside JavaScript after 10 s if the file ${what}`,
    async (given) => {
      const { response, release } = hanging({ early });
      const { page, files, said } = await openPaused(given, response, script);
      const failed = [];
      page.on("requestfailed", (request) => failed.push(new URL(request.url()).pathname));
      const requested = page.waitForRequest((request) => request.url().endsWith(WASM));
      await page.evaluate(`void (window.login = lab.outcome(${LOGIN}))`);
      await requested;
      await page.clock.runFor(9_999);
      // Waits for the warning that a shorter limit would have caused.
      await page.evaluate("0");
      assert.equal(said(WARNING), 0, "it waits for 10 s");
      await page.clock.runFor(1);
      await until("the copy inside JavaScript is requested", () => files.includes(INLINE));
      assert.deepEqual(await page.evaluate("login"), { value: "Iron Man" });
      assert.equal(said(WARNING), 1);
      assert.deepEqual(failed, aborts ? [WASM] : []);
      // A response that arrives later changes nothing.
      release();
      if (!aborts) await until("the file arrives", () => files.includes("cometchat_auth.wasm"));
      assert.equal(
        await page.evaluate("CometChat.getUser('superhero2').then((user) => user.getUid())"),
        "superhero2",
      );
    },
  );
}

lab.test(
  "b1 ./wasm-url: a file that arrives after a later call has loaded another one changes nothing",
  async (given) => {
    const { response, release } = hanging();
    const { page, files } = await openPaused(given, response, NO_ABORT);
    given.serve("/package/core.js", { status: 500, body: "" });
    const requested = page.waitForRequest((request) => request.url().endsWith(WASM));
    await page.evaluate("void (window.ready = lab.outcome(lab.init()))");
    await requested;
    await page.clock.runFor(10_000);
    assert.equal((await page.evaluate("ready")).error.code, "INTERNAL_ERROR");
    given.serve(WASM, WASM_FILE);
    assert.equal(await page.evaluate(LOGIN), "Iron Man");
    const arrived = () => files.filter((name) => name === "cometchat_auth.wasm").length;
    assert.equal(arrived(), 1);
    release();
    await until("the first file arrives", () => arrived() === 2);
    // Time to compile it.
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(await page.evaluate("CometChat.getAppId()"), "emulator-app");
    assert.equal(
      await page.evaluate("CometChat.getLoggedinUser().then((user) => user.getName())"),
      "Iron Man",
    );
  },
);

for (const [what, script] of [
  ["there is no AbortController", NO_ABORT],
  ["fetch refuses the signal", FOREIGN_ABORT],
  ["there is no Request", "delete window.Request"],
  [
    "the signal cannot be read",
    "window.AbortController = class { get signal() { throw new Error('mine') } abort() {} }",
  ],
  ["Object.prototype has the name of an option of fetch", "Object.prototype.method = 'POST'"],
]) {
  lab.test(`b1 ./wasm-url streams the file with one request if ${what}`, async (given) => {
    const { page, files, said } = await open(given, STREAMED);
    await page.evaluate(script);
    const requested = page.waitForRequest((request) => request.url().endsWith(WASM));
    assert.equal(await page.evaluate(LOGIN), "Iron Man");
    assert.equal((await requested).method(), "GET");
    assert.deepEqual(files.slice(2).sort(), ["cometchat_auth.wasm", "stream.js"]);
    assert.equal(said(WARNING), 0);
  });
}

for (const [what, served] of [
  ["was used", true],
  ["could not be used", false],
]) {
  test(`b1 ./wasm-url leaves no timer that keeps Node running if the file ${what}`, () => {
    const { href } = pathToFileURL(join(packageFolder(), "wasm-url.js"));
    // Node's own `fetch` requests no files.
    const script = `
      import { readFileSync } from "node:fs";
      const headers = { "Content-Type": "application/wasm" };
      if (${served}) globalThis.fetch = async (url) => new Response(readFileSync(url), { headers });
      const { CometChat } = await import(${JSON.stringify(href)});
      await CometChat.init("app", { region: "us" });
      console.log(process.getActiveResourcesInfo().filter((name) => name === "Timeout").length);
    `;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
    });
    assert.equal(stdout, "0\n", stderr);
    assert.equal(WARNING.test(stderr), !served, stderr);
  });
}

lab.test(
  "b1 ./wasm-url keeps the copy inside JavaScript after a trap: one request, one warning",
  async (given) => {
    await (await given.ownContext()).addInitScript(trapsOnDemand);
    const { page, files, said } = await open(given, STREAMED, { wasm: { status: 404, body: "" } });
    assert.equal(await page.evaluate(LOGIN), "Iron Man");
    await page.evaluate("window.trap = true");
    const { error } = await page.evaluate("lab.outcome(CometChat.getUser('superhero2'))");
    assert.equal(error.code, "INTERNAL_ERROR");
    assert.equal(
      await page.evaluate("CometChat.getLoggedinUser().then((user) => user.getName())"),
      "Iron Man",
    );
    assert.equal(files.filter((name) => name === "cometchat_auth.wasm").length, 1);
    assert.equal(said(WARNING), 1);
  },
);

const MAIN = STREAMED.replace("wasm-url", "index");

lab.test(
  "b28 the main entry works under a strict policy, and loads nothing after its import",
  async (given) => {
    const csp = CSP;
    const { page, files, said } = await open(given, MAIN, { csp });
    const all = ["core.js", "facade.js", "index.js"];
    assert.deepEqual(files.toSorted(), all);
    assert.equal(await page.evaluate(LOGIN), "Iron Man");
    assert.deepEqual(files.toSorted(), all);
    assert.equal(said(/Content Security Policy/), 0);
  },
);

lab.test("the main entry compiles nothing before the first call", async (given) => {
  const count = `window.modules = 0;
    WebAssembly.Module = new Proxy(WebAssembly.Module, {
      construct: (...args) => (modules++, Reflect.construct(...args)),
    });`;
  given.serve("/count.js", { type: "text/javascript", body: count });
  const { page } = await open(given, MAIN, {
    head: '<script src="/count.js"></script><script type="module" src="/page.js"></script>',
  });
  assert.equal(await page.evaluate("CometChat.getAppId()"), null);
  assert.equal(await page.evaluate("modules"), 0);
  await page.evaluate(LOGIN);
  assert.equal(await page.evaluate("modules"), 2, "the reader of the text, and the core");
});

lab.test(
  "b28 ./lazy works under a strict policy, and loads the WebAssembly with the first call",
  async (given) => {
    const csp = CSP;
    const { page, files, said } = await open(given, STREAMED.replace("wasm-url", "lazy"), { csp });
    assert.equal(await page.evaluate("CometChat.getAppId()"), null);
    assert.deepEqual(files, ["lazy.js", "facade.js"]);
    assert.equal(await page.evaluate(LOGIN), "Iron Man");
    assert.deepEqual(files, ["lazy.js", "facade.js", INLINE]);
    assert.equal(said(/Content Security Policy/), 0);
  },
);

for (const order of [
  ["index", "lazy"],
  ["index", "wasm-url"],
  ["wasm-url", "index"],
]) {
  lab.test(`./${order.join(" and ./")} on one page share classes and session`, async (given) => {
    const both = order
      .map((entry, at) => `import * as entry${at} from "/package/${entry}.js";`)
      .join(" ");
    const { page, files } = await open(
      given,
      `${both}
      Object.assign(window, { main: entry0, exported: entry1, CometChat: entry0.CometChat });`,
    );
    assert.equal(
      await page.evaluate("main.CometChat === exported.CometChat && main.User === exported.User"),
      true,
    );
    await page.evaluate(LOGIN);
    assert.equal(
      await page.evaluate(
        `exported.CometChat.getLoggedinUser()
          .then((user) => user instanceof main.User && user.getName())`,
      ),
      "Iron Man",
    );
    const more = order.includes("wasm-url") ? ["cometchat_auth.wasm", "stream.js"] : [];
    assert.deepEqual(
      files.toSorted(),
      ["core.js", "facade.js", ...order.map((entry) => `${entry}.js`), ...more].sort(),
      "the other entry decides where the WebAssembly comes from",
    );
  });
}

lab.test(
  "b28 the script build works under a strict policy: one file, one global with all exports",
  async (given) => {
    const csp = CSP;
    const head = ["/globals.js", "/package/cometchat-auth.global.js", "/after.js"]
      .map((path) => `<script src="${path}"></script>`)
      .join("");
    given.serve("/globals.js", {
      type: "text/javascript",
      body: "window.before = new Set(Object.getOwnPropertyNames(window));",
    });
    given.serve("/after.js", {
      type: "text/javascript",
      body: `const own = ["before", "CometChat"];
        window.added = Object.getOwnPropertyNames(window)
          .filter((name) => !before.has(name) && !own.includes(name));
        var CometChat = CometChatAuth.CometChat;`,
    });
    const { page, files, said } = await open(given, "", { csp, head });
    assert.deepEqual(await page.evaluate("added"), ["CometChatAuth"]);
    assert.equal(await page.evaluate(LOGIN), "Iron Man");
    assert.deepEqual(files, ["cometchat-auth.global.js"]);
    assert.equal(said(/Content Security Policy/), 0);
    const exported = await page.evaluate("Object.keys(CometChatAuth).sort()");
    const main = await page.evaluate("import('/package/index.js').then(Object.keys)");
    // These two are for the other entries only.
    assert.deepEqual(
      exported,
      main.filter((name) => !["loadWith", "observe"].includes(name)).sort(),
    );
  },
);

for (const [what, script] of [
  ["a text", 'Object.prototype.theme = "x"'],
  ["a function", "Object.prototype.extend = function () {}"],
  ["a name of property descriptors", "Object.prototype.value = 1"],
]) {
  lab.test(
    `b1 the script build works on a page that adds ${what} to Object.prototype`,
    async (given) => {
      given.serve("/patch.js", { type: "text/javascript", body: script });
      given.serve("/after.js", {
        type: "text/javascript",
        body: "var CometChat = CometChatAuth.CometChat;",
      });
      const scripts = ["/patch.js", "/package/cometchat-auth.global.js", "/after.js"];
      const head = scripts.map((src) => `<script src="${src}"></script>`).join("");
      const { page } = await open(given, "", { head });
      assert.equal(await page.evaluate(LOGIN), "Iron Man");
      const exported = await page.evaluate("Object.keys(CometChatAuth).sort().join()");
      assert.equal(
        exported,
        "AppSettings,AppSettingsBuilder,CometChat,CometChatException,LoginListener," +
          "StorageMode,User,isCometChatException",
      );
    },
  );
}
