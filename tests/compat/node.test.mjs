/** The package in Node, as for server rendering: importing has no effect, and calls settle. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { startEmulator } from "../support/emulator.mjs";
import { packageFolder } from "../support/package.mjs";

let emulator;
before(async () => void (emulator = await startEmulator()));
after(() => emulator?.stop());

/**
 * Runs a module in a new Node process, with `CometChat` and the emulator. Returns what the module
 * passes to `say`. The process has to exit by itself.
 */
async function inNode(script) {
  const entry = pathToFileURL(join(packageFolder(), "index.js")).href;
  const source = `
    const before = Object.getOwnPropertyNames(globalThis).join();
    const used = [];
    for (const name of ["fetch", "setTimeout", "setInterval"]) {
      const original = globalThis[name];
      globalThis[name] = (...args) => (used.push(name), original(...args));
    }
    const { compile, instantiate } = WebAssembly;
    for (const [name, original] of Object.entries({ compile, instantiate })) {
      WebAssembly[name] = (...args) => (used.push("wasm"), original.apply(WebAssembly, args));
    }
    const imported = await import(${JSON.stringify(entry)});
    const { CometChat } = imported;
    const emulator = ${JSON.stringify(emulator)};
    const settings = (url = emulator.url) =>
      new CometChat.AppSettingsBuilder()
        .setRegion("us")
        .useEmulator(url)
        .setRequestTimeout(5000)
        .build();
    const code = (promise) => promise.then((value) => value, (error) => error.code);
    const say = (value) => console.log(JSON.stringify(value));
    ${script}
  `;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", source],
    { timeout: 20_000 },
  );
  return { said: JSON.parse(stdout), stderr };
}

test("importing does nothing: no global, no timer, no request, no WebAssembly", async () => {
  const { said, stderr } = await inNode(
    `const globals = Object.getOwnPropertyNames(globalThis).join() === before;
    say({ globals, used, exported: Object.keys(imported).sort() });`,
  );
  assert.equal(said.globals, true);
  assert.deepEqual(said.used, []);
  for (const name of [
    "AppSettings",
    "AppSettingsBuilder",
    "CometChat",
    "CometChatException",
    "LoginListener",
    "StorageMode",
    "User",
    "isCometChatException",
  ]) {
    assert.ok(said.exported.includes(name), name);
  }
  assert.equal(stderr, "");
});

test("the classes work before init, synchronously", async () => {
  const { said } = await inNode(`
    const user = new CometChat.User("uid-1", "Ann");
    const error = new CometChat.CometChatException({ code: "X", message: "m" });
    const { isCometChatException } = imported;
    const { persistence } = CometChat;
    say([
      ...[user.getName(), settings().getRegion(), isCometChatException(error)],
      ...[error instanceof Error, CometChat.isInitialized(), persistence, used.includes("wasm")],
    ]);
  `);
  assert.deepEqual(said, ["Ann", "us", true, true, false, null, false]);
});

test("b2 calls without init settle", async () => {
  const { said } = await inNode(
    `const login = CometChat.login("superhero1", "k");
    const calls = [CometChat.getLoggedinUser(), login, CometChat.logout()];
    say(await Promise.all(calls.map(code)));`,
  );
  assert.deepEqual(said, Array(3).fill("COMETCHAT_INITIALIZATION_NOT_DONE"));
});

test("b14 init, login and logout work with a session in memory", async () => {
  const { said } = await inNode(`
    const events = [];
    CometChat.addLoginListener("l", {
      loginSuccess: (user) => events.push(user.getUid()),
      logoutSuccess: () => events.push("out"),
    });
    const initialised = await CometChat.init(emulator.appId, settings());
    const user = await CometChat.login("superhero1", emulator.authKey);
    const again = await CometChat.getLoggedinUser();
    const where = CometChat.persistence;
    const reply = await CometChat.logout();
    const after = await CometChat.getLoggedinUser();
    say([initialised, user.getName(), again.getUid(), where, reply.success, after, events]);
  `);
  assert.deepEqual(said, [
    true,
    "Iron Man",
    "superhero1",
    "memory",
    true,
    null,
    ["superhero1", "out"],
  ]);
});

test("b1 an unreachable service: FAILED_TO_FETCH, and Node exits by itself", async () => {
  // Port 1 of this machine is closed.
  const { said } = await inNode(`
    await CometChat.init(emulator.appId, settings("http://127.0.0.1:1"));
    say(await code(CometChat.login("superhero1", "k")));
  `);
  assert.equal(said, "FAILED_TO_FETCH");
});
