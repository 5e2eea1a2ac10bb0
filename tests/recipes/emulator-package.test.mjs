/**
 * The npm package `cometchat-emulator`: its own tests, the suite that the native program passes as
 * well, and the packed file in an empty folder, where the official client logs in over TLS with a
 * certificate that this test makes. `CCA_EMULATOR_PACKAGE` names a package that is built already;
 * else it is built first.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import selfsigned from "selfsigned";
import { commandsIn } from "../docs/commands.mjs";
import { blocksIn } from "../docs/markdown.mjs";
import { launchBrowser } from "../support/browser.mjs";
import { pack, run as runToEnd } from "../support/packed.mjs";
import { freePort } from "../support/page-server.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BUILT = process.env.CCA_EMULATOR_PACKAGE;
const PACKAGE = BUILT ?? join(ROOT, "emulator/npm");
const SUITE = readdirSync(join(PACKAGE, "test/suite"))
  .filter((file) => file.endsWith(".test.mjs"))
  .map((file) => join("suite", file));
const SDK = readFileSync(createRequire(import.meta.url).resolve("@cometchat/chat-sdk-javascript"));
const DOMAINS = ["cometchat.io", "cc-cluster-2.io", "cc-edge-2.io"];
const LIMITS = { unpackedBytes: 1_500_000 };

const folder = mkdtempSync(join(tmpdir(), "npm-package-"));
const ended = [];

const npm = (...args) =>
  execFileSync("npm", args, { cwd: folder, encoding: "utf8", stdio: "pipe" });

/** Starts the installed command. */
async function start(...args) {
  const program = join(folder, "node_modules/.bin/cometchat-emulator");
  const child = spawn(program, ["--port", "0", "--log", "off", ...args], { cwd: folder });
  ended.push(() => child.kill());
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return JSON.parse(line);
}

before(() => {
  if (BUILT === undefined) {
    execFileSync("cargo", ["xtask", "emulator-package"], { cwd: ROOT, stdio: "pipe" });
  }
  npm("pack", "--pack-destination", folder, PACKAGE);
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  npm("install", "--no-audit", "--no-fund", "--omit=peer", "--ignore-scripts", `./${tarball}`);
});
after(() => {
  for (const end of ended) end();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs tests of the package. The runner must not take them for a part of this file. */
async function run(files, { NODE_TEST_CONTEXT: _context, CCA_EMULATOR_BIN: _bin, ...env }) {
  const paths = files.map((file) => join(PACKAGE, "test", file));
  const child = spawn(process.execPath, ["--test", ...paths], { env });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  const [code] = await once(child, "close");
  assert.equal(code, 0, output);
}

test("the package passes its tests", { timeout: 300_000 }, () =>
  run([...SUITE, "package.test.mjs", "readme.test.mjs"], process.env),
);

test("the native program passes the same suite", { timeout: 300_000 }, async () => {
  const { CCA_EMULATOR_BIN: native, ...env } = process.env;
  assert.ok(native, "CCA_EMULATOR_BIN names the native program");
  await run(SUITE, { ...env, EMULATOR_UNDER_TEST: native });
});

test("it is small and has one dependency", { timeout: 60_000 }, () => {
  const installed = join(folder, "node_modules");
  const packages = readdirSync(installed).filter((name) => !name.startsWith("."));
  assert.deepEqual(packages.sort(), ["cometchat-emulator", "ws"]);
  const files = readdirSync(join(installed, "cometchat-emulator"), {
    recursive: true,
    withFileTypes: true,
  });
  const sizes = files
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name)).length);
  const sum = sizes.reduce((a, b) => a + b, 0);
  assert.ok(sum <= LIMITS.unpackedBytes, `${sum} bytes`);
});

/** A folder as `npm create vite` makes it, with the locked Vite of another test. */
function viteApp(main) {
  const app = join(folder, "my-app");
  mkdirSync(join(app, "src"), { recursive: true });
  const locked = join(ROOT, "tests/apps/vite");
  cpSync(join(locked, "package-lock.json"), join(app, "package-lock.json"));
  const manifest = JSON.parse(readFileSync(join(locked, "package.json"), "utf8"));
  writeFileSync(
    join(app, "package.json"),
    JSON.stringify({ ...manifest, scripts: { dev: "vite" } }),
  );
  writeFileSync(
    join(app, "index.html"),
    '<!doctype html><title>my-app</title><link rel="icon" href="data:," />' +
      '<script type="module" src="/src/main.ts"></script>',
  );
  writeFileSync(join(app, "src/main.ts"), main);
  return app;
}

const README = { timeout: 180_000 };
test("the README's commands show the user in a Vite app, without Rust", README, async () => {
  const blocks = blocksIn("pkg-template/README.md");
  const { code } = blocks.find(({ language }) => language === "ts");
  const [install, start] = commandsIn(blocks.find(({ language }) => language === "sh").code);
  assert.deepEqual(install, ["npm", "install", "cometchat-auth"]);
  assert.equal(start[0], "npx");
  const port = String(await freePort());
  assert.ok(start.includes("8599") && code.includes(":8599"), "one port for page and emulator");
  const app = viteApp(code.replaceAll("8599", port));

  // npm and the program see Node's folder and the system's, not that of rustup.
  const env = { PATH: [dirname(process.execPath), "/usr/bin", "/bin"].join(":") };
  const [emulator] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  const packed = await pack();
  try {
    const quiet = ["--no-audit", "--no-fund", "--ignore-scripts"];
    await runToEnd("npm", ["ci", ...quiet], { cwd: app, env });
    // npx would download the emulator. Here it finds the packed one.
    const files = [packed.file, join(folder, emulator)];
    await runToEnd("npm", ["install", "--omit=peer", ...quiet, ...files], { cwd: app, env });
  } finally {
    packed.remove();
  }

  const [program, ...args] = start.map((word) => word.replace("8599", port));
  const child = spawn(program, args, {
    cwd: app,
    env: { ...process.env, ...env, NO_COLOR: "1", FORCE_COLOR: undefined },
    // Ctrl-C in a terminal goes to a process group.
    detached: true,
  });
  const exited = once(child, "exit");
  const interrupt = () => process.kill(-child.pid, "SIGINT");
  ended.push(() => child.exitCode ?? child.signalCode ?? interrupt());
  let output = "";
  child.stderr.on("data", (data) => (output += data));
  const address = await new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`it ended with ${code}:\n${output}`)));
    child.stdout.on("data", (data) => {
      output += data;
      const local = /http:\/\/localhost:\d+\//.exec(output);
      if (local) resolve(local[0]);
    });
  });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const problems = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    const greeting = page.getByText("Hello Andrew Joseph");
    await page.goto(address);
    await greeting.waitFor();
    const requests = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.reload();
    await greeting.waitFor();
    assert.deepEqual(
      requests.filter((url) => url.includes(`:${port}/`)),
      [],
      "after a reload, without a login",
    );
    assert.deepEqual(problems, []);
  } finally {
    await browser.close();
  }
  interrupt();
  await exited;
  await assert.rejects(fetch(`http://127.0.0.1:${port}/`), "Ctrl-C ends the emulator");
});

test("the official client logs in over TLS with its socket on", { timeout: 90_000 }, async () => {
  const names = [...DOMAINS.map((domain) => `*.${domain}`), "localhost"];
  const pems = await selfsigned.generate([{ name: "commonName", value: "localhost" }], {
    keySize: 2048,
    extensions: [{ name: "subjectAltName", altNames: names.map((value) => ({ type: 2, value })) }],
  });
  writeFileSync(join(folder, "cert.pem"), pems.cert);
  writeFileSync(join(folder, "key.pem"), pems.private);
  const ready = await start("--tls-cert", "cert.pem", "--tls-key", "key.pem");
  const { port } = new URL(ready.url);
  const key = new X509Certificate(pems.cert).publicKey.export({ type: "spki", format: "der" });
  const spki = createHash("sha256").update(key).digest("base64");

  const server = createServer((request, response) => {
    const script = request.url === "/sdk.js";
    response
      .writeHead(200, { "content-type": script ? "text/javascript" : "text/html" })
      .end(script ? SDK : '<!doctype html><title>page</title><script src="/sdk.js"></script>');
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  ended.push(() => server.close());
  const rules = DOMAINS.map((domain) => `MAP *.${domain} 127.0.0.1:${port}`);
  const browser = await launchBrowser({
    args: [
      `--host-resolver-rules=${rules.join(", ")}`,
      // Exactly this certificate is trusted, no other.
      `--ignore-certificate-errors-spki-list=${spki}`,
    ],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://localhost:${server.address().port}/`);
    const uid = await page.evaluate(
      async ({ appId, authKey }) => {
        const settings = new CometChat.AppSettingsBuilder()
          .subscribePresenceForAllUsers()
          .setRegion("us")
          .autoEstablishSocketConnection(true)
          .build();
        await CometChat.init(appId, settings);
        return (await CometChat.login("cometchat-uid-1", authKey)).getUid();
      },
      { appId: ready.appId, authKey: ready.authKey },
    );
    assert.equal(uid, "cometchat-uid-1");
    await page.waitForFunction(() => CometChat.getConnectionStatus() === "connected", undefined, {
      timeout: 15_000,
    });
  } finally {
    await browser.close();
  }
});
