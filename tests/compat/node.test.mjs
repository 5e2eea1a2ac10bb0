/** The package in plain Node, as a server renders a page or a build imports a module: nothing happens, and nothing hangs. */
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

/** Runs a module in a Node of its own, `CometChat` and the emulator at hand; what it gives to `say` is what comes back. It has to end by itself. */
async function inNode(script) {
  const source = `
    const before = Object.getOwnPropertyNames(globalThis).join();
    const asked = [];
    for (const name of ["fetch", "setTimeout", "setInterval"]) {
      const original = globalThis[name];
      globalThis[name] = (...args) => (asked.push(name), original(...args));
    }
    const { compile, instantiate } = WebAssembly;
    WebAssembly.compile = (...args) => (asked.push("wasm"), compile.apply(WebAssembly, args));
    WebAssembly.instantiate = (...args) => (asked.push("wasm"), instantiate.apply(WebAssembly, args));
    const imported = await import(${JSON.stringify(pathToFileURL(join(packageFolder(), "index.js")).href)});
    const { CometChat } = imported;
    const emulator = ${JSON.stringify(emulator)};
    const settings = () => new CometChat.AppSettingsBuilder().setRegion("us").useEmulator(emulator.url).setRequestTimeout(5000).build();
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
    "say({ globals: Object.getOwnPropertyNames(globalThis).join() === before, asked, exported: Object.keys(imported).sort() });",
  );
  assert.equal(said.globals, true);
  assert.deepEqual(said.asked, []);
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
    const user = new CometChat.User("uid-1", "Somebody");
    const error = new CometChat.CometChatException({ code: "X", message: "m" });
    say([user.getName(), settings().getRegion(), imported.isCometChatException(error), error instanceof Error, CometChat.isInitialized(), CometChat.persistence, asked.includes("wasm")]);
  `);
  assert.deepEqual(said, ["Somebody", "us", true, true, false, null, false]);
});

test("b2 calls without init settle", async () => {
  const { said } = await inNode(
    'say(await Promise.all([CometChat.getLoggedinUser(), CometChat.login("superhero1", "k"), CometChat.logout()].map(code)));',
  );
  assert.deepEqual(said, Array(3).fill("COMETCHAT_INITIALIZATION_NOT_DONE"));
});

test("b14 init, login and logout work with a session in memory", async () => {
  const { said } = await inNode(`
    const told = [];
    CometChat.addLoginListener("l", { loginSuccess: (user) => told.push(user.getUid()), logoutSuccess: () => told.push("out") });
    const initialised = await CometChat.init(emulator.appId, settings());
    const user = await CometChat.login("superhero1", emulator.authKey);
    const again = await CometChat.getLoggedinUser();
    const where = CometChat.persistence;
    const reply = await CometChat.logout();
    say([initialised, user.getName(), again.getUid(), where, reply.success, await CometChat.getLoggedinUser(), told]);
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

test("b1 a service that is not there: FAILED_TO_FETCH, and Node ends by itself", async () => {
  // Port 1 of this machine: nobody listens there.
  const { said } = await inNode(`
    await CometChat.init(emulator.appId, new CometChat.AppSettingsBuilder().setRegion("us").useEmulator("http://127.0.0.1:1").build());
    say(await code(CometChat.login("superhero1", "k")));
  `);
  assert.equal(said, "FAILED_TO_FETCH");
});
