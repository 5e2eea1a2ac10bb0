/**
 * The hand-over of a stored session between this package and the official client (rule B12), in
 * both directions. The official client comes from npm. Both run in Chromium on pages of one origin.
 */
import assert from "node:assert/strict";
import { labSuite, until } from "../support/lab.mjs";

const lab = labSuite();
const UID = "superhero1";
const IRON_MAN = { uid: UID, name: "Iron Man" };
const CAPTAIN = { uid: "superhero2", name: "Captain America" };
/** A user who is never logged in, so that only a request returns this user. */
const FRIEND = { uid: "superhero3", path: "/v3.0/users/superhero3" };
const KEYS = {
  user: "emulator-app:common_store/user",
  settings: "emulator-app:common_store/app_settings",
};

/** The path of the page with each client. */
const PAGES = { ours: "/ours", official: "/official" };
const PEERS = [
  ["ours", "official"],
  ["official", "ours"],
];

/**
 * Adds a listener and calls `init`. The official client listens to other tabs only without focus,
 * so its pages report no focus: under automation every page has it.
 */
const begin = (page, options = {}) =>
  page.evaluate((options) => {
    if (lab.client() === "official") document.hasFocus = () => false;
    lab.listen();
    return lab.init(options);
  }, options);

/** Opens the page with this client, with `begin`. */
async function visit(given, page, client, options) {
  await page.goto(given.origin + PAGES[client]);
  assert.equal(await page.evaluate(() => lab.client()), client, "the client of this page");
  await begin(page, options);
}

async function opened(given, client, options) {
  const page = await given.open("/empty");
  await visit(given, page, client, options);
  return page;
}

/** Logs in with the auth key, and returns `{uid, name, token}`. */
const logIn = (page, { uid } = IRON_MAN) =>
  page.evaluate(
    async ([uid, key]) => {
      const user = await CometChat.login(uid, key);
      return { uid: user.getUid(), name: user.getName(), token: user.getAuthToken() };
    },
    [uid, lab.emulator.authKey],
  );
const logOut = (page) => page.evaluate(() => CometChat.logout());
const currentUser = (page) =>
  page.evaluate(async () => {
    const user = await CometChat.getLoggedinUser();
    return user && { uid: user.getUid(), name: user.getName(), token: user.getAuthToken() };
  });
const events = (page) => page.evaluate(() => lab.events);

/** Calls `getUser` for another user. Returns the outcome, and the tokens of the requests. */
async function ask(given, page) {
  const before = given.requests().length;
  const outcome = await page.evaluate((uid) => lab.outcome(CometChat.getUser(uid)), FRIEND.uid);
  const calls = given
    .requests()
    .slice(before)
    .filter(({ method, path }) => method === "GET" && path === FRIEND.path);
  return { outcome, calls: calls.map(({ headers, status }) => [headers.authtoken, status]) };
}

/** Asserts that `user`, from `logIn`, is logged in, and that calls carry the token of `user`. */
async function assertIs(given, page, user) {
  assert.deepEqual(await currentUser(page), user);
  const { outcome, calls } = await ask(given, page);
  assert.equal(outcome.value?.uid, FRIEND.uid, JSON.stringify(outcome));
  assert.deepEqual(calls, [[user.token, 200]]);
}

/** Asserts that no user is logged in, and that calls send no token. */
async function assertIsNobody(given, page) {
  assert.equal(await currentUser(page), null);
  const { outcome, calls } = await ask(given, page);
  assert.match(outcome.error?.code, /^USER_NOT_LOGG?ED_IN$/);
  assert.deepEqual(
    calls.filter(([token]) => token !== undefined),
    [],
  );
}

/** Waits for this number of events. The test checks which they are. */
const hears = (page, count) => page.waitForFunction((count) => lab.events.length >= count, count);

// ---- all combinations of client, action and storage mode

/**
 * The actions of each step, with the events on both sides in local mode. The last action returns
 * the user, or null without a session.
 */
const LOGIN = [logIn, "loginSuccess superhero1"];
const STEPS = {
  login: [LOGIN],
  switch: [LOGIN, [(page) => logIn(page, CAPTAIN), "logoutSuccess", "loginSuccess superhero2"]],
  logout: [LOGIN, [(page) => logOut(page).then(() => null), "logoutSuccess"]],
};

for (const [actor, other] of PEERS) {
  for (const [step, actions] of Object.entries(STEPS)) {
    lab.test(
      `b15 local mode, ${step} on a page of ${actor}: an open page of ${other} follows`,
      async (given) => {
        const [acts, watches] = [await opened(given, actor), await opened(given, other)];
        const sent = () => watches.evaluate(() => lab.sent);
        const before = await sent();
        const expected = [];
        let user;
        for (const [act, ...heard] of actions) {
          user = await act(acts);
          expected.push(...heard);
          // One after the other: the official client reads storage some time after the event.
          await hears(watches, expected.length);
        }
        assert.equal(await sent(), before, "it sent no request");
        if (user) await assertIs(given, watches, user);
        assert.deepEqual(await currentUser(watches), user);
        assert.deepEqual(await events(watches), expected);
        if (actor === "ours") assert.deepEqual(await events(acts), expected);
        // Last, because the official client sends calls without a session, and takes the answer as
        // another logout.
        if (!user) for (const page of [watches, acts]) await assertIsNobody(given, page);
      },
    );

    lab.test(
      `b12 session mode, ${step} by ${actor}: ${other} has it after a reload of the tab`,
      async (given) => {
        const page = await opened(given, actor, { session: true });
        let user;
        for (const [act] of actions) user = await act(page);
        assert.equal(
          await page.evaluate((key) => localStorage.getItem(key), KEYS.user),
          null,
          "nothing of it in localStorage",
        );
        const before = given.requests().length;
        await visit(given, page, other, { session: true });
        assert.deepEqual(await currentUser(page), user);
        assert.deepEqual(
          [
            await page.evaluate(() => lab.sent),
            given.requests().length - before,
            await events(page),
          ],
          [0, 0, []],
          "known from the disk",
        );
        await (user ? assertIs(given, page, user) : assertIsNobody(given, page));
        // Each tab has its own sessionStorage.
        await assertIsNobody(given, await opened(given, other, { session: true }));
      },
    );
  }

  lab.test(
    `b12 local mode, reload: both pages have a session of ${actor}, without login and event`,
    async (given) => {
      const [acts, watches] = [await opened(given, actor), await opened(given, other)];
      const user = await logIn(acts);
      await hears(watches, 1);
      const before = given.requests().length;
      for (const [client, page] of [
        [actor, acts],
        [other, watches],
      ]) {
        await visit(given, page, client);
        assert.deepEqual(await currentUser(page), user);
      }
      assert.equal(given.requests().length, before, "known from the disk");
      for (const page of [acts, watches]) {
        await assertIs(given, page, user);
        assert.deepEqual(await events(page), []);
      }
    },
  );

  lab.test(
    `b12 session mode, reload: ${other} and ${actor} in turn have a session of ${actor}`,
    async (given) => {
      const page = await opened(given, actor, { session: true });
      const user = await logIn(page);
      for (const client of [other, other, actor, actor]) {
        await visit(given, page, client, { session: true });
        await assertIs(given, page, user);
        assert.deepEqual(await events(page), []);
      }
      assert.equal(
        given.requests().filter(({ method }) => method === "PUT").length,
        1,
        "the login, and no other",
      );
    },
  );

  for (const session of [false, true]) {
    const mode = session ? "session" : "local";
    lab.test(
      `b12 ${mode} mode: ${other} logs out of a session of ${actor}, and its token is revoked`,
      async (given) => {
        const page = await opened(given, actor, { session });
        const { token } = await logIn(page);
        await visit(given, page, other, { session });
        const before = given.requests().length;
        await logOut(page);
        const calls = given
          .requests()
          .slice(before)
          .filter(({ method }) => method === "DELETE");
        assert.deepEqual(
          calls.map(({ url, headers, status }) => [url, headers.authtoken, status]),
          [["https://emulator-app.apiclient-us.cometchat.io/v3.0/me", token, 200]],
        );
        await visit(given, page, actor, { session });
        await assertIsNobody(given, page);
      },
    );
  }

  lab.test(
    `b12 a change of the user's name by ${actor} fires no event on a page of ${other}`,
    async (given) => {
      const [acts, watches] = [await opened(given, actor), await opened(given, other)];
      // A new user, so that the others keep their names.
      const uid = `renamed-by-${actor}`;
      await acts.evaluate(
        ([uid, key]) =>
          CometChat.createUser(Object.assign(new CometChat.User(uid), { name: "Before" }), key),
        [uid, lab.emulator.authKey],
      );
      const { token } = await logIn(acts, { uid });
      await hears(watches, 1);
      await acts.evaluate(
        (uid) => CometChat.updateCurrentUserDetails(new CometChat.User({ uid, name: "After" })),
        uid,
      );
      await until("the new name", async () => (await currentUser(watches))?.name === "After");
      await assertIs(given, watches, { uid, name: "After", token });
      assert.deepEqual(await events(watches), [`loginSuccess ${uid}`]);
    },
  );
}

// ---- stored entries

const twice = (value) => JSON.stringify(JSON.stringify(value));

for (const client of ["ours", "official"]) {
  lab.test(
    `b12 a session written by hand, with app id and user only, is accepted by ${client}`,
    async (given) => {
      const page = await given.open("/empty");
      await page.evaluate((entries) => Object.assign(localStorage, entries), {
        "emulator-app:common_store/appId": twice("emulator-app"),
        [KEYS.user]: twice({ uid: "alice", name: "Alice", authToken: "alice_by_hand" }),
      });
      await visit(given, page, client);
      assert.deepEqual(await currentUser(page), {
        uid: "alice",
        name: "Alice",
        token: "alice_by_hand",
      });
    },
  );
}

lab.test("b12 an entry with one JSON layer is accepted", async (given) => {
  const page = await given.open("/empty");
  await page.evaluate(
    ([key, entry]) => localStorage.setItem(key, entry),
    [KEYS.user, JSON.stringify({ uid: "alice", name: "Alice", authToken: "alice_by_hand" })],
  );
  await visit(given, page, "ours");
  assert.deepEqual(await currentUser(page), {
    uid: "alice",
    name: "Alice",
    token: "alice_by_hand",
  });
});

for (const [slot, stays, texts] of [
  [
    "common_store/user",
    false,
    ["{not json", "5", twice(null), twice([]), twice({ ...IRON_MAN }), JSON.stringify("{half")],
  ],
  [
    "common_store/app_settings",
    true,
    ["{not json", "5", twice(null), twice([1]), JSON.stringify("{half")],
  ],
  ["common_store/appId", true, ["{not json", twice("another-app"), twice(null)]],
  ["keys_store/deviceId", true, ["{not json", "5", '""']],
]) {
  const result = stays ? "our session stays" : "no session of ours";
  for (const text of texts) {
    lab.test(
      `b13 ${slot} damaged to ${text}: ${result}; the official client accepts the next one`,
      async (given) => {
        const page = await opened(given, "official");
        const user = await logIn(page);
        await page.goto(`${given.origin}/empty`);
        await page.evaluate(
          ([key, text]) => localStorage.setItem(key, text),
          [`emulator-app:${slot}`, text],
        );
        await visit(given, page, "ours");
        await (stays ? assertIs(given, page, user) : assertIsNobody(given, page));
        const next = await logIn(page, CAPTAIN);
        await assertIs(given, page, next);
        await visit(given, page, "official");
        await assertIs(given, page, next);
      },
    );
  }
}

// ---- the official client's web socket

/** Records the web sockets that the page opens from now on, and their sent frames. */
function listenToSockets(page) {
  const sockets = [];
  page.on("websocket", (socket) => {
    const kept = { url: socket.url(), sent: [], received: [], closed: false };
    socket.on("framesent", ({ payload }) => kept.sent.push(JSON.parse(payload)));
    socket.on("framereceived", ({ payload }) => kept.received.push(JSON.parse(payload)));
    socket.on("close", () => (kept.closed = true));
    sockets.push(kept);
  });
  return sockets;
}

lab.test("b12 the official client opens its web socket with a session of ours", async (given) => {
  const page = await opened(given, "ours");
  const user = await logIn(page);
  const sockets = listenToSockets(page);
  await visit(given, page, "official", { socket: true });
  const { socket, entries, tab } = await until("an answer to the first frame", async () => {
    const socket = sockets.find(({ received }) => received.length > 0);
    return (
      socket && {
        socket,
        ...(await page.evaluate(() => ({
          entries: lab.entries(),
          tab: sessionStorage.getItem("sessionId"),
        }))),
      }
    );
  });
  assert.equal(sockets.length, 1);
  assert.equal(new URL(socket.url).origin, `wss://${entries[KEYS.settings].CHAT_HOST}`);
  const { jwt } = entries[KEYS.user];
  assert.match(jwt, /^[\w-]+\.[\w-]+\.[\w-]+$/, "there is a pass");
  const [{ appId, type, sender, deviceId, body }] = socket.sent;
  assert.deepEqual(
    [appId, type, sender, deviceId, body.auth],
    ["emulator-app", "auth", UID, tab, jwt],
  );
  // The emulator checks the credentials of the socket, as the service does.
  assert.deepEqual(
    [socket.received[0].type, socket.received[0].body.code, socket.received[0].body.status],
    ["auth", "200", "OK"],
  );
  await page.waitForFunction(() => CometChat.getConnectionStatus() === "connected");
  await assertIs(given, page, user);
});

lab.test(
  "b12 our logout closes the open socket of the official client, whose session we accepted",
  async (given) => {
    const official = await given.open("/empty");
    const sockets = listenToSockets(official);
    await visit(given, official, "official", { socket: true });
    const user = await logIn(official);
    await official.waitForFunction(() => CometChat.getConnectionStatus() === "connected");
    const ours = await opened(given, "ours");
    await assertIs(given, ours, user);
    assert.deepEqual(await ours.evaluate(() => [lab.events, CometChat.persistence]), [[], "local"]);
    await logOut(ours);
    await hears(official, 2);
    assert.deepEqual(await events(official), [`loginSuccess ${UID}`, "logoutSuccess"]);
    assert.equal(await currentUser(official), null);
    await until(
      "its socket is closed",
      () => sockets.length > 0 && sockets.every(({ closed }) => closed),
    );
  },
);

lab.test("b12 both clients use the same device id", async (given) => {
  const page = await opened(given, "official");
  await logIn(page);
  const ofOfficial = JSON.parse(
    given.requests().find(({ method }) => method === "POST").body,
  ).deviceId;
  await visit(given, page, "ours");
  await logIn(page, CAPTAIN);
  const posts = given
    .requests()
    .filter(({ method, path }) => method === "POST" && path.endsWith("/auth_tokens"));
  assert.equal(posts.length, 2);
  assert.equal(JSON.parse(posts[1].body).deviceId, ofOfficial);
});

lab.test(
  "b12 a login of ours stores the same entries as one of the official client",
  async (given) => {
    const left = {};
    for (const client of ["official", "ours"]) {
      const page = await given.open("/empty");
      await page.evaluate(() => (localStorage.clear(), sessionStorage.clear()));
      await visit(given, page, client);
      await logIn(page);
      left[client] = await page.evaluate(() => ({
        local: lab.entries(localStorage),
        session: lab.entries(sessionStorage),
      }));
      await page.close();
    }
    const { official, ours } = left;
    assert.deepEqual(Object.keys(ours.local), Object.keys(official.local));
    assert.deepEqual(Object.keys(ours.session), Object.keys(official.session));
    assert.ok(Object.keys(ours.local).length >= 5, Object.keys(ours.local).join());
    assert.deepEqual(without(ours), without(official));
    // The values left out above have the same form.
    for (const { local, session } of [official, ours]) {
      assert.match(
        local["emulator-app:keys_store/deviceId"],
        /^emulator-app_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}_\d{13}$/,
      );
      assert.match(
        session.sessionId,
        /^WEB-4_2_0-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-\d{13}$/,
      );
    }
  },
);

/** The entries, with ids, tokens and times replaced by their types. */
function without(entries) {
  const volatile = new Set([
    "sessionId",
    "authToken",
    "jwt",
    "secret",
    "settingsHash",
    "settingsHashReceivedAt",
    "emulator-app:keys_store/deviceId",
  ]);
  return JSON.parse(
    JSON.stringify(entries, (key, value) => (volatile.has(key) ? typeof value : value)),
  );
}

lab.test("b12 each stored entry has the encoding of the official client", async (given) => {
  const raw = {};
  for (const client of ["official", "ours"]) {
    const page = await given.open("/empty");
    await page.evaluate(() => localStorage.clear());
    await visit(given, page, client);
    await logIn(page);
    raw[client] = await page.evaluate(() => {
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
      return Object.fromEntries(
        Object.keys(localStorage)
          .sort()
          .map((key) => [key, layers(localStorage.getItem(key))]),
      );
    });
    await page.close();
  }
  assert.equal(raw.ours["emulator-app:common_store/user"], 2);
  assert.deepEqual(raw.ours, raw.official);
});
