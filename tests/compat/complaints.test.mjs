/**
 * Common problems of chat logins, from reports and from measurements of the official client. Each
 * test asserts that this package does not have the problem. The rule numbers are those of
 * docs/reference/rules.md.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { actionsIn, assertError, lines } from "../support/actions.mjs";
import { htmlWith, labSuite, until } from "../support/lab.mjs";
import { bundle, packageFolder } from "../support/package.mjs";

const lab = labSuite();
const {
  ready,
  loggedIn,
  login,
  loginByToken,
  logout,
  currentUid,
  events,
  serverRequest,
  createToken,
  tokenStatus,
} = actionsIn(lab);
const IRON_MAN = "superhero1";
const CAPTAIN = "superhero2";
const CLIENT = "https://emulator-app.apiclient-us.cometchat.io/v3.0";
const USER_ENTRY = "emulator-app:common_store/user";
const SETTINGS_ENTRY = "emulator-app:common_store/app_settings";
const NO_TOKEN = "AUTH_ERR_AUTH_TOKEN_NOT_FOUND";

/** A new user for one test. */
async function newUser(uid, name = "Somebody") {
  await serverRequest("POST", "/users", { uid, name });
  return uid;
}

/** Calls `getUser` for another user. Returns the tokens of the requests, and the outcome. */
async function ask(given, page) {
  const before = given.requests().length;
  const outcome = await page.evaluate(() => lab.outcome(CometChat.getUser("superhero3")));
  return {
    outcome,
    tokens: given
      .requests()
      .slice(before)
      .map(({ headers }) => headers.authtoken),
  };
}

/** Asserts that this user is logged in, and that calls carry this token. */
async function assertSession(given, page, uid, token) {
  assert.equal(await currentUid(page), uid);
  const { outcome, tokens } = await ask(given, page);
  assert.equal(outcome.value?.uid, "superhero3", JSON.stringify(outcome));
  assert.deepEqual(tokens, [token]);
}

// ---- React, and calls without await

/**
 * A React app under StrictMode, which mounts each component twice in development. `effect` is the
 * body of its only effect.
 */
async function react(given, effect) {
  const source = `
    import { StrictMode, createElement, useEffect, useState } from "react";
    import { createRoot } from "react-dom/client";
    import { CometChat } from "cometchat-auth";
    Object.assign(window, { CometChat, mounts: 0, heard: [] });
    const key = ${JSON.stringify(lab.emulator.authKey)};
    const settings = new CometChat.AppSettingsBuilder().setRegion("us").build();
    function App() {
      const [text, setText] = useState("");
      useEffect(() => {
        window.mounts++;
        ${effect}
      }, []);
      return createElement("p", null, text);
    }
    const root = document.body.appendChild(document.createElement("div"));
    createRoot(root).render(createElement(StrictMode, null, createElement(App)));`;
  for (const [path, body] of await bundle({ react: source })) {
    given.serve(path, { type: "text/javascript", body });
  }
  given.serve("/react", {
    body: htmlWith('<script defer type="module" src="/react.js"></script>'),
  });
  const page = await given.open("/react");
  await page.locator("p:not(:empty)").waitFor();
  assert.equal(await page.evaluate(() => window.mounts), 2, "StrictMode is at work");
  return {
    text: await page.locator("p").textContent(),
    heard: await page.evaluate(() => window.heard),
    page,
  };
}

lab.test(
  "b7 React's StrictMode: both mounts init and log in; one login, one event, no error",
  async (given) => {
    const { text, heard } = await react(
      given,
      `CometChat.addLoginListener("app", {
       loginSuccess: (user) => heard.push(user.getUid()),
       loginFailure: (error) => heard.push(error.code),
     });
     CometChat.init("emulator-app", settings)
       .then(() => CometChat.getLoggedinUser())
       .then((user) => user ?? CometChat.login("superhero1", key))
       .then((user) => setText(user.getName()), (error) => setText(String(error)));
     return () => CometChat.removeLoginListener("app");`,
    );
    assert.deepEqual([text, heard], ["Iron Man", [IRON_MAN]]);
    assert.equal(given.requests().length, 2);
  },
);

lab.test(
  "b7 React's StrictMode with a signal: the first mount's login is aborted, the second's succeeds",
  async (given) => {
    const { text, heard } = await react(
      given,
      `const abort = new AbortController();
     CometChat.init("emulator-app", settings);
     CometChat.login({ uid: "superhero1", authKey: key, signal: abort.signal })
       .then((user) => setText(user.getName()), (error) => heard.push(error.code));
     return () => abort.abort();`,
    );
    assert.deepEqual([text, heard], ["Iron Man", ["REQUEST_ABORTED"]]);
  },
);

lab.test(
  "b8 React's StrictMode with dispose() as cleanup: the second mount's login succeeds",
  async (given) => {
    const { text, page } = await react(
      given,
      `let unmounted = false;
     (async () => {
       await CometChat.init("emulator-app", settings);
       if (unmounted) return;
       setText((await CometChat.login("superhero1", key)).getName());
     })().catch((error) => heard.push(error.code));
     return () => {
       unmounted = true;
       CometChat.dispose();
     };`,
    );
    assert.equal(text, "Iron Man");
    assert.equal(await currentUid(page), IRON_MAN);
  },
);

lab.test(
  "b2 calls directly after init, without await, wait for it and settle in order",
  async (given) => {
    const page = await given.open();
    const said = await page.evaluate(async (key) => {
      lab.listen();
      const calls = [
        lab.init(),
        CometChat.getLoggedinUser(),
        CometChat.login("superhero1", key),
        CometChat.login("superhero1", key),
      ];
      const [initialised, before, user, again] = await Promise.all(calls);
      return [initialised, before, user.getUid(), again.getUid(), ...lab.events];
    }, lab.emulator.authKey);
    assert.deepEqual(said, [true, null, IRON_MAN, IRON_MAN, `loginSuccess ${IRON_MAN}`]);
    assert.equal(given.requests().length, 2);
  },
);

lab.test(
  "b24 a listener that every render adds again is called once for a login and once for a logout",
  async (given) => {
    const page = await given.open();
    await page.evaluate(async () => {
      for (let render = 0; render < 5; render++) lab.listen("chat");
      await lab.init();
      lab.listen("chat");
    });
    await login(page, IRON_MAN);
    await logout(page);
    assert.deepEqual(await events(page), [`loginSuccess ${IRON_MAN}`, "logoutSuccess"]);
  },
);

// ---- errors

lab.test("b22 an uncaught or printed error has its message in the console", async (given) => {
  const page = await ready(given);
  const text = await page.evaluate(async (key) => {
    const error = await CometChat.login("nobody-1", key).catch((error) => error);
    console.log("printed", error);
    console.log(`joined ${error}`);
    void CometChat.login("nobody-2", key);
    return [String(error), error + ""];
  }, lab.emulator.authKey);
  await until("the one that nobody caught", () => given.pageErrors.length > 0);
  const [uncaught] = given.pageErrors.splice(0);
  const printed = given.console
    .map((message) => message.text())
    .filter((line) => /^(printed|joined)/.test(line));
  assert.equal(printed.length, 2);
  for (const said of [`${uncaught.name}: ${uncaught.message}`, ...printed, ...text]) {
    assert.match(
      said,
      /CometChatException: .*UID nobody-[12] does not exist/,
      "what it is, and the service's own sentence",
    );
  }
});

lab.test(
  "b22 every error of a wrong call is an Error with a text code, which is also the name if ours",
  async (given) => {
    const page = await given.open();
    const outcomes = await page.evaluate(async (key) => {
      const before = [
        CometChat.login("superhero1", key),
        CometChat.getLoggedinUser(),
        CometChat.createUser({}, key),
        CometChat.logout(),
        CometChat.getUser("a"),
        CometChat.verifySession(),
      ];
      const outcomes = await Promise.all(before.map(lab.outcome));
      for (const args of [
        [],
        [null],
        [""],
        [{}],
        [{ appId: null }],
        ["emulator-app", { region: 7 }],
      ])
        outcomes.push(await lab.outcome(CometChat.init(...args)));
      await lab.init();
      const going = CometChat.login("superhero1", key);
      outcomes.push(await lab.outcome(CometChat.login("superhero2", key)));
      await going;
      for (const args of [
        [],
        [null],
        [undefined, undefined],
        ["a", "b", "c"],
        [{}],
        [[]],
        [["superhero1"], key],
        [true],
      ])
        outcomes.push(await lab.outcome(CometChat.login(...args)));
      for (const args of [
        [],
        [null, key],
        ["superhero1", key],
        [{ uid: 5 }, key],
        [{ uid: "a", name: {} }, key],
      ])
        outcomes.push(await lab.outcome(CometChat.createUser(...args)));
      for (const args of [[], [null], [5]])
        outcomes.push(await lab.outcome(CometChat.updateCurrentUserDetails(...args)));
      for (const args of [[], [null], [{}]])
        outcomes.push(await lab.outcome(CometChat.getUser(...args)));
      try {
        new CometChat.User();
      } catch (error) {
        outcomes.push(await lab.outcome(Promise.reject(error)));
      }
      return outcomes;
    }, lab.emulator.authKey);
    assert.equal(outcomes.length, 6 + 6 + 1 + 8 + 5 + 3 + 3 + 1);
    for (const [at, outcome] of outcomes.entries()) {
      const { error } = outcome;
      assert.ok(error, `call ${at}: ${JSON.stringify(outcome)}`);
      assert.deepEqual(
        [error.isException, error.isError, typeof error.code, error.name],
        [true, true, "string", error.code],
        JSON.stringify(error),
      );
      assert.match(error.code, /^[A-Z_]{6,}$/);
      assert.match(error.message, /^\S.* .*[.]$/, "a sentence");
      assert.equal(error.text, `${error.name}: ${error.message}`);
      const json = JSON.parse(error.json);
      assert.deepEqual(
        [json.code, json.message, "stack" in json],
        [error.code, error.message, false],
      );
    }
    assert.equal(given.requests().length, 2, "the login that went through, and nothing else");
  },
);

lab.test(
  "b23 a key or token from an empty environment variable: no request, an error with its name",
  async (given) => {
    const page = await ready(given);
    // The values that bundlers insert for a variable that is not set, or empty.
    const outcomes = await page.evaluate(async () => {
      const env = { EMPTY: "" };
      const outcomes = [];
      for (const value of [env.MISSING, env.EMPTY, `${env.MISSING}`, null, "null", 0, "0", "  "]) {
        const user = { uid: "new-user", name: "New" };
        outcomes.push(["auth ?key", await lab.outcome(CometChat.login("superhero1", value))]);
        outcomes.push([
          "auth ?key",
          await lab.outcome(CometChat.login({ uid: "superhero1", authKey: value })),
        ]);
        outcomes.push(["auth ?token", await lab.outcome(CometChat.login(value))]);
        outcomes.push(["auth ?token", await lab.outcome(CometChat.login({ authToken: value }))]);
        outcomes.push(["auth ?key", await lab.outcome(CometChat.createUser(user, value))]);
        outcomes.push(["auth ?key", await lab.outcome(CometChat.updateUser(user, value))]);
      }
      for (const value of [env.MISSING, env.EMPTY, null, "  "])
        outcomes.push(["app ?id", await lab.outcome(CometChat.init(value, lab.settings()))]);
      return outcomes;
    });
    assert.equal(outcomes.length, 8 * 6 + 4);
    for (const [named, { error }] of outcomes) {
      assert.match(error?.code, /^(MISSING_PARAMETERS|INVALID_AUTH_KEY)$/, JSON.stringify(error));
      assert.match(error.message, new RegExp(named, "i"));
    }
    assert.equal(await page.evaluate(() => lab.sent), 0);
    assert.deepEqual(await events(page), Array(8 * 4).fill("loginFailure MISSING_PARAMETERS"));
  },
);

lab.test("b19 a misspelled region: init rejects and names the regions", async (given) => {
  const page = await given.open();
  for (const region of ["use", "us-east", "moon", "private", ""]) {
    const { message } = assertError(
      await page.evaluate((region) => lab.outcome(lab.init({ region })), region),
      "INVALID_REGION",
    );
    for (const known of ["us", "eu", "in"]) assert.match(message, new RegExp(`\\b${known}\\b`));
  }
  assert.equal(await page.evaluate(() => CometChat.isInitialized()), false);
});

lab.test("b22 a response of HTML: the error has its status", async (given) => {
  const { page } = await loggedIn(given);
  for (const status of [403, 500, 502]) {
    given.answer(({ preflight }) =>
      preflight
        ? undefined
        : { status, headers: { "Content-Type": "text/html" }, body: "<h1>No</h1>" },
    );
    for (const call of ["getUser", "verifySession"]) {
      const error = assertError(
        await page.evaluate((call) => lab.outcome(CometChat[call]("superhero3")), call),
        "INVALID_RESPONSE",
      );
      assert.deepEqual([error.status, error.retryable], [status, status >= 500]);
    }
  }
  assert.equal(await currentUid(page), IRON_MAN);
});

// ---- every call settles, and nothing stays locked

const FAILURES = {
  "a wrong token": [(page) => loginByToken(page, "no-such-token"), NO_TOKEN],
  "a wrong key": [(page) => login(page, IRON_MAN, "no-such-key"), "AUTH_ERR_APIKEY_NOT_FOUND"],
  "an unknown uid": [(page) => login(page, "nobody-here"), "ERR_UID_NOT_FOUND"],
  "no argument": [
    (page) => page.evaluate(() => lab.outcome(CometChat.login(null))),
    "MISSING_PARAMETERS",
  ],
  "an empty reply": [
    (page) => login(page, IRON_MAN),
    "INVALID_RESPONSE",
    ({ method }) => (method === "POST" ? { body: {} } : undefined),
  ],
  "a second request that fails": [
    (page) => login(page, IRON_MAN),
    "ERR_EXCEPTION",
    ({ method }) =>
      method === "PUT"
        ? { status: 500, body: { error: { code: "ERR_EXCEPTION", message: "Broken down." } } }
        : undefined,
  ],
  "a broken connection": [
    (page) => login(page, IRON_MAN),
    "FAILED_TO_FETCH",
    ({ method }) => (method === "POST" ? "drop" : undefined),
  ],
  "a timeout": [
    (page) => login(page, IRON_MAN),
    "REQUEST_TIMEOUT",
    ({ method }) => (method === "PUT" ? "hang" : undefined),
  ],
  "a provider that throws": [
    (page) =>
      page.evaluate(() =>
        lab.outcome(
          CometChat.login(() => {
            throw new Error("the server is away");
          }),
        ),
      ),
    "TOKEN_PROVIDER_FAILED",
  ],
  "a provider that never answers": [
    (page) => page.evaluate(() => lab.outcome(CometChat.login(() => new Promise(() => {})))),
    "REQUEST_TIMEOUT",
  ],
};
for (const [what, [attempt, code, rule]] of Object.entries(FAILURES)) {
  lab.test(
    `b1 a login that fails by ${what} rejects without a session, and the next one works at once`,
    async (given) => {
      const page = await ready(given, { timeout: 1000 });
      if (rule) given.answer(rule);
      assertError(await attempt(page), code);
      assert.deepEqual(await events(page), [`loginFailure ${code}`]);
      assert.deepEqual(
        [
          await currentUid(page),
          await page.evaluate((key) => localStorage.getItem(key), USER_ENTRY),
        ],
        [null, null],
      );
      given.answer(() => undefined);
      const before = given.requests().length;
      const { value } = await login(page, IRON_MAN);
      assert.deepEqual([value?.uid, value?.name], [IRON_MAN, "Iron Man"]);
      assert.equal(
        given.requests().length - before,
        2,
        "a login from the start, not the rest of the one before",
      );
      await assertSession(given, page, IRON_MAN, value.authToken);
    },
  );
}

for (const [what, answer] of [
  ["says nothing", "hang"],
  ["breaks every connection", "drop"],
]) {
  lab.test(
    `b1 with a host that ${what} every call rejects in time with an exception`,
    async (given) => {
      const { page } = await loggedIn(given, IRON_MAN, { timeout: 400 });
      given.answer(() => answer);
      const ended = await page.evaluate(async (key) => {
        const user = new CometChat.User({ uid: "superhero1", name: "Iron Man" });
        const calls = {
          getUser: () => CometChat.getUser("superhero3"),
          verifySession: () => CometChat.verifySession(),
          createUser: () => CometChat.createUser(new CometChat.User("new-user", "New"), key),
          updateUser: () => CometChat.updateUser(user, key),
          updateCurrentUserDetails: () => CometChat.updateCurrentUserDetails(user),
          login: () => CometChat.login("superhero2", key),
          loginByToken: () => CometChat.login("some-token"),
          loginByProvider: () =>
            CometChat.login({ uid: "superhero2", authToken: async () => "some-token" }),
          logout: () => CometChat.logout(),
        };
        const ended = {};
        for (const [name, call] of Object.entries(calls)) {
          const late = new Promise((resolve) =>
            setTimeout(() => resolve({ value: "pending" }), 3000),
          );
          ended[name] = await Promise.race([lab.outcome(call()), late]);
        }
        return ended;
      }, lab.emulator.authKey);
      assert.equal(Object.keys(ended).length, 9);
      for (const [name, outcome] of Object.entries(ended)) {
        const error = assertError(
          outcome,
          answer === "hang" ? "REQUEST_TIMEOUT" : "FAILED_TO_FETCH",
        );
        assert.equal(error.retryable, true, name);
      }
      given.answer(() => undefined);
      assert.equal((await login(page, CAPTAIN)).value?.uid, CAPTAIN);
    },
  );
}

lab.test(
  "b11 a user created together with a token is no session, and does not delay the next login",
  async (given) => {
    const { page, token } = await loggedIn(given);
    const made = await page.evaluate(
      (key) =>
        lab.outcome(
          CometChat.createUser(
            Object.assign(new CometChat.User("made-with-token", "Made"), { withAuthToken: true }),
            key,
          ),
        ),
      lab.emulator.authKey,
    );
    assert.equal(typeof made.value?.authToken, "string", JSON.stringify(made));
    assert.notEqual(made.value.authToken, token);
    await assertSession(given, page, IRON_MAN, token);
    assert.equal((await loginByToken(page, made.value.authToken)).value?.uid, "made-with-token");
  },
);

lab.test("b11 later calls never carry tokens of responses or of failed logins", async (given) => {
  const { page, token } = await loggedIn(given);
  given.answer(({ method, path }) =>
    method === "GET" && path.startsWith("/v3.0/users/")
      ? {
          body: { data: { uid: "superhero3", name: "Spiderman", authToken: "token-of-a-reply" } },
        }
      : undefined,
  );
  await ask(given, page);
  given.answer(() => undefined);
  await assertSession(given, page, IRON_MAN, token);
  assertError(await loginByToken(page, "token-of-a-failure"), NO_TOKEN);
  await assertSession(given, page, IRON_MAN, token);
  // A login whose response has another token than the request.
  const sent = await createToken(CAPTAIN);
  given.answer(({ method }) =>
    method === "PUT"
      ? {
          body: {
            data: { uid: CAPTAIN, name: "Captain America", authToken: "token-of-a-reply" },
          },
        }
      : undefined,
  );
  assert.equal((await loginByToken(page, sent)).value?.authToken, sent);
  given.answer(() => undefined);
  await assertSession(given, page, CAPTAIN, sent);
});

for (const what of ["a wrong token", "a wrong key", "an unknown uid", "no argument"]) {
  lab.test(
    `b5 a login that fails by ${what} does not change the user, the token and the stored entries`,
    async (given) => {
      const { page, token } = await loggedIn(given);
      const disk = () => page.evaluate(() => ({ ...localStorage }));
      const before = await disk();
      // Another uid, because a login of the current user sends no request.
      const [attempt, code] =
        what === "a wrong key"
          ? [(page) => login(page, CAPTAIN, "no-such-key"), FAILURES[what][1]]
          : FAILURES[what];
      assertError(await attempt(page), code);
      assert.deepEqual(await disk(), before);
      assert.deepEqual(await events(page), [`loginFailure ${code}`]);
      await assertSession(given, page, IRON_MAN, token);
      await page.reload();
      await page.evaluate(() => lab.init());
      await assertSession(given, page, IRON_MAN, token);
    },
  );
}

lab.test("b11 without a session, calls that need one reject without a request", async (given) => {
  const page = await ready(given);
  const outcomes = await page.evaluate(() =>
    Promise.all(
      [
        CometChat.getUser("superhero3"),
        CometChat.updateCurrentUserDetails(new CometChat.User("a", "A")),
        CometChat.logout(),
      ].map(lab.outcome),
    ),
  );
  for (const outcome of outcomes) assertError(outcome, "USER_NOT_LOGGED_IN");
  assert.equal(await page.evaluate(() => CometChat.verifySession()), null);
  assert.deepEqual(await page.evaluate(() => [lab.sent, lab.events]), [0, []]);
});

// ---- logout

lab.test(
  "b9 a user deleted by your server can log out, with one event and no error",
  async (given) => {
    const uid = await newUser("deleted-while-in");
    const { page } = await loggedIn(given, uid);
    await serverRequest("DELETE", `/users/${uid}`, { permanent: true });
    assert.deepEqual(await logout(page), { value: {} });
    assert.deepEqual(await events(page), ["logoutSuccess"]);
    await page.reload();
    await page.evaluate(() => lab.init());
    assert.equal(await currentUid(page), null);
  },
);

lab.test(
  "b9 a logout while offline ends the session, rejects, and leaves no entry for the next start",
  async (given) => {
    const context = await given.ownContext();
    const { page } = await loggedIn(given);
    await context.setOffline(true);
    assertError(await logout(page), "FAILED_TO_FETCH");
    assert.deepEqual(await events(page), ["logoutSuccess", "logoutFailure FAILED_TO_FETCH"]);
    assert.equal(await currentUid(page), null);
    await context.setOffline(false);
    await page.reload();
    await page.evaluate(() => lab.init());
    assert.equal(await currentUid(page), null);
    assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
  },
);

for (const [what, answer, code] of [
  ["200", undefined, undefined],
  [
    "an unknown token",
    { status: 401, body: { error: { code: NO_TOKEN, message: "No such token." } } },
    undefined,
  ],
  [
    "a failure",
    { status: 500, body: { error: { code: "ERR_EXCEPTION", message: "Broken down." } } },
    "ERR_EXCEPTION",
  ],
  ["an empty object", { body: {} }, "INVALID_RESPONSE"],
  ["no JSON", { status: 502, body: "<h1>Bad gateway</h1>" }, "INVALID_RESPONSE"],
  ["nothing", "hang", "REQUEST_TIMEOUT"],
]) {
  const failure = code ? ", then logoutFailure" : "";
  lab.test(
    `b9 a logout with the answer ${what} fires logoutSuccess once${failure}`,
    async (given) => {
      const { page } = await loggedIn(given, IRON_MAN, { timeout: 700 });
      given.answer(({ method }) => (method === "DELETE" ? answer : undefined));
      const outcome = await logout(page);
      if (code) assertError(outcome, code);
      else assert.equal(outcome.error, undefined);
      assert.deepEqual(await events(page), [
        "logoutSuccess",
        ...(code ? [`logoutFailure ${code}`] : []),
      ]);
      assert.deepEqual(
        [
          await currentUid(page),
          await page.evaluate((key) => localStorage.getItem(key), USER_ENTRY),
        ],
        [null, null],
      );
    },
  );
}

lab.test("b8 a login does not undo a logout during the login", async (given) => {
  const page = await ready(given);
  const held = [];
  given.answer(({ method }) =>
    method === "PUT" ? { until: new Promise((resolve) => held.push(resolve)) } : undefined,
  );
  await page.evaluate(
    (key) => void (window.going = lab.outcome(CometChat.login("superhero1", key))),
    lab.emulator.authKey,
  );
  await until("the second request", () => held.length > 0);
  assert.deepEqual(await logout(page), { value: {} });
  assertError(await page.evaluate(() => window.going), "LOGIN_ABORTED");
  for (const release of held) release();
  await until("its answer, or that nobody waits for it", () =>
    given.requests().some(({ method, status, aborted }) => method === "PUT" && (status || aborted)),
  );
  assert.deepEqual(
    [await currentUid(page), await page.evaluate((key) => localStorage.getItem(key), USER_ENTRY)],
    [null, null],
  );
  assert.deepEqual(await events(page), ["loginFailure LOGIN_ABORTED"]);
  given.answer(() => undefined);
  assert.equal((await login(page, CAPTAIN)).value?.uid, CAPTAIN);
});

lab.test("b15 a logout in one of two tabs reaches the other, which has focus", async (given) => {
  const [here, there] = [await ready(given), await ready(given)];
  assert.deepEqual(
    [
      await here.evaluate(() => document.hasFocus()),
      await there.evaluate(() => document.hasFocus()),
    ],
    [true, true],
  );
  await login(here, IRON_MAN);
  await there.waitForFunction(() => lab.events.length === 1);
  await logout(here);
  await there.waitForFunction(() => lab.events.length === 2);
  assert.deepEqual(await events(there), [`loginSuccess ${IRON_MAN}`, "logoutSuccess"]);
  assertError((await ask(given, there)).outcome, "USER_NOT_LOGGED_IN");
});

// ---- the stored session at a start

lab.test(
  "b29 verifySession finds a token that was revoked while the app was closed",
  async (given) => {
    const { page, token } = await loggedIn(given);
    await serverRequest("DELETE", `/users/${IRON_MAN}/auth_tokens/${token}`);
    await page.reload();
    await page.evaluate(() => (lab.listen(), lab.init()));
    assert.equal(await currentUid(page), IRON_MAN, "a start sends no request");
    assert.deepEqual(await page.evaluate(() => lab.outcome(CometChat.verifySession())), {
      value: null,
    });
    assert.deepEqual([await currentUid(page), await events(page)], [null, ["logoutSuccess"]]);
    assert.deepEqual(lines(given.requests().slice(2)), [`GET ${CLIENT}/me`]);
  },
);

lab.test(
  "b29 verifySession of a valid session refreshes the user; a failing service does not end it",
  async (given) => {
    const context = await given.ownContext();
    const uid = await newUser("verified", "Before");
    const { page, token } = await loggedIn(given, uid, { timeout: 2_000 });
    await serverRequest("PUT", `/users/${uid}`, { name: "After" });
    assert.equal(
      (await page.evaluate(() => lab.outcome(CometChat.verifySession()))).value?.name,
      "After",
    );
    assert.deepEqual(
      await page.evaluate(async () => [
        (await CometChat.getLoggedinUser()).getName(),
        lab.entries()["emulator-app:common_store/user"].name,
      ]),
      ["After", "After"],
    );
    for (const [answer, code] of [
      ["hang", "REQUEST_TIMEOUT"],
      [{ status: 500, body: {} }, "INVALID_RESPONSE"],
      [
        { status: 401, body: { error: { code: "AUTH_ERR_NO_ACCESS", message: "Not for you." } } },
        "AUTH_ERR_NO_ACCESS",
      ],
    ]) {
      given.answer(({ method }) => (method === "GET" ? answer : undefined));
      assertError(await page.evaluate(() => lab.outcome(CometChat.verifySession())), code);
    }
    given.answer(() => undefined);
    await context.setOffline(true);
    assertError(
      await page.evaluate(() => lab.outcome(CometChat.verifySession())),
      "FAILED_TO_FETCH",
    );
    await context.setOffline(false);
    assert.deepEqual(await events(page), []);
    await assertSession(given, page, uid, token);
  },
);

for (const [what, settings] of [
  ["of an older client", { APP_VERSION: 3 }],
  ["without a version", { APP_VERSION: undefined }],
]) {
  lab.test(
    `b4 stored settings ${what}: the session stays, also offline, and nothing is restarted`,
    async (given) => {
      const context = await given.ownContext();
      const { page, token } = await loggedIn(given);
      await page.evaluate(
        ([key, settings]) => {
          localStorage.setItem(
            key,
            JSON.stringify(JSON.stringify({ ...lab.entries()[key], ...settings })),
          );
        },
        [SETTINGS_ENTRY, settings],
      );
      await page.reload();
      // The first call loads the WebAssembly, which needs the network.
      await page.evaluate(() => (lab.listen(), lab.outcome(CometChat.verifySession())));
      await context.setOffline(true);
      await page.evaluate(() => lab.init());
      assert.deepEqual(
        [await currentUid(page), await page.evaluate(() => lab.sent), await events(page)],
        [IRON_MAN, 0, []],
      );
      await context.setOffline(false);
      await assertSession(given, page, IRON_MAN, token);
    },
  );
}

lab.test(
  "b15 getLoggedinUser and the token of calls agree after changes of storage by hand",
  async (given) => {
    const page = await given.open("/empty");
    const [one, two] = [await createToken(IRON_MAN), await createToken(CAPTAIN)];
    const put = (uid, authToken) =>
      page.evaluate(
        ([key, user]) => localStorage.setItem(key, JSON.stringify(JSON.stringify(user))),
        [USER_ENTRY, { uid, name: uid, authToken }],
      );
    await put(IRON_MAN, one);
    await page.goto(`${given.origin}/`);
    await page.evaluate(() => (lab.listen(), lab.init()));
    await assertSession(given, page, IRON_MAN, one);
    await put(CAPTAIN, two);
    await assertSession(given, page, CAPTAIN, two);
    assert.deepEqual(await events(page), ["logoutSuccess", `loginSuccess ${CAPTAIN}`]);
    await page.evaluate(() => localStorage.clear());
    const { outcome, tokens } = await ask(given, page);
    assertError(outcome, "USER_NOT_LOGGED_IN");
    assert.deepEqual([await currentUid(page), tokens], [null, []]);
  },
);

lab.test(
  "b14 storage that is full for a moment: the next login is stored and survives a reload",
  async (given) => {
    const page = await ready(given);
    const full = (is) =>
      page.evaluate((is) => {
        window.setItem ??= Storage.prototype.setItem;
        Storage.prototype.setItem = is
          ? () => {
              throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
            }
          : window.setItem;
      }, is);
    await full(true);
    assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
    assert.equal(await page.evaluate(() => CometChat.persistence), "memory");
    await full(false);
    // A login of the same user again.
    const { value } = await login(page, IRON_MAN);
    assert.equal(await page.evaluate(() => CometChat.persistence), "local");
    await page.reload();
    await page.evaluate(() => lab.init());
    await assertSession(given, page, IRON_MAN, value.authToken);
  },
);

lab.test(
  "b14 storage that is full while a page starts: the stored session stays",
  async (given) => {
    const { page, token } = await loggedIn(given);
    await page.reload();
    await page.evaluate(async () => {
      Storage.prototype.setItem = () => {
        throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
      };
      await lab.init();
    });
    await assertSession(given, page, IRON_MAN, token);
    await page.reload();
    await page.evaluate(() => lab.init());
    await assertSession(given, page, IRON_MAN, token);
  },
);

lab.test(
  "b14 a private window that refuses storage: login, calls and logout work, no console error",
  async (given) => {
    await (
      await given.ownContext()
    ).addInitScript(() => {
      for (const name of ["localStorage", "sessionStorage"]) {
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException("Access is denied for this document.", "SecurityError");
          },
        });
      }
      delete window.indexedDB;
    });
    const { page, token } = await loggedIn(given);
    assert.equal(await page.evaluate(() => CometChat.persistence), "memory");
    await assertSession(given, page, IRON_MAN, token);
    assert.equal((await logout(page)).value?.success, true);
    assert.deepEqual([await currentUid(page), await tokenStatus(token)], [null, 401]);
    assert.deepEqual(
      given.console
        .filter((message) => message.type() === "error")
        .map((message) => message.text()),
      [],
    );
  },
);

// ---- uids

lab.test(
  "b17 a uid is trimmed and escaped, compared without case, may be 0 or null, and is no array",
  async (given) => {
    const { page, token } = await loggedIn(given);
    const before = given.requests().length;
    for (const uid of ["SUPERHERO1", " SuperHero1\t"]) {
      assert.equal(
        (await login(page, uid)).value?.authToken,
        token,
        "the current session, and no new token",
      );
    }
    assertError(await login(page, [IRON_MAN]), "MISSING_PARAMETERS");
    assert.equal(given.requests().length, before);
    for (const uid of ["0", "null", "a/../b?c#d"]) {
      assertError(await login(page, uid), "ERR_UID_NOT_FOUND");
      assert.equal(
        given.requests().at(-1).path,
        `/v3.0/users/${encodeURIComponent(uid)}/auth_tokens`,
      );
    }
  },
);

// ---- data of the app

lab.test(
  "b4 changes of a returned user, at any depth, affect neither storage nor other objects",
  async (given) => {
    const uid = "changed-by-the-app";
    await serverRequest("POST", "/users", {
      uid,
      name: "Original",
      metadata: { deep: { er: ["kept"] } },
      tags: ["kept"],
    });
    const { page } = await loggedIn(given, uid);
    const seen = await page.evaluate(async () => {
      const user = await CometChat.getLoggedinUser();
      user.setName("changed");
      user.setAuthToken("changed");
      user.getMetadata().deep.er[0] = "changed";
      user.getTags().push("changed");
      const other = await CometChat.getLoggedinUser();
      const stored = lab.entries()["emulator-app:common_store/user"];
      return [other, stored]
        .map(({ name, metadata, tags }) => [name, metadata, tags])
        .concat([CometChat.getInstance().getAuthToken() === stored.authToken]);
    });
    const original = ["Original", { deep: { er: ["kept"] } }, ["kept"]];
    assert.deepEqual(seen, [original, original, true]);
  },
);

lab.test(
  "b11 updateCurrentUserDetails keeps its argument, and returns no jwt, settings or channel",
  async (given) => {
    const uid = await newUser("updates-itself");
    const { page, token } = await loggedIn(given, uid);
    for (const kind of ["User", "object"]) {
      const [before, after, result, names] = await page.evaluate(
        async ([kind]) => {
          const plain = { uid: "somebody-else", name: `By ${kind}`, metadata: { a: [1] } };
          const argument = Object.freeze(kind === "User" ? new CometChat.User(plain) : plain);
          const before = JSON.stringify(argument);
          const user = await CometChat.updateCurrentUserDetails(argument);
          return [
            before,
            JSON.stringify(argument),
            { ...user },
            [
              user.getName(),
              (await CometChat.getLoggedinUser()).getName(),
              user instanceof CometChat.User,
            ],
          ];
        },
        [kind],
      );
      assert.equal(after, before);
      assert.deepEqual(
        [result.uid, result.jwt, result.settings, result.wsChannel],
        [uid, undefined, undefined, undefined],
      );
      assert.deepEqual(names, [`By ${kind}`, `By ${kind}`, true]);
      assert.equal(JSON.parse(given.requests().at(-1).body).uid, uid, "it is always oneself");
    }
    const stored = await page.evaluate((key) => lab.entries()[key], USER_ENTRY);
    assert.deepEqual(
      [stored.authToken, typeof stored.jwt, typeof stored.wsChannel],
      [token, "string", "object"],
      "what the official client needs is kept",
    );
    assert.deepEqual(await events(page), []);
    // A response without a token does not change it either.
    given.answer(({ method }) =>
      method === "PUT" ? { body: { data: { uid, name: "Without" } } } : undefined,
    );
    await page.evaluate(() => CometChat.updateCurrentUserDetails({ name: "Without" }));
    given.answer(() => undefined);
    await assertSession(given, page, uid, token);
  },
);

lab.test(
  "b26 token, key, pass and channel secret are not reachable from a global",
  async (given) => {
    const page = await given.open("/empty");
    const known = await page.evaluate(() => Object.getOwnPropertyNames(window));
    await page.goto(`${given.origin}/`);
    await page.evaluate(() => lab.init());
    const token = (await login(page, IRON_MAN)).value.authToken;
    await ask(given, page);
    const found = await page.evaluate(
      ([known, token, key]) => {
        const { jwt, wsChannel } = lab.entries()["emulator-app:common_store/user"];
        const secrets = { token, key, jwt, channel: wsChannel.secret };
        if (
          !Object.values(secrets).every((secret) => typeof secret === "string" && secret.length > 5)
        )
          return ["no secrets to look for"];
        const hold = (value, path, seen) => {
          if (typeof value === "string")
            return Object.keys(secrets)
              .filter((name) => value.includes(secrets[name]))
              .map((name) => `${path}: ${name}`);
          if (!value || !["object", "function"].includes(typeof value) || seen.has(value))
            return [];
          seen.add(value);
          return Reflect.ownKeys(value).flatMap((name) => {
            try {
              return hold(value[name], `${path}.${String(name)}`, seen);
            } catch {
              return [];
            }
          });
        };
        const globals = Object.getOwnPropertyNames(window).filter((name) => !known.includes(name));
        const look = () => globals.flatMap((name) => hold(window[name], name, new Set()));
        // The search itself works.
        const clean = look();
        window.exported.User.planted = { deep: [`Bearer ${token}`] };
        const planted = look();
        delete window.exported.User.planted;
        return [globals.includes("CometChat"), clean, planted.length > 0];
      },
      [known, token, lab.emulator.authKey],
    );
    assert.deepEqual(found, [true, [], true]);
  },
);

lab.test(
  "b3 another app on the same page: the session of the first app stays stored, and is found again",
  async (given) => {
    const { page, token } = await loggedIn(given);
    const disk = () =>
      page.evaluate(() =>
        Object.fromEntries(
          Object.entries(localStorage).filter(([key]) => key.startsWith("emulator-app:")),
        ),
      );
    const before = await disk();
    await page.evaluate(async () => {
      await CometChat.init("other-app", lab.settings());
      await lab.outcome(CometChat.logout());
    });
    assert.deepEqual(
      [await currentUid(page), await page.evaluate(() => CometChat.getAppId())],
      [null, "other-app"],
    );
    assert.deepEqual(await disk(), before);
    assert.ok(
      (await page.evaluate(() => Object.keys(localStorage))).some((key) =>
        key.startsWith("other-app:"),
      ),
      "each under a name of its own",
    );
    await page.evaluate(() => lab.init());
    await assertSession(given, page, IRON_MAN, token);
    assert.deepEqual(await events(page), []);
  },
);

lab.test("b18 host overrides hold after a login and after a reload", async (given) => {
  const page = await given.open();
  // Without the version, which the login response would add.
  const begin = () =>
    page.evaluate(() =>
      CometChat.init("emulator-app", {
        adminHost: "emulator-app.api-in.cometchat.io",
        clientHost: "emulator-app.apiclient-in.cometchat.io",
      }),
    );
  await begin();
  await login(page, IRON_MAN);
  await ask(given, page);
  await page.reload();
  await begin();
  await ask(given, page);
  await logout(page);
  const client = "https://emulator-app.apiclient-in.cometchat.io";
  assert.deepEqual(lines(given.requests()), [
    "POST https://emulator-app.api-in.cometchat.io/users/superhero1/auth_tokens",
    `PUT ${client}/me`,
    `GET ${client}/users/superhero3`,
    `GET ${client}/users/superhero3`,
    `DELETE ${client}/me`,
  ]);
});

// ---- no background activity

lab.test(
  "b16 no telemetry and no socket while the page is open: a login is two requests",
  async (given) => {
    const page = await given.open();
    const sockets = [];
    page.on("websocket", (socket) => sockets.push(socket.url()));
    await page.clock.install();
    await page.reload();
    await page.evaluate(() => lab.init({ socket: true }));
    assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
    // If one of its timers sent a request, it would arrive before the next one.
    await page.clock.runFor("10:00");
    await ask(given, page);
    assert.deepEqual(
      given.requests().map(({ method }) => method),
      ["POST", "PUT", "GET"],
    );
    assert.deepEqual(sockets, []);
  },
);

test("importing and rendering on a server has no effect and does not throw", async () => {
  const entry = pathToFileURL(`${packageFolder()}/index.js`).href;
  const source = `
    import { createElement, useEffect } from "react";
    import { renderToString } from "react-dom/server";
    const { CometChat } = await import(${JSON.stringify(entry)});
    for (const name of ["window", "document"])
      if (name in globalThis) throw new Error("not a server: there is a " + name);
    function App() {
      useEffect(() => void CometChat.init("app", { region: "us" }), []);
      return createElement("p", null, String(CometChat.isInitialized()));
    }
    console.log(renderToString(createElement(App)));`;
  const options = { cwd: fileURLToPath(new URL("../", import.meta.url)), timeout: 20_000 };
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", source],
    options,
  );
  assert.deepEqual([stdout.trim(), stderr], ["<p>false</p>", ""]);
});
