/**
 * The two other builds: `cargo xtask build --plain`, and wasm-pack's unchanged output below the
 * facade. `CCA_PLAIN_PKG` and `CCA_WASM_PACK_PKG` name their folders. A build without a folder runs
 * here, with the programs in PATH.
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { actionsIn } from "../support/actions.mjs";
import { htmlWith, labSuite } from "../support/lab.mjs";
import { packageFolder } from "../support/package.mjs";
import { run } from "../support/packed.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TYPES = { js: "text/javascript", wasm: "application/wasm" };
/** Without a cache, a build compiles the standard library and all crates. */
const BUILD_TIMEOUT_MS = 30 * 60_000;

// The builds end before `labSuite` starts the emulator and the browser, whose timeouts run at once.
const plain =
  process.env.CCA_PLAIN_PKG ??
  (await build("target/plain-pkg", "cargo", ["xtask", "build", "--plain", "--out"]));
const wasmPack =
  process.env.CCA_WASM_PACK_PKG ??
  (await build("target/wasm-pack-pkg", "wasm-pack", [
    "build",
    ...["--target", "web", "--mode", "no-install", "--out-dir"],
  ]));
const lab = labSuite();
const { login, logout, currentUid, events, tokenStatus } = actionsIn(lab);

/** Runs a build whose last argument is the folder. */
async function build(folder, command, args) {
  await run(command, [...args, folder], { cwd: ROOT, timeoutMs: BUILD_TIMEOUT_MS });
  return join(ROOT, folder);
}

const PLAIN = `
  import { CometChat } from "/package/index.js";
  Object.assign(window, { CometChat });
`;
/** A new instance after a trap is not possible here: wasm-pack's loader keeps the first one. */
const WASM_PACK = `
  import init, { ask, call, start } from "/wasm-pack/cometchat_auth.js";
  import { CometChat, loadWith } from "/package/facade.js";
  loadWith(CometChat, async () => ({ load: () => init().then(() => ({ ask, call, start })) }));
  Object.assign(window, { CometChat });
`;

function serveFolder(given, path, folder) {
  for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((it) => it.isFile())) {
    const type = TYPES[name.split(".").pop()] ?? "application/octet-stream";
    given.serve(`${path}/${name}`, { type, body: readFileSync(join(folder, name)) });
  }
}

async function open(given, module, folders) {
  for (const [path, folder] of Object.entries(folders)) serveFolder(given, path, folder);
  given.serve("/page.js", { type: TYPES.js, body: module });
  given.serve("/page", { body: htmlWith('<script type="module" src="/page.js"></script>') });
  const page = await given.open("/page");
  await page.waitForFunction("window.CometChat");
  await page.evaluate(async () => {
    lab.listen();
    await lab.init();
  });
  return page;
}

for (const [name, module, folders] of [
  ["--plain", PLAIN, { "/package": plain }],
  [
    "wasm-pack's output below the facade",
    WASM_PACK,
    { "/package": packageFolder(), "/wasm-pack": wasmPack },
  ],
]) {
  lab.test(`${name}: logs in, keeps the session over a reload, and logs out`, async (given) => {
    const page = await open(given, module, folders);
    const { value: user } = await login(page, "superhero1");
    assert.equal(user?.uid, "superhero1");
    assert.deepEqual(await events(page), ["loginSuccess superhero1"]);

    await page.reload();
    await page.waitForFunction("window.CometChat");
    await page.evaluate(async () => {
      lab.listen();
      await lab.init();
    });
    assert.equal(await currentUid(page), "superhero1");
    assert.equal(await tokenStatus(user.authToken), 200);

    await logout(page);
    assert.equal(await currentUid(page), null);
    assert.equal(await tokenStatus(user.authToken), 401);
    assert.deepEqual(await events(page), ["logoutSuccess"]);
  });

  lab.test(`${name}: rejects a login with a wrong key`, async (given) => {
    const page = await open(given, module, folders);
    const { error } = await login(page, "superhero1", "wrong-key");
    assert.equal(error?.code, "AUTH_ERR_APIKEY_NOT_FOUND");
    assert.equal(await currentUid(page), null);
  });
}
