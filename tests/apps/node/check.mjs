/**
 * In Node, Deno and Bun: importing does nothing, and every call works or rejects with the package's
 * own exception. Fails with what did not hold. Arguments: the emulator's URL, the entry to import.
 */
import assert from "node:assert/strict";

const [url, entry] = process.argv.slice(2);
const globals = () => Object.getOwnPropertyNames(globalThis).join();
const before = globals();
const { CometChat, CometChatException, User, isCometChatException } = await import(entry);
assert.equal(globals(), before, "importing sets no global");

const code = (promise) =>
  promise.then(
    () => assert.fail("resolved"),
    (error) => (
      assert.ok(error instanceof CometChatException && isCometChatException(error), String(error)),
      error.code
    ),
  );
const settings = (emulator) =>
  new CometChat.AppSettingsBuilder()
    .setRegion("us")
    .setRequestTimeout(5000)
    .useEmulator(emulator)
    .setLogger(() => undefined)
    .build();

for (const call of [
  () => CometChat.login("superhero1", "emulator-auth-key"),
  () => CometChat.getLoggedinUser(),
  () => CometChat.logout(),
]) {
  assert.equal(await code(call()), "COMETCHAT_INITIALIZATION_NOT_DONE");
}
const told = [];
CometChat.addLoginListener("here", {
  loginSuccess: (user) => told.push(`loginSuccess ${user.getUid()}`),
  loginFailure: (error) => told.push(`loginFailure ${error.code}`),
  logoutSuccess: () => told.push("logoutSuccess"),
});
assert.equal(await CometChat.init("emulator-app", settings(url)), true);
assert.equal(CometChat.getAppId(), "emulator-app");
assert.equal(await CometChat.getLoggedinUser(), null);
assert.equal(await code(CometChat.login("superhero1", "wrong")), "AUTH_ERR_APIKEY_NOT_FOUND");
assert.equal(await code(CometChat.login("superhero1", undefined)), "MISSING_PARAMETERS");
const user = await CometChat.login("superhero1", "emulator-auth-key");
assert.ok(user instanceof User);
assert.equal(user.getName(), "Iron Man");
assert.equal((await CometChat.getLoggedinUser()).getUid(), "superhero1");
assert.notEqual(CometChat.persistence, null);
assert.equal((await CometChat.logout()).success, true);
assert.equal(await CometChat.getLoggedinUser(), null);
assert.equal(await code(CometChat.logout()), "USER_NOT_LOGGED_IN");
assert.deepEqual(told, [
  "loginFailure AUTH_ERR_APIKEY_NOT_FOUND",
  "loginFailure MISSING_PARAMETERS",
  "loginSuccess superhero1",
  "logoutSuccess",
]);
// Nobody listens on port 1 of this machine.
await CometChat.init("emulator-app", settings("http://127.0.0.1:1"));
assert.equal(await code(CometChat.login("superhero1", "emulator-auth-key")), "FAILED_TO_FETCH");
CometChat.dispose();
console.log("ok");
