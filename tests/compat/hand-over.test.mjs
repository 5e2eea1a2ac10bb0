/**
 * The session on disk is the official client's, both ways (rule B12): the official client itself, from npm, is the peer here. Both run in Chromium
 * on pages of one origin; HTTPS and the service's host names are real, behind them stands the emulator.
 */
import assert from "node:assert/strict";
import { labSuite, until } from "../support/lab.mjs";

const lab = labSuite();
const UID = "superhero1";
const IRON_MAN = { uid: UID, name: "Iron Man" };
const CAPTAIN = { uid: "superhero2", name: "Captain America" };
/** Whom nobody is, so that nothing but a request tells of him. */
const FRIEND = { uid: "superhero3", path: "/v3.0/users/superhero3" };
const KEYS = {
  user: "emulator-app:common_store/user",
  settings: "emulator-app:common_store/app_settings",
};

/** The two clients: where the page with each is. */
const PAGES = { ours: "/ours", official: "/official" };
const PEERS = [
  ["ours", "official"],
  ["official", "ours"],
];

/**
 * Begins on the page at hand, whichever client it carries: a listener, `init`. It takes itself to be in the background, because the official client
 * listens to other tabs only then, and under automation every page has the focus. Ours is not told.
 */
const begin = (page, options = {}) =>
  page.evaluate((options) => {
    if (lab.client() === "official") document.hasFocus = () => false;
    lab.listen();
    return lab.init(options);
  }, options);

/** Goes to the page with that client and begins there. */
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

/** Logs in by auth key and gives back the whole of who that is: `{uid, name, token}`. */
const logIn = (page, { uid } = IRON_MAN) =>
  page.evaluate(
    async ([uid, key]) => {
      const user = await CometChat.login(uid, key);
      return { uid: user.getUid(), name: user.getName(), token: user.getAuthToken() };
    },
    [uid, lab.emulator.authKey],
  );
const logOut = (page) => page.evaluate(() => CometChat.logout());
const who = (page) =>
  page.evaluate(async () => {
    const user = await CometChat.getLoggedinUser();
    return user && { uid: user.getUid(), name: user.getName(), token: user.getAuthToken() };
  });
const events = (page) => page.evaluate(() => lab.events);

/** Asks for another user, and gives how that ended and which tokens went over the wire for it. */
async function ask(given, page) {
  const before = given.requests().length;
  const outcome = await page.evaluate((uid) => lab.outcome(CometChat.getUser(uid)), FRIEND.uid);
  const calls = given
    .requests()
    .slice(before)
    .filter(({ method, path }) => method === "GET" && path === FRIEND.path);
  return { outcome, calls: calls.map(({ headers, status }) => [headers.authtoken, status]) };
}

/** The page takes that user to be logged in, and its calls carry that user's token: `user` is what `logIn` gave. */
async function assertIs(given, page, user) {
  assert.deepEqual(await who(page), user);
  const { outcome, calls } = await ask(given, page);
  assert.equal(outcome.value?.uid, FRIEND.uid, JSON.stringify(outcome));
  assert.deepEqual(calls, [[user.token, 200]]);
}

/** The page takes nobody to be logged in, and no token goes over the wire. */
async function assertIsNobody(given, page) {
  assert.equal(await who(page), null);
  const { outcome, calls } = await ask(given, page);
  assert.match(outcome.error?.code, /^USER_NOT_LOGG?ED_IN$/);
  assert.deepEqual(
    calls.filter(([token]) => token !== undefined),
    [],
  );
}

/** Waits until that many events were heard; whether they were the right ones, and no more, is for the test to say. */
const hears = (page, count) => page.waitForFunction((count) => lab.events.length >= count, count);

// ---- the table: who acts, what happens, where the session is kept

/** What is done one after the other, and what both sides hear of each in local mode; `user` comes out last, null where nobody is logged in then. */
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
          // One after the other: the official client reads the disk some time after it was told, and then says what it finds.
          await hears(watches, expected.length);
        }
        assert.equal(await sent(), before, "it asked nobody");
        if (user) await assertIs(given, watches, user);
        assert.deepEqual(await who(watches), user);
        assert.deepEqual(await events(watches), expected);
        if (actor === "ours") assert.deepEqual(await events(acts), expected);
        // At the very end: a call by nobody is sent by the official client nevertheless, and the answer is one more logout to it.
        if (!user) for (const page of [watches, acts]) await assertIsNobody(given, page);
      },
    );

    lab.test(
      `b12 session mode, ${step} by ${actor}: ${other} knows after a reload of the tab`,
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
        assert.deepEqual(await who(page), user);
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
        // Another tab has a session storage of its own.
        await assertIsNobody(given, await opened(given, other, { session: true }));
      },
    );
  }

  lab.test(
    `b12 local mode, reload: a session of ${actor} stands on both pages, without a login and without an event`,
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
        assert.deepEqual(await who(page), user);
      }
      assert.equal(given.requests().length, before, "known from the disk");
      for (const page of [acts, watches]) {
        await assertIs(given, page, user);
        assert.deepEqual(await events(page), []);
      }
    },
  );

  lab.test(
    `b12 session mode, reload: a session of ${actor} goes to ${other} and back`,
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
      `b12 ${mode} mode: ${other} logs out of a session of ${actor}, and that very token is revoked`,
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
    `b12 a change of one's own name by ${actor} is no event on an open page of ${other}, and ends no session there`,
    async (given) => {
      const [acts, watches] = [await opened(given, actor), await opened(given, other)];
      // A user of this test's own: the others are to keep their names.
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
      await until("the new name", async () => (await who(watches))?.name === "After");
      await assertIs(given, watches, { uid, name: "After", token });
      assert.deepEqual(await events(watches), [`loginSuccess ${uid}`]);
    },
  );
}

// ---- what may stand on the disk

const twice = (value) => JSON.stringify(JSON.stringify(value));

for (const client of ["ours", "official"]) {
  lab.test(
    `b12 a session laid down by hand, app id and user alone, is taken by ${client}`,
    async (given) => {
      const page = await given.open("/empty");
      await page.evaluate((entries) => Object.assign(localStorage, entries), {
        "emulator-app:common_store/appId": twice("emulator-app"),
        [KEYS.user]: twice({ uid: "alice", name: "Alice", authToken: "alice_by_hand" }),
      });
      await visit(given, page, client);
      assert.deepEqual(await who(page), { uid: "alice", name: "Alice", token: "alice_by_hand" });
    },
  );
}

lab.test("b12 an entry of one JSON layer is taken as well", async (given) => {
  const page = await given.open("/empty");
  await page.evaluate(
    ([key, entry]) => localStorage.setItem(key, entry),
    [KEYS.user, JSON.stringify({ uid: "alice", name: "Alice", authToken: "alice_by_hand" })],
  );
  await visit(given, page, "ours");
  assert.deepEqual(await who(page), { uid: "alice", name: "Alice", token: "alice_by_hand" });
});

for (const [slot, stands, texts] of [
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
  for (const text of texts) {
    lab.test(
      `b13 ${slot} damaged to ${text}: ${stands ? "our session stands" : "no session of ours"}, and the next one is the official client's`,
      async (given) => {
        const page = await opened(given, "official");
        const user = await logIn(page);
        await page.goto(`${given.origin}/empty`);
        await page.evaluate(
          ([key, text]) => localStorage.setItem(key, text),
          [`emulator-app:${slot}`, text],
        );
        await visit(given, page, "ours");
        await (stands ? assertIs(given, page, user) : assertIsNobody(given, page));
        const next = await logIn(page, CAPTAIN);
        await assertIs(given, page, next);
        await visit(given, page, "official");
        await assertIs(given, page, next);
      },
    );
  }
}

// ---- the official client's web socket

/** The frames that the page's client sends on its socket from now on, and the sockets themselves. */
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

lab.test(
  "b12 a session of ours has all that the official client opens its web socket with",
  async (given) => {
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
    // The emulator, as the service, lets nobody in without a good pass.
    assert.deepEqual(
      [socket.received[0].type, socket.received[0].body.code, socket.received[0].body.status],
      ["auth", "200", "OK"],
    );
    await page.waitForFunction(() => CometChat.getConnectionStatus() === "connected");
    await assertIs(given, page, user);
  },
);

lab.test(
  "b12 a session of the official client with its socket on is ours, and our logout takes its socket down",
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
    assert.equal(await who(official), null);
    await until(
      "its socket is closed",
      () => sockets.length > 0 && sockets.every(({ closed }) => closed),
    );
  },
);

lab.test("b12 the device keeps its id from one client to the other", async (given) => {
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
  "b12 what we leave on disk for a login is what the official client leaves, key by key",
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
    // What was left out above has the same form at least.
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

/** The entries, with what differs from login to login (ids, tokens, times) replaced by its type. */
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

lab.test(
  "b12 the raw text of each entry is encoded as the official client encodes it",
  async (given) => {
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
  },
);
