/**
 * The session on disk is the official client's, both ways (rule B12): the official client itself, from npm, is the peer here. Both run in Chromium
 * on pages of one origin; HTTPS and the service's host names are real, behind them stands the emulator.
 */
import assert from "node:assert/strict";
import { labSuite } from "../support/lab.mjs";

const lab = labSuite();
const UID = "superhero1";

/** Logs in on the page at hand, whichever client it carries, and gives back the token. */
const logIn = (page, { session = false, uid = UID } = {}) =>
  page.evaluate(
    async ([uid, key, session]) => {
      await lab.init({ session });
      const user = await CometChat.login(uid, key);
      return user.getAuthToken();
    },
    [uid, lab.emulator.authKey, session],
  );

/** `init`, and whom the client takes to be logged in: `{uid, name, token}`, or null. */
const whoIs = (page, { session = false } = {}) =>
  page.evaluate(async (session) => {
    await lab.init({ session });
    const user = await CometChat.getLoggedinUser();
    return user && { uid: user.getUid(), name: user.getName(), token: user.getAuthToken() };
  }, session);

const visit = async (page, given, path) => {
  await page.goto(given.origin + path);
  assert.equal(await page.evaluate(() => typeof CometChat.initFromSettings), path === "/official" ? "function" : "undefined", "the client that was meant");
};

lab.test("b12 a session of ours is the official client's after its init, and its calls carry our token", async (given) => {
  const page = await given.open("/ours");
  const token = await logIn(page);
  await visit(page, given, "/official");
  const before = given.requests().length;
  assert.deepEqual(await whoIs(page), { uid: UID, name: "Iron Man", token });
  assert.equal(given.requests().length, before, "known from the disk");

  // A call that needs a session: the emulator answers it, and what it carried is ours.
  const friend = await page.evaluate(async () => (await CometChat.getUser("superhero2")).getName());
  assert.equal(friend, "Captain America");
  const call = given.requests().at(-1);
  assert.deepEqual([call.method, call.url], ["GET", "https://emulator-app.apiclient-us.cometchat.io/v3.0/users/superhero2"]);
  assert.deepEqual([call.headers.authtoken, call.headers.appid, call.status], [token, lab.emulator.appId, 200]);
});

lab.test("b12 a session of the official client is ours after init, without a request", async (given) => {
  const page = await given.open("/official");
  const token = await logIn(page);
  await visit(page, given, "/ours");
  await page.evaluate(() => lab.listen());
  const before = given.requests().length;
  assert.deepEqual(await whoIs(page), { uid: UID, name: "Iron Man", token });
  assert.deepEqual(await page.evaluate(() => [lab.sent, lab.events, CometChat.persistence]), [0, [], "local"]);
  assert.equal(given.requests().length, before);

  // And it is a session to work with: the logout ends that very token at the service.
  assert.equal((await page.evaluate(() => CometChat.logout())).success, true);
  const call = given.requests().at(-1);
  assert.deepEqual([call.method, call.url, call.headers.authtoken, call.status], ["DELETE", "https://emulator-app.apiclient-us.cometchat.io/v3.0/me", token, 200]);
});

for (const [path, client] of [
  ["/ours", "us"],
  ["/official", "the official client"],
]) {
  lab.test(`b12 a session laid down by hand, app id and user alone, is taken by ${client}`, async (given) => {
    const page = await given.open("/empty");
    await page.evaluate((app) => {
      const twice = (value) => JSON.stringify(JSON.stringify(value));
      localStorage.setItem(`${app}:common_store/appId`, twice(app));
      localStorage.setItem(`${app}:common_store/user`, twice({ uid: "alice", name: "Alice", authToken: "alice_by_hand" }));
    }, lab.emulator.appId);
    await visit(page, given, path);
    assert.deepEqual(await whoIs(page), { uid: "alice", name: "Alice", token: "alice_by_hand" });
  });
}

lab.test("b12 an entry of one JSON layer is taken as well", async (given) => {
  const page = await given.open("/empty");
  await page.evaluate((app) => localStorage.setItem(`${app}:common_store/user`, JSON.stringify({ uid: "alice", name: "Alice", authToken: "alice_by_hand" })), lab.emulator.appId);
  await visit(page, given, "/ours");
  assert.deepEqual(await whoIs(page), { uid: "alice", name: "Alice", token: "alice_by_hand" });
});

for (const [from, to, who] of [
  ["/ours", "/official", "our logout is the official client's"],
  ["/official", "/ours", "the official client's logout is ours"],
]) {
  lab.test(`b12 ${who} too`, async (given) => {
    const page = await given.open(from);
    await logIn(page);
    await visit(page, given, to);
    assert.equal((await whoIs(page)).uid, UID, "logged in before");
    await visit(page, given, from);
    await whoIs(page);
    await page.evaluate(() => CometChat.logout());
    await visit(page, given, to);
    assert.equal(await whoIs(page), null);
  });

  lab.test(`b12 session mode, ${from.slice(1)} to ${to.slice(1)}: the same tab keeps the session, another one has none`, async (given) => {
    const page = await given.open(from);
    const token = await logIn(page, { session: true });
    const local = await page.evaluate((app) => localStorage.getItem(`${app}:common_store/user`), lab.emulator.appId);
    assert.equal(local, null, "nothing of the session in localStorage");
    await visit(page, given, to);
    assert.deepEqual(await whoIs(page, { session: true }), { uid: UID, name: "Iron Man", token });
    const other = await given.open(to);
    assert.equal(await whoIs(other, { session: true }), null);
  });
}

lab.test("b12 the device keeps its id from one client to the other", async (given) => {
  const page = await given.open("/official");
  await logIn(page);
  const ofOfficial = JSON.parse(given.requests().find(({ method }) => method === "POST").body).deviceId;
  await visit(page, given, "/ours");
  await page.evaluate(async (key) => {
    await lab.init();
    await CometChat.login("superhero2", key);
  }, lab.emulator.authKey);
  const posts = given.requests().filter(({ method, path }) => method === "POST" && path.endsWith("/auth_tokens"));
  assert.equal(posts.length, 2);
  assert.equal(JSON.parse(posts[1].body).deviceId, ofOfficial);
});

lab.test("b12 what we leave on disk for a login is what the official client leaves, key by key", async (given) => {
  const left = {};
  for (const path of ["/official", "/ours"]) {
    // A user with something in every field that is stored.
    const page = await given.open(path);
    await page.evaluate(() => (localStorage.clear(), sessionStorage.clear()));
    await page.reload();
    await logIn(page);
    left[path] = await page.evaluate(() => ({ local: lab.entries(localStorage), session: lab.entries(sessionStorage) }));
    await page.close();
  }
  const { "/official": official, "/ours": ours } = left;
  assert.deepEqual(Object.keys(ours.local), Object.keys(official.local));
  assert.deepEqual(Object.keys(ours.session), Object.keys(official.session));
  assert.ok(Object.keys(ours.local).length >= 5, Object.keys(ours.local).join());
  assert.deepEqual(without(ours), without(official));
  // What was left out above has the same form at least.
  for (const { local, session } of [official, ours]) {
    assert.match(local["emulator-app:keys_store/deviceId"], /^emulator-app_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}_\d{13}$/);
    assert.match(session.sessionId, /^WEB-4_2_0-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-\d{13}$/);
  }
});

/** The entries, with what differs from login to login (ids, tokens, times) replaced by its type. */
function without(entries) {
  const volatile = new Set(["sessionId", "authToken", "jwt", "secret", "settingsHash", "settingsHashReceivedAt", "emulator-app:keys_store/deviceId"]);
  return JSON.parse(JSON.stringify(entries, (key, value) => (volatile.has(key) ? typeof value : value)));
}

lab.test("b12 the raw text of each entry is encoded as the official client encodes it", async (given) => {
  const raw = {};
  for (const path of ["/official", "/ours"]) {
    const page = await given.open(path);
    await page.evaluate(() => localStorage.clear());
    await page.reload();
    await logIn(page);
    raw[path] = await page.evaluate(() => {
      const layers = (text) => {
        let count = 0;
        for (let value = text; typeof value === "string"; count++) {
          try {
            value = JSON.parse(value);
          } catch {
            break;
          }
        }
        return count;
      };
      return Object.fromEntries(Object.keys(localStorage).sort().map((key) => [key, layers(localStorage.getItem(key))]));
    });
    await page.close();
  }
  assert.equal(raw["/ours"]["emulator-app:common_store/user"], 2);
  assert.deepEqual(raw["/ours"], raw["/official"]);
});

lab.test("b15 a tab with our client follows a login and a logout of the official client in another tab", async (given) => {
  const ours = await given.open("/ours");
  await ours.evaluate(async () => {
    lab.listen();
    await lab.init();
  });
  const official = await given.open("/official");
  const token = await logIn(official);
  await ours.waitForFunction(() => lab.events.length === 1);
  assert.deepEqual(await whoIs(ours), { uid: UID, name: "Iron Man", token });
  await official.evaluate(() => CometChat.logout());
  await ours.waitForFunction(() => lab.events.length === 2);
  assert.deepEqual(await ours.evaluate(() => lab.events), [`loginSuccess ${UID}`, "logoutSuccess"]);
  assert.equal(await whoIs(ours), null);
});

lab.test("b15 a tab with the official client, not in focus, follows a login and a logout of ours", async (given) => {
  const official = await given.open("/official");
  await official.evaluate(async () => {
    // Under automation every page takes itself to be focused; the official client listens to other tabs only while it is not.
    document.hasFocus = () => false;
    lab.listen();
    await lab.init();
  });
  const ours = await given.open("/ours");
  await logIn(ours);
  await official.waitForFunction(() => lab.events.length === 1);
  await ours.evaluate(() => CometChat.logout());
  await official.waitForFunction(() => lab.events.length === 2);
  assert.deepEqual(await official.evaluate(() => lab.events), [`loginSuccess ${UID}`, "logoutSuccess"]);
});
