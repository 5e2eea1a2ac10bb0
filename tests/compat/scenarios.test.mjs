/**
 * The rules of docs/reference/rules.md, tested with the package in Chromium against the emulator,
 * over HTTPS and with the service's host names. The proxy answers where a test needs a failing
 * service.
 */
import assert from "node:assert/strict";
import { afterEach } from "node:test";
import { actionsIn, assertError, lines } from "../support/actions.mjs";
import { htmlWith, labSuite, trapsOnDemand, until } from "../support/lab.mjs";
import { bundle } from "../support/package.mjs";

const lab = labSuite();
const {
  ready,
  loggedIn,
  login,
  loginByToken,
  logout,
  currentUid,
  events,
  createToken,
  tokenStatus,
  serverRequest: asServer,
} = actionsIn(lab);
afterEach(() => control("DELETE", "faults"));
const IRON_MAN = "superhero1";
const CAPTAIN = "superhero2";
const ADMIN = "https://emulator-app.api-us.cometchat.io/v3.0";
const CLIENT = "https://emulator-app.apiclient-us.cometchat.io/v3.0";
const USER_ENTRY = "emulator-app:common_store/user";

/** Any call of the API, with plain arguments. */
const ask = (page, name, ...args) =>
  page.evaluate(([name, args]) => lab.outcome(CometChat[name](...args)), [name, args]);
const verify = (page) => ask(page, "verifySession");
const token = (page) => page.evaluate(() => CometChat.getInstance().getAuthToken());
/** A stored entry of the app, `user` or `app_settings`. */
const stored = (page, slot = "user") =>
  page.evaluate((key) => lab.entries()[key], `emulator-app:common_store/${slot}`);

/** A request to the emulator's control API. */
async function control(method, path, body) {
  const reply = await fetch(`${lab.emulator.url}/emulator/v1/${path}`, {
    method,
    body: JSON.stringify(body),
  });
  assert.equal(reply.status, 200, await reply.clone().text());
  return (await reply.json()).data;
}

/** Answers matching requests this way until the end of the test. */
const fault = (method, path, act) => control("POST", "faults", { match: { method, path }, act });

// ---- init

lab.test("b4 a cold init sends no request and resolves true", async (given) => {
  const page = await given.open();
  const [initialised, before] = await page.evaluate(async () => [
    await lab.init(),
    CometChat.isInitialized(),
  ]);
  assert.deepEqual(
    [initialised, before, await page.evaluate(() => CometChat.getAppId())],
    [true, true, "emulator-app"],
  );
  assert.equal(await page.evaluate(() => lab.sent), 0);
  assert.equal(await currentUid(page), null);
});

for (const [region, said] of [
  ["us", "us"],
  ["eu", "EU"],
  ["in", " In "],
]) {
  lab.test(
    `b19 region ${JSON.stringify(said)}: calls go to the hosts of ${region}`,
    async (given) => {
      const page = await ready(given, { region: said });
      assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
      assert.deepEqual(lines(given.requests()), [
        `POST https://emulator-app.api-${region}.cometchat.io/v3.0/users/${IRON_MAN}/auth_tokens`,
        `PUT https://emulator-app.apiclient-${region}.cometchat.io/v3.0/me`,
      ]);
    },
  );
}

lab.test("b19 without a region the region is eu, with one warning", async (given) => {
  const page = await ready(given, { region: null });
  await page.evaluate(() => lab.init({ region: null }));
  await login(page, IRON_MAN);
  assert.match(given.requests()[0].host, /\.api-eu\./);
  assert.equal(
    given.console.filter(
      (message) => message.type() === "warning" && /region/i.test(message.text()),
    ).length,
    1,
  );
});

lab.test("init accepts named arguments and settings as a plain object", async (given) => {
  const page = await given.open();
  assert.equal(
    await page.evaluate(() =>
      CometChat.init({ appId: "emulator-app", appSettings: { region: "us" } }),
    ),
    true,
  );
  assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
  assert.match(given.requests()[0].host, /\.api-us\./);
});

lab.test(
  "b18 host overrides replace the hosts of the region and those of the login response",
  async (given) => {
    const page = await given.open();
    await page.evaluate(() =>
      CometChat.init(
        "emulator-app",
        new CometChat.AppSettingsBuilder()
          .setRegion("eu")
          .overrideAdminHost("emulator-app.api-in.cometchat.io/v3")
          .overrideClientHost("emulator-app.apiclient-in.cometchat.io")
          .build(),
      ),
    );
    assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
    await logout(page);
    assert.deepEqual(lines(given.requests()), [
      `POST https://emulator-app.api-in.cometchat.io/v3/users/${IRON_MAN}/auth_tokens`,
      "PUT https://emulator-app.apiclient-in.cometchat.io/me",
      "DELETE https://emulator-app.apiclient-in.cometchat.io/me",
    ]);
  },
);

lab.test(
  "b18 useEmulator: all calls go there, with a warning; not with overrides or a remote http host",
  async (given) => {
    const { page } = await loggedIn(given, IRON_MAN, { emulator: lab.emulator.url });
    await logout(page);
    assert.deepEqual(given.requests(), [], "nothing for the service's own hosts");
    assert.equal(
      given.console.filter(
        (message) => message.type() === "warning" && /useEmulator/.test(message.text()),
      ).length,
      1,
    );
    for (const refused of [
      { emulator: lab.emulator.url, adminHost: "a.example" },
      { emulator: "http://192.0.2.1:8599" },
      { emulator: "127.0.0.1:8599" },
      { adminHost: "http://a.example" },
    ]) {
      assertError(
        await page.evaluate(
          (settings) => lab.outcome(CometChat.init("emulator-app", { region: "us", ...settings })),
          refused,
        ),
        "INVALID_HOST",
      );
    }
  },
);

lab.test("b4 a warm start finds the session: no request, no event", async (given) => {
  const { page } = await loggedIn(given);
  const before = given.requests().length;
  await page.reload();
  await page.evaluate(async () => {
    lab.listen();
    await lab.init();
  });
  assert.equal(await currentUid(page), IRON_MAN);
  assert.deepEqual(await page.evaluate(() => [lab.sent, lab.events]), [0, []]);
  assert.equal(given.requests().length, before);
});

lab.test(
  "b3 two concurrent inits, as in StrictMode, are one init; the session stays",
  async (given) => {
    const { page } = await loggedIn(given);
    await page.reload();
    const both = await page.evaluate(() => Promise.all([lab.init(), lab.init()]));
    assert.deepEqual(both, [true, true]);
    assert.equal(await currentUid(page), IRON_MAN);
  },
);

// ---- login

lab.test(
  "b16 login by key is two requests, with the documented headers and bodies",
  async (given) => {
    const page = await ready(given);
    const { value: user } = await login(page, IRON_MAN);
    assert.deepEqual(
      [user.uid, user.name, user.role, user.status],
      [IRON_MAN, "Iron Man", "default", "online"],
    );
    const [post, put, ...more] = given.requests();
    assert.deepEqual(more, []);
    assert.deepEqual(lines([post, put]), [
      `POST ${ADMIN}/users/${IRON_MAN}/auth_tokens`,
      `PUT ${CLIENT}/me`,
    ]);
    const stored = await page.evaluate(() => ({
      local: lab.entries(),
      session: sessionStorage.getItem("sessionId"),
      agent: navigator.userAgent,
    }));
    for (const [request, name, credential] of [
      [post, "apikey", lab.emulator.authKey],
      [put, "authtoken", user.authToken],
    ]) {
      assert.deepEqual(own(request.headers), {
        appid: "emulator-app",
        accept: "application/json",
        "content-type": "application/json",
        sdk: "javascript@4.2.0",
        resource: stored.session,
        [name]: credential,
      });
      const { appInfo, ...rest } = JSON.parse(request.body);
      assert.deepEqual(rest, {
        platform: "WEB",
        deviceId: stored.local["emulator-app:keys_store/deviceId"],
      });
      const { client, ...official } = appInfo;
      assert.deepEqual(official, {
        version: "v4.2.0",
        apiVersion: "v3.0",
        userAgent: stored.agent,
      });
      assert.match(client, /^cometchat-auth\/\d+\.\d+\.\d+/);
    }
    assert.match(stored.session, /^WEB-4_2_0-[0-9a-f-]{36}-\d{13}$/);
    // One preflight for each request, because it has custom headers.
    assert.deepEqual(
      given
        .preflights()
        .map(({ host, headers }) => [host.split(".")[1], headers["access-control-request-method"]]),
      [
        ["api-us", "POST"],
        ["apiclient-us", "PUT"],
      ],
    );
    assert.deepEqual(await events(page), [`loginSuccess ${IRON_MAN}`]);
  },
);

/** The headers that the page sets, without those of the browser. */
function own(headers) {
  const browser = ["host", "connection", "content-length", "origin", "referer", "user-agent"];
  browser.push("accept-encoding", "accept-language", "priority", "pragma", "cache-control");
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !browser.includes(name) && !name.startsWith("sec-")),
  );
}

lab.test("b16 login by token is one request, with the given token", async (given) => {
  const page = await ready(given);
  const token = await createToken(CAPTAIN);
  const { value } = await loginByToken(page, token);
  assert.deepEqual([value.uid, value.authToken], [CAPTAIN, token]);
  assert.deepEqual(lines(given.requests()), [`PUT ${CLIENT}/me`]);
  assert.equal(given.requests()[0].headers.authtoken, token);
});

lab.test("b6 login accepts named arguments", async (given) => {
  const page = await ready(given);
  const key = lab.emulator.authKey;
  const byName = (request) =>
    page.evaluate((request) => lab.outcome(CometChat.login(request)), request);
  assert.equal((await byName({ uid: IRON_MAN, authKey: key })).value.uid, IRON_MAN);
  assert.equal((await byName({ username: CAPTAIN, apiKey: key })).value.uid, CAPTAIN);
  assert.equal((await byName({ authToken: await createToken(IRON_MAN) })).value.uid, IRON_MAN);
});

lab.test("b6 a response for another uid is no login", async (given) => {
  const { page } = await loggedIn(given);
  const token = await createToken("superhero3");
  const outcome = await page.evaluate(
    (token) => lab.outcome(CometChat.login({ uid: "superhero2", authToken: token })),
    token,
  );
  assertError(outcome, "INVALID_RESPONSE");
  assert.equal(await currentUid(page), IRON_MAN);
});

lab.test("b17 a uid is trimmed and is one segment of the path", async (given) => {
  const page = await ready(given);
  assert.equal((await login(page, `  ${IRON_MAN}\n`)).value?.uid, IRON_MAN);
  assertError(await login(page, "a/b?c#d%"), "ERR_UID_NOT_FOUND");
  assert.equal(given.requests().at(-1).path, "/v3.0/users/a%2Fb%3Fc%23d%25/auth_tokens");
});

lab.test("b22 an unknown uid: the service's code and status, and loginFailure", async (given) => {
  const page = await ready(given);
  const error = assertError(await login(page, "nobody-here"), "ERR_UID_NOT_FOUND");
  assert.deepEqual([error.status, error.retryable], [404, false]);
  assert.deepEqual(await events(page), ["loginFailure ERR_UID_NOT_FOUND"]);
  assert.equal(await currentUid(page), null);
});

lab.test(
  "b26 a wrong key: the service's code; no error, message, stored entry or URL has the key",
  async (given) => {
    const page = await ready(given);
    const key = "not-the-key-73c1f0";
    // The worst case: the service repeats the key in every field, raw and percent-encoded.
    given.answer(({ method }) =>
      method === "POST"
        ? {
            status: 401,
            body: {
              error: {
                code: "AUTH_ERR_APIKEY_NOT_FOUND",
                message: `The key ${key} is unknown (${encodeURIComponent(key)})`,
                details: { [key]: [key] },
              },
            },
          }
        : undefined,
    );
    const worst = assertError(await login(page, IRON_MAN, key), "AUTH_ERR_APIKEY_NOT_FOUND");
    given.answer(() => undefined);
    const real = assertError(await login(page, IRON_MAN, key), "AUTH_ERR_APIKEY_NOT_FOUND");
    assert.equal(real.status, 401);
    for (const error of [worst, real]) {
      assert.equal(error.all.includes(key), false, error.all);
    }
    assert.match(worst.message, /\*\*\*/);
    const stored = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    );
    const globals = await page.evaluate(() =>
      Object.keys(window)
        .filter((name) => typeof window[name] === "string")
        .map((name) => window[name])
        .join(),
    );
    for (const place of [
      stored,
      globals,
      given.console.map((message) => message.text()).join(),
      given
        .requests()
        .map(({ url }) => url)
        .join(),
    ]) {
      assert.equal(place.includes(key), false, place);
    }
  },
);

lab.test(
  "b26 a successful login puts no token and no key into the console or a URL",
  async (given) => {
    const { page, token } = await loggedIn(given);
    await logout(page);
    for (const place of [
      given.console.map((message) => message.text()).join(),
      given
        .requests()
        .map(({ url }) => url)
        .join(),
    ]) {
      for (const secret of [token, lab.emulator.authKey]) {
        assert.equal(place.includes(secret), false, place);
      }
    }
  },
);

lab.test("b26 an unknown token is not in the error", async (given) => {
  const page = await ready(given);
  const token = "no-such-token-51e7";
  given.answer(({ method }) =>
    method === "PUT"
      ? {
          status: 401,
          body: {
            error: {
              code: "AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
              message: `The auth token ${token} does not exist.`,
              details: { token },
            },
          },
        }
      : undefined,
  );
  const error = assertError(await loginByToken(page, token), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
  assert.equal(error.all.includes(token), false, error.all);
});

lab.test(
  "b26 a short token is masked where it stands alone; a longer number that contains it stays",
  async (given) => {
    const page = await ready(given);
    const unknown = {
      code: "AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
      message: "The auth token 42 does not exist.",
      details: { at: 1742, token: "42" },
    };
    given.answer(({ method }) =>
      method === "PUT" ? { status: 401, body: { error: unknown } } : undefined,
    );
    const error = assertError(await loginByToken(page, 42), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
    assert.deepEqual([error.status, error.message], [401, "The auth token *** does not exist."]);
    assert.deepEqual(JSON.parse(error.json).details, { at: 1742, token: "***" });
    // The stack has addresses of the WebAssembly, which can contain any number.
    const all = error.all.replace(/wasm:\/\/\S+/g, "");
    assert.deepEqual(all.match(/\w*42\w*/g), ["1742"]);
  },
);

lab.test(
  "b13 the page gets no global, and no handler that prevents the back/forward cache",
  async (given) => {
    await (
      await given.ownContext()
    ).addInitScript(() => {
      const { addEventListener } = EventTarget.prototype;
      window.listened = [];
      EventTarget.prototype.addEventListener = function (type, ...rest) {
        window.listened.push(type);
        return addEventListener.call(this, type, ...rest);
      };
      window.globals = () =>
        Object.getOwnPropertyNames(window).filter((name) => !/^\d+$/.test(name));
    });
    const page = await given.open();
    const before = await page.evaluate(() => window.globals());
    await page.evaluate(() => lab.init());
    await login(page, IRON_MAN);
    await logout(page);
    assert.deepEqual(await page.evaluate(() => window.globals()), before);
    const listened = await page.evaluate(() => window.listened);
    assert.ok(listened.includes("storage"), "the recording works");
    assert.equal(
      listened.some((type) => /unload/.test(type)),
      false,
      listened.join(),
    );
  },
);

lab.test("b27 one warning about the auth key on a public page", async (given) => {
  const { page } = await loggedIn(given);
  await login(page, CAPTAIN);
  assert.equal(
    given.console.filter(
      (message) => message.type() === "warning" && /auth key/.test(message.text()),
    ).length,
    1,
  );
});

lab.test("b6 a login of the current user, in any case: no request, loginSuccess", async (given) => {
  const { page, token } = await loggedIn(given);
  const before = given.requests().length;
  assert.equal((await login(page, IRON_MAN.toUpperCase(), "any-key")).value.authToken, token);
  assert.equal((await loginByToken(page, token)).value.uid, IRON_MAN);
  assert.equal(given.requests().length, before);
  assert.deepEqual(await events(page), [`loginSuccess ${IRON_MAN}`, `loginSuccess ${IRON_MAN}`]);
});

lab.test(
  "b6 another user: logoutSuccess, then loginSuccess, and the session is replaced",
  async (given) => {
    const { page } = await loggedIn(given);
    assert.equal((await login(page, CAPTAIN)).value.uid, CAPTAIN);
    assert.deepEqual(await events(page), ["logoutSuccess", `loginSuccess ${CAPTAIN}`]);
    assert.equal(await currentUid(page), CAPTAIN);
    assert.equal(await page.evaluate((key) => lab.entries()[key].uid, USER_ENTRY), CAPTAIN);
  },
);

lab.test(
  "b6 another token of the same user replaces the token: loginSuccess alone",
  async (given) => {
    const { page } = await loggedIn(given);
    const token = await createToken(IRON_MAN);
    assert.equal((await loginByToken(page, token)).value.authToken, token);
    assert.deepEqual(await events(page), [`loginSuccess ${IRON_MAN}`]);
    assert.equal(await page.evaluate(() => CometChat.getInstance().getAuthToken()), token);
  },
);

lab.test("b21 data with a failure status is no success", async (given) => {
  const page = await ready(given);
  given.answer(({ method }) =>
    method === "POST"
      ? { status: 403, body: { data: { uid: IRON_MAN, authToken: "t" } } }
      : undefined,
  );
  assertError(await login(page, IRON_MAN), "INVALID_RESPONSE");
  assert.equal(given.requests().length, 1);
});

/** The error of a login that a busy service answers with this `Retry-After`. */
async function busy(given, retryAfter) {
  const page = await ready(given);
  given.answer(({ method }) =>
    method === "POST"
      ? {
          status: 429,
          headers: { "Retry-After": retryAfter() },
          body: { error: { code: "ERR_TOO_MANY_REQUESTS", message: "Slow down" } },
        }
      : undefined,
  );
  return assertError(await login(page, IRON_MAN), "ERR_TOO_MANY_REQUESTS");
}

lab.test("b22 a busy service: retryable and retryAfter", async (given) => {
  const error = await busy(given, () => "17");
  assert.deepEqual([error.status, error.retryable, error.retryAfter], [429, true, 17]);
});

/** An HTTP-date so many seconds from now. */
const dateIn = (seconds) => new Date(Date.now() + 1000 * seconds).toUTCString();

lab.test("b22 a busy service until a date: retryAfter is converted to seconds", async (given) => {
  const error = await busy(given, () => dateIn(60));
  assert.deepEqual([error.status, error.retryable], [429, true]);
  assert.ok(error.retryAfter >= 59 && error.retryAfter <= 61, String(error.retryAfter));
});

for (const [what, retryAfter] of [
  ["a date in the past", () => dateIn(-60)],
  ["a negative number", () => "-5"],
  ["an empty text", () => ""],
  ["a word", () => "soon"],
  ["a number and a word", () => "17 apples"],
  ["a word and a number", () => "after 2099"],
  ["a word, a number and GMT", () => "after 2099 GMT"],
  ["a date of another format", () => new Date(Date.now() + 60_000).toISOString()],
]) {
  lab.test(`b22 a busy service with ${what} as Retry-After: no retryAfter`, async (given) => {
    const error = await busy(given, retryAfter);
    assert.deepEqual([error.status, error.retryable, error.retryAfter], [429, true, undefined]);
  });
}

lab.test(
  "b7 two equal logins, as in StrictMode, are one pair of requests and one event",
  async (given) => {
    const page = await ready(given);
    const outcomes = await page.evaluate(
      (key) =>
        Promise.all(
          [1, 2, 3].map((n) =>
            lab.outcome(CometChat.login(n === 2 ? "SUPERHERO1" : "superhero1", key)),
          ),
        ),
      lab.emulator.authKey,
    );
    assert.deepEqual(
      outcomes.map(({ value }) => value?.uid),
      [IRON_MAN, IRON_MAN, IRON_MAN],
    );
    assert.equal(given.requests().length, 2);
    assert.deepEqual(await events(page), [`loginSuccess ${IRON_MAN}`]);
  },
);

lab.test("b7 a different login is refused while one runs; the first continues", async (given) => {
  const page = await ready(given);
  const [first, second] = await page.evaluate(
    (key) =>
      Promise.all([
        lab.outcome(CometChat.login("superhero1", key)),
        lab.outcome(CometChat.login("superhero2", key)),
      ]),
    lab.emulator.authKey,
  );
  assert.equal(first.value.uid, IRON_MAN);
  assertError(second, "LOGIN_IN_PROGRESS");
  assert.deepEqual(
    await events(page),
    [`loginSuccess ${IRON_MAN}`],
    "no loginFailure for it (b25)",
  );
});

lab.test("b2 calls that wait for a failing init get its error", async (given) => {
  const page = await given.open();
  const outcomes = await page.evaluate(() => {
    const init = lab.outcome(lab.init({ region: "moon" }));
    return Promise.all([
      init,
      lab.outcome(CometChat.login("superhero1", "k")),
      lab.outcome(CometChat.getLoggedinUser()),
      lab.outcome(CometChat.logout()),
    ]);
  });
  for (const outcome of outcomes) {
    assertError(outcome, "INVALID_REGION");
  }
});

lab.test("b2 without init every call rejects COMETCHAT_INITIALIZATION_NOT_DONE", async (given) => {
  const page = await given.open();
  const outcomes = await page.evaluate(() =>
    Promise.all(
      [
        CometChat.login("superhero1", "k"),
        CometChat.login("t"),
        CometChat.getLoggedinUser(),
        CometChat.logout(),
      ].map(lab.outcome),
    ),
  );
  for (const outcome of outcomes) {
    const error = assertError(outcome, "COMETCHAT_INITIALIZATION_NOT_DONE");
    assert.match(error.message, /init/);
  }
  assert.equal(await page.evaluate(() => lab.sent), 0);
  assert.deepEqual(
    await page.evaluate(() => [
      CometChat.isInitialized(),
      CometChat.persistence,
      CometChat.getAppId(),
      CometChat.getInstance().getAuthToken(),
    ]),
    [false, null, null, null],
  );
});

// ---- logout

lab.test("b9 logout ends the local session at once, before the service answers", async (given) => {
  const { page, token } = await loggedIn(given);
  let answer;
  given.answer(({ method }) =>
    method === "DELETE" ? { until: new Promise((resolve) => (answer = resolve)) } : undefined,
  );
  await page.evaluate(() => void (window.ending = lab.outcome(CometChat.logout())));
  assert.equal(await currentUid(page), null);
  assert.deepEqual(await events(page), ["logoutSuccess"]);
  assert.equal(await page.evaluate((key) => localStorage.getItem(key), USER_ENTRY), null);
  await until("the DELETE", () => answer);
  assert.equal(await tokenStatus(token), 200, "the DELETE is not sent yet");
  answer();
  assert.equal((await page.evaluate(() => window.ending)).value.success, true);
  assert.equal(await tokenStatus(token), 401);
  assert.deepEqual(lines(given.requests().slice(2)), [`DELETE ${CLIENT}/me`]);
  assert.deepEqual(await events(page), ["logoutSuccess"], "once");
});

for (const [what, leave] of [
  ["closed", (page) => page.close()],
  ["left", (page, given) => page.goto(`${given.origin}/empty`)],
]) {
  lab.test(`b9 the DELETE survives a page that is ${what} while it is in flight`, async (given) => {
    // The browser has no cached permission for a DELETE, so a preflight comes first. The proxy
    // holds it until the page is gone, so the DELETE itself has not been sent by then.
    const token = await createToken(IRON_MAN);
    const page = await given.open("/empty");
    await page.evaluate(
      ([key, token]) =>
        localStorage.setItem(
          key,
          JSON.stringify({ uid: "superhero1", name: "Iron Man", authToken: token }),
        ),
      [USER_ENTRY, token],
    );
    await page.goto(`${given.origin}/`);
    await page.evaluate(() => lab.init());
    let left;
    const pageIsGone = new Promise((resolve) => (left = resolve));
    given.answer(({ preflight, headers }) =>
      preflight && headers["access-control-request-method"] === "DELETE"
        ? { until: pageIsGone }
        : undefined,
    );
    await page.evaluate(() => void CometChat.logout().catch(() => {}));
    await until("the preflight", () =>
      given
        .preflights()
        .some(({ headers }) => headers["access-control-request-method"] === "DELETE"),
    );
    await leave(page, given);
    left();
    await until("the token is revoked", async () => (await tokenStatus(token)) === 401);
  });
}

lab.test("b9 logout without a session: USER_NOT_LOGGED_IN, no request, no event", async (given) => {
  const page = await ready(given);
  assertError(await logout(page), "USER_NOT_LOGGED_IN");
  assert.deepEqual(await page.evaluate(() => [lab.sent, lab.events]), [0, []]);
});

lab.test("b9 logout resolves if the service does not know the token", async (given) => {
  const { page, token } = await loggedIn(given);
  await fetch(`${lab.emulator.url}/v3/me`, {
    method: "DELETE",
    headers: { appId: lab.emulator.appId, authToken: token },
  });
  assert.deepEqual(await logout(page), { value: {} });
  assert.deepEqual(await events(page), ["logoutSuccess"]);
});

lab.test("b9 a failing service: the local session ends, and logout rejects", async (given) => {
  const { page } = await loggedIn(given);
  given.answer(({ method }) =>
    method === "DELETE"
      ? { status: 500, body: { error: { code: "ERR_EXCEPTION", message: "Something broke" } } }
      : undefined,
  );
  assert.equal(assertError(await logout(page), "ERR_EXCEPTION").retryable, true);
  assert.deepEqual(await events(page), ["logoutSuccess", "logoutFailure ERR_EXCEPTION"]);
  assert.equal(await currentUid(page), null);
});

lab.test("b9 two concurrent logouts are one", async (given) => {
  const { page } = await loggedIn(given);
  const both = await page.evaluate(() =>
    Promise.all([lab.outcome(CometChat.logout()), lab.outcome(CometChat.logout())]),
  );
  assert.deepEqual(
    both.map(({ value }) => value?.success),
    [true, true],
  );
  assert.deepEqual(await events(page), ["logoutSuccess"]);
  assert.equal(given.requests().filter(({ method }) => method === "DELETE").length, 1);
});

lab.test("b9 a login directly after a logout, not awaited, starts a new session", async (given) => {
  const { page, token } = await loggedIn(given);
  const [ended, begun] = await page.evaluate(
    (key) =>
      Promise.all([
        lab.outcome(CometChat.logout()),
        lab.outcome(CometChat.login("superhero1", key)),
      ]),
    lab.emulator.authKey,
  );
  assert.equal(ended.value?.success, true);
  assert.equal(begun.value?.uid, IRON_MAN);
  assert.notEqual(begun.value.authToken, token);
  assert.deepEqual(
    [await tokenStatus(token), await tokenStatus(begun.value.authToken)],
    [401, 200],
  );
  assert.deepEqual(await events(page), ["logoutSuccess", `loginSuccess ${IRON_MAN}`]);
});

// ---- tabs and storage

lab.test(
  "b15 a second tab follows login, change of user and logout, without a request",
  async (given) => {
    const first = await ready(given);
    const second = await ready(given);
    await login(first, IRON_MAN);
    await second.waitForFunction(() => lab.events.length === 1);
    await login(first, CAPTAIN);
    await second.waitForFunction(() => lab.events.length === 3);
    assert.equal(await currentUid(second), CAPTAIN);
    await logout(first);
    await second.waitForFunction(() => lab.events.length === 4);
    assert.deepEqual(await events(second), [
      `loginSuccess ${IRON_MAN}`,
      "logoutSuccess",
      `loginSuccess ${CAPTAIN}`,
      "logoutSuccess",
    ]);
    assert.equal(await second.evaluate(() => lab.sent), 0);
    assert.equal(await currentUid(second), null);
  },
);

lab.test(
  "b15 two tabs that log in different users at the same time end with the same user",
  async (given) => {
    const tabs = [await ready(given), await ready(given)];
    const outcomes = await Promise.all([login(tabs[0], IRON_MAN), login(tabs[1], CAPTAIN)]);
    assert.deepEqual(
      outcomes.map(({ value }) => value?.uid),
      [IRON_MAN, CAPTAIN],
      "each caller has its own user",
    );
    // Tabs in separate processes see each other's writes after some milliseconds.
    const uids = () => Promise.all(tabs.map(currentUid));
    await until("both tabs say the same", async () => new Set(await uids()).size === 1);
    const [uid] = await uids();
    for (const tab of tabs) {
      assert.equal((await stored(tab)).uid, uid);
      assert.equal((await events(tab)).at(-1), `loginSuccess ${uid}`);
    }
  },
);

lab.test("b15 localStorage.clear() in another tab is a logout", async (given) => {
  const { page } = await loggedIn(given);
  const other = await given.open("/empty");
  await other.evaluate(() => localStorage.clear());
  await page.waitForFunction(() => lab.events.length === 1);
  assert.deepEqual(await events(page), ["logoutSuccess"]);
});

lab.test("b15 a change of storage by this page is noticed at the next call", async (given) => {
  const { page } = await loggedIn(given);
  const seen = await page.evaluate(async (key) => {
    localStorage.removeItem(key);
    const user = await CometChat.getLoggedinUser();
    return [user, CometChat.getInstance().getAuthToken(), lab.events];
  }, USER_ENTRY);
  assert.deepEqual(seen, [null, null, ["logoutSuccess"]]);
});

lab.test(
  "b13 a damaged user entry is no session; every call settles, and login works",
  async (given) => {
    const page = await given.open("/empty");
    const twice = (value) => JSON.stringify(JSON.stringify(value));
    for (const damaged of [
      "",
      "{not json",
      "5",
      "[]",
      '"text"',
      "null",
      twice({}),
      twice({ uid: "alice" }),
      twice({ uid: "alice", authToken: "" }),
      twice({ authToken: {} }),
    ]) {
      await page.evaluate(([key, text]) => localStorage.setItem(key, text), [USER_ENTRY, damaged]);
      await page.goto(`${given.origin}/`);
      await page.evaluate(() => lab.init());
      assert.equal(await currentUid(page), null, damaged);
      assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN, damaged);
      assert.equal(
        await page.evaluate((key) => lab.entries()[key].uid, USER_ENTRY),
        IRON_MAN,
        damaged,
      );
    }
  },
);

lab.test("b13 entries of others stay unchanged through login and logout", async (given) => {
  const page = await given.open("/empty");
  const foreign = await page.evaluate(() => {
    localStorage.setItem("theme", "dark");
    localStorage.setItem("other-app:common_store/user", "theirs");
    localStorage.setItem("emulator-app:common_store/draft", "kept");
    sessionStorage.setItem("sessionId", "an app's own");
    return { ...localStorage };
  });
  await page.goto(`${given.origin}/`);
  await page.evaluate(() => lab.init());
  await login(page, IRON_MAN);
  assert.match(given.requests()[0].headers.resource, /^WEB-4_2_0-/);
  await logout(page);
  const after = await page.evaluate(() => ({ ...localStorage }));
  for (const [key, value] of Object.entries(foreign)) {
    assert.equal(after[key], value, key);
  }
  assert.equal(await page.evaluate(() => sessionStorage.getItem("sessionId")), "an app's own");
});

lab.test(
  "b14 full storage: login works in memory, no entry is half written, and the next login is stored",
  async (given) => {
    const page = await ready(given);
    await page.evaluate(() => {
      let size = 1 << 20;
      for (let n = 0; size > 0; n++) {
        try {
          localStorage.setItem(`filler${n}`, "x".repeat(size));
        } catch {
          size >>= 1;
        }
      }
    });
    assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
    assert.equal(await page.evaluate(() => CometChat.persistence), "memory");
    assert.equal(await currentUid(page), IRON_MAN);
    const left = await page.evaluate(() =>
      Object.keys(localStorage).filter((key) => /common_store\/(user|app_settings)$/.test(key)),
    );
    assert.deepEqual(left, []);
    await page.evaluate(() =>
      Object.keys(localStorage)
        .filter((key) => key.startsWith("filler"))
        .forEach((key) => localStorage.removeItem(key)),
    );
    assert.equal((await login(page, CAPTAIN)).value?.uid, CAPTAIN);
    assert.equal(await page.evaluate(() => CometChat.persistence), "local");
    assert.equal(await page.evaluate((key) => lab.entries()[key].uid, USER_ENTRY), CAPTAIN);
  },
);

lab.test("b12 session mode stores the session only in this tab's sessionStorage", async (given) => {
  const { page } = await loggedIn(given, IRON_MAN, { session: true });
  assert.equal(await page.evaluate(() => CometChat.persistence), "session");
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
  await page.reload();
  await page.evaluate(() => lab.init({ session: true }));
  assert.equal(await currentUid(page), IRON_MAN);
});

lab.test(
  "b16 a stored session with a foreign host is no session, and its token is not sent",
  async (given) => {
    const { page } = await loggedIn(given);
    const before = given.requests().length;
    await page.evaluate(
      (app) =>
        localStorage.setItem(
          `${app}:common_store/app_settings`,
          JSON.stringify(
            JSON.stringify({
              CLIENT_API_HOST: "evil.lab.test",
              ADMIN_API_HOST: "evil.lab.test",
              CHAT_API_VERSION: "v3.0",
            }),
          ),
        ),
      lab.emulator.appId,
    );
    await page.reload();
    await page.evaluate(() => lab.init());
    assert.equal(await currentUid(page), null);
    assertError(await logout(page), "USER_NOT_LOGGED_IN");
    assert.equal(given.requests().length, before);
  },
);

// ---- settling

lab.test(
  "b1 a service that does not answer: REQUEST_TIMEOUT, and the next call works",
  async (given) => {
    const page = await ready(given, { timeout: 300 });
    given.answer(({ method }) => (method === "POST" ? "hang" : undefined));
    const error = assertError(await login(page, IRON_MAN), "REQUEST_TIMEOUT");
    assert.equal(error.retryable, true);
    assert.deepEqual(await events(page), ["loginFailure REQUEST_TIMEOUT"]);
    await until("the request is given up", () => given.requests()[0].aborted);
    given.answer(() => undefined);
    await page.evaluate(() => lab.init());
    assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
  },
);

lab.test(
  "b1 one deadline holds for the whole call: a second request that hangs counts from the start",
  async (given) => {
    const page = await ready(given, { timeout: 600 });
    given.answer(({ method }) => (method === "PUT" ? "hang" : undefined));
    const [outcome, took] = await page.evaluate(async (key) => {
      const start = performance.now();
      return [await lab.outcome(CometChat.login("superhero1", key)), performance.now() - start];
    }, lab.emulator.authKey);
    assertError(outcome, "REQUEST_TIMEOUT");
    assert.ok(took >= 590 && took < 1600, `${took} ms`);
  },
);

lab.test("b1 the deadline includes a body that never ends", async (given) => {
  const page = await ready(given, { timeout: 300 });
  given.answer(({ method }) =>
    method === "POST" ? { headers: { "Content-Length": "5000" }, body: "{" } : undefined,
  );
  assertError(await login(page, IRON_MAN), "REQUEST_TIMEOUT");
});

lab.test("b22 offline: FAILED_TO_FETCH, retryable, and no session is lost", async (given) => {
  const context = await given.ownContext();
  const { page } = await loggedIn(given);
  await context.setOffline(true);
  const error = assertError(await login(page, CAPTAIN), "FAILED_TO_FETCH");
  assert.equal(error.retryable, true);
  assert.equal(await currentUid(page), IRON_MAN);
  await context.setOffline(false);
  assert.equal((await login(page, CAPTAIN)).value?.uid, CAPTAIN);
});

lab.test("b22 a connection that breaks during the body: FAILED_TO_FETCH", async (given) => {
  const page = await ready(given);
  given.answer(({ method }) =>
    method === "POST" ? { headers: { "Content-Length": "5000" }, body: "{" } : undefined,
  );
  const outcome = page.evaluate(
    (key) => lab.outcome(CometChat.login("superhero1", key)),
    lab.emulator.authKey,
  );
  await until("the request", () => given.requests().length === 1);
  lab.proxy.cut();
  assertError(await outcome, "FAILED_TO_FETCH");
});

lab.test("b22 a response that is no envelope: INVALID_RESPONSE with its status", async (given) => {
  const page = await ready(given);
  for (const body of [
    "",
    "null",
    "{}",
    "<h1>Bad gateway</h1>",
    '{"data":',
    "[1]",
    '{"error":"text"}',
  ]) {
    given.answer(({ method }) => (method === "POST" ? { status: 502, body } : undefined));
    assert.equal(assertError(await login(page, IRON_MAN), "INVALID_RESPONSE").status, 502, body);
  }
});

lab.test("b7 a signal aborts its own caller; the joined caller continues", async (given) => {
  const page = await ready(given);
  let answer;
  given.answer(({ method }) =>
    method === "POST" ? { until: new Promise((resolve) => (answer = resolve)) } : undefined,
  );
  await page.evaluate((key) => {
    const abort = new AbortController();
    window.leave = () => abort.abort();
    window.leaver = lab.outcome(
      CometChat.login({ uid: "superhero1", authKey: key, signal: abort.signal }),
    );
    window.stayer = lab.outcome(CometChat.login("superhero1", key));
  }, lab.emulator.authKey);
  await until("the POST", () => answer);
  assertError(await page.evaluate(() => (window.leave(), window.leaver)), "REQUEST_ABORTED");
  answer();
  assert.equal((await page.evaluate(() => window.stayer)).value?.uid, IRON_MAN);
  assert.deepEqual(await events(page), [`loginSuccess ${IRON_MAN}`]);
});

lab.test(
  "b7 the signal of the last caller stops the login; a login in the same task starts fresh",
  async (given) => {
    const page = await ready(given);
    given.answer(({ method, path }) =>
      method === "POST" && path.includes(IRON_MAN) ? "hang" : undefined,
    );
    await page.evaluate((key) => {
      const abort = new AbortController();
      window.leave = () => abort.abort();
      window.leaver = lab.outcome(
        CometChat.login({ uid: "superhero1", authKey: key, signal: abort.signal }),
      );
    }, lab.emulator.authKey);
    await until("the POST", () => given.requests().length === 1);
    const [left, next] = await page.evaluate(
      (key) => (
        window.leave(),
        Promise.all([window.leaver, lab.outcome(CometChat.login("superhero2", key))])
      ),
      lab.emulator.authKey,
    );
    assertError(left, "REQUEST_ABORTED");
    assert.equal(next.value?.uid, CAPTAIN);
    await until("the request is given up", () => given.requests()[0].aborted);
  },
);

lab.test("b7 an aborted signal ends the login", async (given) => {
  const page = await ready(given);
  const outcome = await page.evaluate(
    (key) =>
      lab.outcome(
        CometChat.login({ uid: "superhero1", authKey: key, signal: AbortSignal.abort() }),
      ),
    lab.emulator.authKey,
  );
  assertError(outcome, "REQUEST_ABORTED");
  assert.equal(await currentUid(page), null);
});

lab.test(
  "b3 dispose ends listeners, then calls; init continues with the stored session",
  async (given) => {
    const { page } = await loggedIn(given);
    given.answer(({ method }) => (method === "POST" ? "hang" : undefined));
    const outcome = await page.evaluate((key) => {
      const going = lab.outcome(CometChat.login("superhero2", key));
      CometChat.dispose();
      CometChat.dispose();
      return going;
    }, lab.emulator.authKey);
    assertError(outcome, "LOGIN_ABORTED");
    assert.deepEqual(await events(page), [], "the listeners had gone");
    assert.equal(await page.evaluate(() => CometChat.isInitialized()), false);
    assertError(
      await page.evaluate(() => lab.outcome(CometChat.getLoggedinUser())),
      "COMETCHAT_INITIALIZATION_NOT_DONE",
    );
    await page.evaluate(() => lab.init());
    assert.equal(await currentUid(page), IRON_MAN);
  },
);

// ---- listeners

lab.test(
  "b24 handlers run in order before the promise's callbacks; one that throws disturbs no other",
  async (given) => {
    const page = await given.open();
    const order = await page.evaluate(async (key) => {
      await lab.init();
      const order = [];
      CometChat.addLoginListener("throws", {
        loginSuccess() {
          order.push("throws");
          throw new Error("a handler's own");
        },
      });
      CometChat.addLoginListener("rejects", {
        async loginSuccess() {
          order.push("rejects");
          throw new Error("a handler's own");
        },
      });
      CometChat.addLoginListener("replaced", {
        loginSuccess() {
          order.push("never");
        },
      });
      CometChat.addLoginListener("last", {
        loginSuccess(user) {
          order.push(user.getName());
          user.setName("changed");
        },
      });
      CometChat.addLoginListener("replaced", {
        loginSuccess(user) {
          order.push(`replaced ${user.getName()}`);
        },
      });
      CometChat.addLoginListener("removed", {
        loginSuccess() {
          order.push("never");
        },
      });
      CometChat.removeLoginListener("removed");
      CometChat.removeLoginListener("unknown");
      const user = await CometChat.login("superhero1", key).then(
        (user) => (order.push("promise"), user),
      );
      order.push(user.getName());
      return order;
    }, lab.emulator.authKey);
    assert.deepEqual(order, [
      "throws",
      "rejects",
      "replaced Iron Man",
      "Iron Man",
      "promise",
      "Iron Man",
    ]);
    await until(
      "both reports",
      () => given.console.filter((message) => message.type() === "error").length >= 2,
    );
  },
);

lab.test("b4 every caller and every handler gets its own user object", async (given) => {
  const page = await ready(given);
  const different = await page.evaluate(async (key) => {
    const got = [];
    CometChat.addLoginListener("a", { loginSuccess: (user) => got.push(user) });
    CometChat.addLoginListener("b", { loginSuccess: (user) => got.push(user) });
    const callers = await Promise.all([
      CometChat.login("superhero1", key),
      CometChat.login("superhero1", key),
    ]);
    return new Set([...got, ...callers]).size;
  }, lab.emulator.authKey);
  assert.equal(different, 4);
});

lab.test(
  "b4 a copy has all metadata: arrays, names of Object.prototype, and two thousand levels",
  async (given) => {
    const page = await ready(given);
    await login(page, IRON_MAN);
    const seen = await page.evaluate(async (key) => {
      const depth = 2_000;
      const odd =
        '{"__proto__":{"polluted":[1]},"constructor":{"a":null},' +
        '"list":[[{"b":[]}],{},[]],"0":{"toJSON":1},"empty":""}';
      const metadata = `{"odd":${odd},"deep":${"[".repeat(depth)}${"]".repeat(depth)}}`;
      const entry = JSON.parse(JSON.parse(localStorage.getItem(key)));
      entry.metadata = "METADATA";
      localStorage.setItem(
        key,
        JSON.stringify(JSON.stringify(entry).replace('"METADATA"', () => metadata)),
      );
      const copies = [];
      for (let i = 0; i < 3; i++) copies.push((await CometChat.getLoggedinUser()).getMetadata());
      const [first, ...others] = copies;
      first.odd["__proto__"].polluted.push(2);
      first.odd.list[0][0].b.push(3);
      delete first.deep[0];
      return others.map(({ odd: copy, deep }) => {
        let levels = 0;
        for (let at = deep; at; at = at[0]) levels++;
        return [
          JSON.stringify(copy) === JSON.stringify(JSON.parse(odd)),
          Object.getPrototypeOf(copy) === Object.prototype,
          Object.hasOwn(copy, "__proto__"),
          {}.polluted,
          levels === depth,
        ];
      });
    }, USER_ENTRY);
    assert.deepEqual(
      seen,
      [1, 2].map(() => [true, true, true, undefined, true]),
    );
  },
);

lab.test(
  "b4 after dispose in a handler, the later handlers and the promise get the user",
  async (given) => {
    const page = await ready(given);
    const told = await page.evaluate(async (key) => {
      CometChat.addLoginListener("disposes", { loginSuccess: () => CometChat.dispose() });
      return (await CometChat.login("superhero1", key))?.getUid();
    }, lab.emulator.authKey);
    assert.equal(told, IRON_MAN);
  },
);

lab.test(
  "b26 after the session has ended, here or in another tab, the heap does not contain its token",
  async (given) => {
    const page = await ready(given);
    const other = await ready(given);
    const cdp = await page.context().newCDPSession(page);
    for (const where of [page, other]) {
      const token = await createToken(IRON_MAN);
      await page.evaluate(
        (token) =>
          CometChat.login(token)
            .then(() => CometChat.getLoggedinUser())
            .then(() => void (lab.events.length = 0)),
        token,
      );
      assert.equal(await remembers(cdp, token), true, "or this test would find nothing anywhere");
      await logout(where);
      await until("the end of the session", async () =>
        (await events(page)).includes("logoutSuccess"),
      );
      assert.equal(await remembers(cdp, token), false);
    }
  },
);

/** Searches the page's JavaScript heap for a text, and returns the path to it. */
async function remembers(cdp, text) {
  let snapshot = "";
  const add = ({ chunk }) => void (snapshot += chunk);
  cdp.on("HeapProfiler.addHeapSnapshotChunk", add);
  await cdp.send("HeapProfiler.collectGarbage");
  await cdp.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  cdp.off("HeapProfiler.addHeapSnapshotChunk", add);
  return snapshot.includes(text);
}

lab.test(
  "b24 a handler removed during an event is not called; a login in a handler has an effect",
  async (given) => {
    const page = await ready(given);
    const heard = await page.evaluate(async (key) => {
      const heard = [];
      let next;
      CometChat.addLoginListener("a", {
        loginSuccess(user) {
          heard.push(user.getUid());
          CometChat.removeLoginListener("b");
          next ??= CometChat.login("superhero2", key);
        },
        logoutSuccess: () => heard.push("out"),
      });
      CometChat.addLoginListener("b", { loginSuccess: () => heard.push("removed") });
      await CometChat.login("superhero1", key);
      await next;
      return heard;
    }, lab.emulator.authKey);
    assert.deepEqual(heard, [IRON_MAN, "out", CAPTAIN]);
  },
);

lab.test(
  "b24 a handler may call the API; the next event comes after all handlers have run",
  async (given) => {
    const page = await given.open();
    const heard = await page.evaluate(async (key) => {
      await lab.init();
      const heard = [];
      let again;
      CometChat.addLoginListener("first", {
        loginSuccess(user) {
          heard.push(`first ${user.getUid()}`);
          again = CometChat.logout();
        },
        logoutSuccess: () => heard.push("first out"),
      });
      CometChat.addLoginListener("second", {
        loginSuccess: (user) => heard.push(`second ${user.getUid()}`),
        logoutSuccess: () => heard.push("second out"),
      });
      await CometChat.login("superhero1", key);
      await again;
      heard.push(await CometChat.getLoggedinUser());
      return heard;
    }, lab.emulator.authKey);
    assert.deepEqual(heard, [
      "first superhero1",
      "second superhero1",
      "first out",
      "second out",
      null,
    ]);
  },
);

// ---- users

const KEY = "emulator-auth-key";

const REFUSED_HERE = [
  ["no user", "createUser", [undefined, KEY], "MISSING_PARAMETERS", /user/],
  ["a text for a user", "createUser", ["neo", KEY], "MISSING_PARAMETERS", /user/],
  ["no uid", "createUser", [{ name: "N" }, KEY], "UID_IS_COMPULSORY", /uid/],
  ["an empty uid", "createUser", [{ uid: "", name: "N" }, KEY], "INVALID_UID", /uid/],
  ["a blank uid", "createUser", [{ uid: "  ", name: "N" }, KEY], "INVALID_UID", /uid/],
  ["a number for a uid", "createUser", [{ uid: 12, name: "N" }, KEY], "INVALID_UID", /uid/],
  [
    "a uid of an unset variable",
    "createUser",
    [{ uid: "undefined", name: "N" }, KEY],
    "INVALID_UID",
    /uid/,
  ],
  ["no name", "createUser", [{ uid: "neo" }, KEY], "USER_NAME_IS_COMPULSORY", /name/],
  [
    "a number for a name",
    "createUser",
    [{ uid: "neo", name: 5 }, KEY],
    "INVALID_USER_NAME",
    /name/,
  ],
  [
    "an empty avatar",
    "createUser",
    [{ uid: "neo", name: "N", avatar: "" }, KEY],
    "INVALID_USER_AVATAR",
    /avatar/,
  ],
  [
    "an empty link",
    "createUser",
    [{ uid: "neo", name: "N", link: "" }, KEY],
    "INVALID_USER_LINK",
    /link/,
  ],
  [
    "an empty role",
    "createUser",
    [{ uid: "neo", name: "N", role: "" }, KEY],
    "INVALID_USER_ROLE",
    /role/,
  ],
  [
    "an empty status message",
    "createUser",
    [{ uid: "neo", name: "N", statusMessage: "" }, KEY],
    "INVALID_USER_STATUS_MESSAGE",
    /statusMessage/,
  ],
  [
    "tags that are no list",
    "createUser",
    [{ uid: "neo", name: "N", tags: "x" }, KEY],
    "INVALID_USER_TAGS",
    /tags/,
  ],
  [
    "no tags in the list",
    "createUser",
    [{ uid: "neo", name: "N", tags: [] }, KEY],
    "INVALID_USER_TAGS",
    /tags/,
  ],
  ["no key", "createUser", [{ uid: "neo", name: "N" }, undefined], "INVALID_AUTH_KEY", /auth key/],
  ["an empty key", "createUser", [{ uid: "neo", name: "N" }, ""], "INVALID_AUTH_KEY", /auth key/],
  [
    "a key of an unset variable",
    "createUser",
    [{ uid: "neo", name: "N" }, "undefined"],
    "INVALID_AUTH_KEY",
    /auth key/,
  ],
  ["no key", "updateUser", [{ uid: CAPTAIN, name: "N" }, null], "INVALID_AUTH_KEY", /auth key/],
  ["no uid", "updateUser", [{ name: "N" }, KEY], "UID_IS_COMPULSORY", /uid/],
  ["an empty name", "updateUser", [{ uid: CAPTAIN, name: "" }, KEY], "INVALID_USER_NAME", /name/],
  [
    "no user is logged in",
    "updateCurrentUserDetails",
    [{ name: "N" }],
    "USER_NOT_LOGGED_IN",
    /logged in/,
  ],
  ["no user", "updateCurrentUserDetails", [undefined], "MISSING_PARAMETERS", /user/],
  ["no user is logged in", "getUser", [CAPTAIN], "USER_NOT_LOGGED_IN", /logged in/],
  ["no uid", "getUser", [undefined], "MISSING_PARAMETERS", /uid/],
  ["a step of the path for a uid", "getUser", [".."], "INVALID_UID", /uid/],
];

for (const call of ["createUser", "updateUser", "updateCurrentUserDetails", "getUser"]) {
  lab.test(`b23 ${call} with invalid arguments: a code for each, and no request`, async (given) => {
    const page = await ready(given);
    for (const [what, name, args, code, about] of REFUSED_HERE.filter(
      ([, name]) => name === call,
    )) {
      assert.match(assertError(await ask(page, name, ...args), code).message, about, what);
    }
    assert.deepEqual(await page.evaluate(() => [lab.sent, lab.events]), [0, []]);
  });
}

lab.test(
  "b16 createUser sends all fields of a User, and returns all fields of the service",
  async (given) => {
    const page = await ready(given);
    const [made, kept, plain] = await page.evaluate(async (key) => {
      const user = new CometChat.User("trinity", "Trinity");
      user.setMetadata({ ship: { name: "Nebuchadnezzar" } });
      user.setTags(["crew"]);
      user.setLink("https://crew.example/trinity");
      user.setAvatar("https://crew.example/trinity.png");
      user.setStatusMessage("Dodge this");
      const before = JSON.stringify(user);
      const made = await CometChat.createUser(user, key);
      const plain = await CometChat.createUser(
        { uid: " Switch ", name: "Switch", nonsense: true, metadata: { a: [1] } },
        key,
      );
      return [made, JSON.stringify(user) === before, plain].map((one) =>
        one instanceof CometChat.User ? { ...one, isUser: true } : one,
      );
    }, KEY);
    const [first, second] = given.requests();
    assert.deepEqual(lines([first, second]), [`POST ${ADMIN}/users`, `POST ${ADMIN}/users`]);
    assert.equal(first.headers.apikey, KEY);
    assert.deepEqual(JSON.parse(first.body), {
      hasBlockedMe: false,
      blockedByMe: false,
      deactivatedAt: 0,
      uid: "trinity",
      name: "Trinity",
      metadata: { ship: { name: "Nebuchadnezzar" } },
      tags: ["crew"],
      link: "https://crew.example/trinity",
      avatar: "https://crew.example/trinity.png",
      statusMessage: "Dodge this",
    });
    assert.deepEqual(JSON.parse(second.body), {
      uid: "Switch",
      name: "Switch",
      metadata: { a: [1] },
    });
    assert.deepEqual(
      [made.isUser, made.uid, made.status, typeof made.createdAt, made.authToken],
      [true, "trinity", "offline", "number", undefined],
    );
    assert.deepEqual(made.metadata, { ship: { name: "Nebuchadnezzar" } });
    assert.equal(kept, true, "the argument is unchanged");
    assert.equal(plain.uid, "switch", "the service writes uids small");
    assert.equal((await login(page, "trinity")).value?.name, "Trinity");
  },
);

lab.test(
  "b22 an error of the service: its code and status, and the session stays",
  async (given) => {
    const { page } = await loggedIn(given);
    for (const [name, args, code, status] of [
      [
        "createUser",
        [{ uid: CAPTAIN, name: "A uid that is taken" }, KEY],
        "ERR_UID_ALREADY_EXISTS",
        400,
      ],
      [
        "createUser",
        [{ uid: "a uid", name: "A uid that the service does not take" }, KEY],
        "ERR_BAD_REQUEST",
        400,
      ],
      [
        "createUser",
        [{ uid: "neo", name: "A wrong key" }, "no-such-key-9d0e"],
        "AUTH_ERR_APIKEY_NOT_FOUND",
        401,
      ],
      [
        "updateUser",
        [{ uid: "nobody-here", name: "An unknown uid" }, KEY],
        "ERR_UID_NOT_FOUND",
        404,
      ],
      ["getUser", ["nobody-here"], "ERR_UID_NOT_FOUND", 404],
    ]) {
      const error = assertError(await ask(page, name, ...args), code);
      assert.deepEqual([error.status, error.retryable], [status, false]);
      assert.equal(error.all.includes("no-such-key-9d0e"), false, "b26");
    }
    assert.deepEqual([await currentUid(page), await events(page)], [IRON_MAN, []]);
  },
);

lab.test("b17 the uid of getUser and updateUser is one segment of the path", async (given) => {
  const { page } = await loggedIn(given);
  await ask(page, "getUser", " a/b?c#d ");
  await ask(page, "updateUser", { uid: "a/b?c#d", name: "N" }, KEY);
  assert.deepEqual(lines(given.requests().slice(-2)), [
    `GET ${CLIENT}/users/a%2Fb%3Fc%23d`,
    `PUT ${ADMIN}/users/a%2Fb%3Fc%23d`,
  ]);
});

lab.test(
  "b11 getUser sends the session's token and ignores a token in the response",
  async (given) => {
    const { page, token: own } = await loggedIn(given);
    given.answer(({ method }) =>
      method === "GET"
        ? {
            body: {
              data: {
                uid: CAPTAIN,
                name: "Captain",
                authToken: "somebody-elses",
                custom: { x: 1 },
              },
            },
          }
        : undefined,
    );
    const { value } = await ask(page, "getUser", CAPTAIN);
    assert.deepEqual([value.uid, value.custom], [CAPTAIN, { x: 1 }]);
    const { method, url, headers, body } = given.requests().at(-1);
    assert.deepEqual(
      [method, url, headers.authtoken, headers.apikey, body],
      ["GET", `${CLIENT}/users/${CAPTAIN}`, own, undefined, ""],
    );
    assert.deepEqual([await token(page), (await stored(page)).authToken], [own, own]);
  },
);

lab.test(
  "b11 a token in the response of createUser starts no session; the next login gets its own",
  async (given) => {
    const page = await ready(given);
    const made = { body: { data: { uid: "neo", name: "Neo", authToken: "brought-along" } } };
    given.answer(({ method, path }) =>
      method === "POST" && path.endsWith("/users") ? made : undefined,
    );
    assert.equal(
      (await ask(page, "createUser", { uid: "neo", name: "Neo" }, KEY)).value?.uid,
      "neo",
    );
    assert.deepEqual([await token(page), await currentUid(page)], [null, null]);
    assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
  },
);

lab.test(
  "b12 updateUser of the current user refreshes the session in every tab, without an event",
  async (given) => {
    const { page, token: own } = await loggedIn(given, "superhero4");
    const other = await ready(given);
    const before = await stored(page);
    const { value } = await ask(
      page,
      "updateUser",
      { uid: "SUPERHERO4", name: "Logan", avatar: "https://img.example/4" },
      KEY,
    );
    assert.equal(value?.name, "Logan", JSON.stringify(value));
    assert.equal(given.requests().at(-1).method, "PUT");
    const after = await stored(page);
    assert.deepEqual(
      [after.name, after.avatar, after.authToken, after.jwt],
      ["Logan", "https://img.example/4", own, before.jwt],
    );
    assert.deepEqual(after.wsChannel, before.wsChannel);
    for (const tab of [page, other]) {
      const seen = await until("the new name", () =>
        tab.evaluate(async () =>
          (await CometChat.getLoggedinUser()).getName() === "Logan" ? lab.events : undefined,
        ),
      );
      assert.deepEqual(seen, []);
      assert.equal(await token(tab), own);
    }
    await page.reload();
    assert.equal(
      await page.evaluate(
        async () => (await lab.init(), (await CometChat.getLoggedinUser()).getName()),
      ),
      "Logan",
    );
  },
);

lab.test("b12 updateUser of another user does not change the session", async (given) => {
  const { page } = await loggedIn(given);
  const before = await page.evaluate(() => ({ ...localStorage }));
  assert.equal(
    (await ask(page, "updateUser", { uid: CAPTAIN, name: "Captain America" }, KEY)).value?.uid,
    CAPTAIN,
  );
  assert.deepEqual(await page.evaluate(() => ({ ...localStorage })), before);
});

lab.test(
  "updateCurrentUserDetails updates the current user for any uid, returns no secret but the token",
  async (given) => {
    const { page, token: own } = await loggedIn(given, "superhero5");
    const [result, argument] = await page.evaluate(async () => {
      const user = new CometChat.User("superhero1", "Scott");
      const before = JSON.stringify(user);
      const result = await CometChat.updateCurrentUserDetails(user);
      return [{ ...result }, JSON.stringify(user) === before && result instanceof CometChat.User];
    });
    assert.equal(argument, true);
    assert.deepEqual([result.uid, result.name, result.authToken], ["superhero5", "Scott", own]);
    for (const secret of ["jwt", "wsChannel", "settings"]) {
      assert.equal(secret in result, false, secret);
    }
    const { method, url, headers, body } = given.requests().at(-1);
    assert.deepEqual(
      [method, url, headers.authtoken, JSON.parse(body).uid],
      ["PUT", `${CLIENT}/me`, own, "superhero5"],
    );
    assert.deepEqual(
      [(await stored(page)).name, (await asServer("GET", "/users/superhero5")).name],
      ["Scott", "Scott"],
    );
  },
);

for (const [what, said] of [
  ["names no token", {}],
  ["names another token", { authToken: "somebody-elses" }],
]) {
  lab.test(
    `b11 a response of updateCurrentUserDetails that ${what} does not change the session's token`,
    async (given) => {
      const { page, token: own } = await loggedIn(given);
      given.answer(({ method }) =>
        method === "PUT" ? { body: { data: { uid: IRON_MAN, name: "Tony", ...said } } } : undefined,
      );
      assert.equal(
        (await ask(page, "updateCurrentUserDetails", { name: "Tony" })).value?.authToken,
        own,
      );
      const { name, authToken } = await stored(page);
      assert.deepEqual(
        [name, authToken, await token(page), await events(page)],
        ["Tony", own, own, []],
      );
      assert.ok(await stored(page, "app_settings"), "what the reply does not say stays");
    },
  );
}

// ---- the end of a session

for (const [what, asked] of [
  ["getUser", (page) => ask(page, "getUser", CAPTAIN)],
  ["updateCurrentUserDetails", (page) => ask(page, "updateCurrentUserDetails", { name: "N" })],
  ["verifySession", verify],
]) {
  lab.test(
    `b10 a revoked token, found by ${what}: the session ends once, here and in other tabs`,
    async (given) => {
      const { page, token: own } = await loggedIn(given);
      const other = await ready(given);
      await asServer("DELETE", `/users/${IRON_MAN}/auth_tokens/${own}`);
      const outcome = await asked(page);
      if (what === "verifySession") {
        assert.deepEqual(outcome, { value: null });
      } else {
        assert.equal(assertError(outcome, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND").status, 401);
      }
      assert.deepEqual(
        [await currentUid(page), await token(page), await stored(page)],
        [null, null, undefined],
      );
      await other.waitForFunction(() => lab.events.length > 0);
      assert.deepEqual(
        [await events(page), await events(other)],
        [["logoutSuccess"], ["logoutSuccess"]],
      );
      assertError(await ask(page, "getUser", CAPTAIN), "USER_NOT_LOGGED_IN");
    },
  );
}

const FAILURES = [
  [
    "500 with an error",
    { status: 500, body: { error: { code: "ERR_EXCEPTION", message: "Something broke" } } },
    "ERR_EXCEPTION",
    true,
  ],
  [
    "503 with a web page",
    { status: 503, body: "<h1>Busy</h1>", contentType: "text/html" },
    "INVALID_RESPONSE",
    true,
  ],
  [
    "429",
    {
      status: 429,
      body: { error: { code: "ERR_TOO_MANY_REQUESTS", message: "Slow down" } },
      headers: { "Retry-After": "7" },
    },
    "ERR_TOO_MANY_REQUESTS",
    true,
  ],
  [
    "403 with another code",
    { status: 403, body: { error: { code: "AUTH_ERR_NO_ACCESS", message: "Not with this" } } },
    "AUTH_ERR_NO_ACCESS",
    false,
  ],
  ["200 with text", { status: 200, body: "ok" }, "INVALID_RESPONSE", false],
  ["200 with an empty object", { status: 200, body: {} }, "INVALID_RESPONSE", false],
  ["no CORS headers", { cors: false }, "FAILED_TO_FETCH", true],
  ["half a body", { truncate: 20 }, "FAILED_TO_FETCH", true],
  ["a broken connection", { drop: "before" }, "FAILED_TO_FETCH", true],
];

for (const [what, act, code, retryable] of FAILURES) {
  lab.test(
    `b5, b9, b10 ${what} to every request: ${code}; only a logout ends the session`,
    async (given) => {
      const page = await ready(given);
      const fails = async (outcome) =>
        assert.equal(assertError(await outcome, code).retryable, retryable);
      for (const [method, path] of [
        ["POST", "/auth_tokens$"],
        ["PUT", "/me$"],
      ]) {
        await fault(method, path, act);
        await fails(login(page, IRON_MAN));
        assert.deepEqual(
          [await currentUid(page), await token(page), await stored(page)],
          [null, null, undefined],
        );
        await control("DELETE", "faults");
      }
      const own = (await login(page, IRON_MAN)).value?.authToken;
      assert.deepEqual(await events(page), [
        `loginFailure ${code}`,
        `loginFailure ${code}`,
        `loginSuccess ${IRON_MAN}`,
      ]);

      await page.evaluate(() => void (lab.events.length = 0));
      await fault("GET", "/(me|users/.*)$", act);
      await fault("DELETE", "/me$", act);
      const before = await page.evaluate(() => ({ ...localStorage }));
      await fails(ask(page, "getUser", CAPTAIN));
      await fails(verify(page));
      assert.deepEqual(await page.evaluate(() => ({ ...localStorage })), before);
      assert.deepEqual(
        [await currentUid(page), await token(page), await events(page)],
        [IRON_MAN, own, []],
      );

      await fails(logout(page));
      assert.deepEqual([await currentUid(page), await stored(page)], [null, undefined]);
      assert.deepEqual(await events(page), ["logoutSuccess", `logoutFailure ${code}`]);
      await control("DELETE", "faults");
      assert.equal((await login(page, CAPTAIN)).value?.uid, CAPTAIN);
    },
  );
}

lab.test("b9 a deleted user can log out", async (given) => {
  await asServer("POST", "/users", { uid: "mouse", name: "Mouse" });
  const { page } = await loggedIn(given, "mouse");
  await asServer("DELETE", "/users/mouse", { permanent: true });
  assert.deepEqual(await logout(page), { value: {} });
  assert.deepEqual([await currentUid(page), await events(page)], [null, ["logoutSuccess"]]);
});

lab.test(
  "b29 verifySession: no request without a session; otherwise it refreshes the user only",
  async (given) => {
    const page = await ready(given);
    assert.deepEqual(
      [await verify(page), await page.evaluate(() => lab.sent)],
      [{ value: null }, 0],
    );
    await login(page, "superhero3");
    const own = await token(page);
    await asServer("PUT", "/users/superhero3", { name: "Peter Parker" });
    await page.evaluate(() => void (lab.events.length = 0));
    const { value } = await verify(page);
    assert.deepEqual(
      [value.uid, value.name, value.authToken, await token(page), await events(page)],
      ["superhero3", "Peter Parker", own, own, []],
    );
    assert.deepEqual(
      [(await stored(page)).name, (await stored(page)).authToken],
      ["Peter Parker", own],
    );
    const { method, url, headers } = given.requests().at(-1);
    assert.deepEqual([method, url, headers.authtoken], ["GET", `${CLIENT}/me`, own]);
  },
);

lab.test(
  "b29 verifySession without an answer: REQUEST_TIMEOUT, and the session stays",
  async (given) => {
    const { page } = await loggedIn(given, IRON_MAN, { timeout: 400 });
    await fault("GET", "/me$", { hang: "before" });
    assertError(await verify(page), "REQUEST_TIMEOUT");
    assert.equal(await currentUid(page), IRON_MAN);
  },
);

lab.test("b10 an unknown earlier token does not end the session of a later one", async (given) => {
  const { page } = await loggedIn(given);
  let answer;
  const unknown = {
    status: 401,
    body: { error: { code: "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", message: "It does not exist." } },
  };
  given.answer(({ method }) =>
    method === "GET"
      ? { ...unknown, until: new Promise((resolve) => (answer = resolve)) }
      : undefined,
  );
  await page.evaluate(() => void (window.asked = lab.outcome(CometChat.getUser("superhero2"))));
  await until("the GET", () => answer);
  const later = await createToken(IRON_MAN);
  assert.equal((await loginByToken(page, later)).value?.authToken, later);
  answer();
  assertError(await page.evaluate(() => window.asked), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
  assert.deepEqual([await token(page), await events(page)], [later, [`loginSuccess ${IRON_MAN}`]]);
});

// ---- token providers

/** Logs in with the provider `window.provider`, whose calls are counted in `window.asked`. */
const loginByProvider = (page, provider, uid) =>
  page.evaluate(
    ([source, uid]) => {
      window.asked = 0;
      const provide = (0, eval)(`(${source})`);
      const counted = () => (window.asked++, provide());
      return lab.outcome(
        CometChat.login(uid === undefined ? counted : { uid, authToken: counted }),
      );
    },
    [provider, uid],
  );

for (const form of [
  "() => TOKEN",
  "async () => TOKEN",
  "() => new Promise((give) => setTimeout(give, 30, ' TOKEN '))",
]) {
  lab.test(`b6 a provider (${form}) is called only without a session`, async (given) => {
    const page = await ready(given);
    const fresh = await createToken(IRON_MAN);
    const provider = form.replace("TOKEN", form.includes("'") ? fresh : JSON.stringify(fresh));
    const { value } = await loginByProvider(page, provider);
    assert.deepEqual(
      [value?.uid, value?.authToken, await page.evaluate(() => window.asked)],
      [IRON_MAN, fresh, 1],
    );
    assert.deepEqual(lines(given.requests()), [`PUT ${CLIENT}/me`]);
    assert.equal((await loginByProvider(page, provider)).value?.uid, IRON_MAN);
    assert.equal(await page.evaluate(() => window.asked), 0, "the session answers the login");
    assert.equal(given.requests().length, 1);
  });
}

for (const [what, provider, cause] of [
  ["throws", "() => { throw new Error('the server is away') }", /server is away/],
  ["rejects", "async () => { throw new Error('the server is away') }", /server is away/],
  ["gives nothing", "() => undefined"],
  ["gives a blank text", "() => '  '"],
  ["gives a number", "async () => 42"],
]) {
  lab.test(
    `b7 a provider that ${what}: TOKEN_PROVIDER_FAILED, loginFailure; the next login works`,
    async (given) => {
      const page = await ready(given);
      const error = assertError(await loginByProvider(page, provider), "TOKEN_PROVIDER_FAILED");
      if (cause) {
        assert.match(error.all, cause);
      }
      assert.deepEqual(await page.evaluate(() => [lab.sent, lab.events]), [
        0,
        ["loginFailure TOKEN_PROVIDER_FAILED"],
      ]);
      assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
    },
  );
}

lab.test("b7 a provider that does not settle is bounded by the timeout", async (given) => {
  const page = await ready(given, { timeout: 300 });
  assertError(await loginByProvider(page, "() => new Promise(() => {})"), "REQUEST_TIMEOUT");
  assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
});

lab.test(
  "b6 a provider with a uid: a session and a token of another user do not count",
  async (given) => {
    const { page } = await loggedIn(given);
    const [captains, spidermans] = [await createToken(CAPTAIN), await createToken("superhero3")];
    assertError(
      await loginByProvider(page, `() => ${JSON.stringify(spidermans)}`, CAPTAIN),
      "INVALID_RESPONSE",
    );
    assert.equal(await currentUid(page), IRON_MAN);
    assert.equal(
      (await loginByProvider(page, `() => ${JSON.stringify(captains)}`, CAPTAIN)).value?.uid,
      CAPTAIN,
    );
    assert.equal(await page.evaluate(() => window.asked), 1);
  },
);

lab.test(
  "b7 provider logins of the same uid join: one provider call, one request, one event",
  async (given) => {
    const page = await ready(given);
    const fresh = await createToken(IRON_MAN);
    const [uids, asked] = await page.evaluate(async (fresh) => {
      let asked = 0;
      const authToken = async () => (asked++, fresh);
      const users = await Promise.all([
        CometChat.login({ uid: "superhero1", authToken }),
        CometChat.login({ uid: "SuperHero1", authToken }),
      ]);
      return [users.map((user) => user.getUid()), asked];
    }, fresh);
    assert.deepEqual(
      [uids, asked, await events(page)],
      [[IRON_MAN, IRON_MAN], 1, [`loginSuccess ${IRON_MAN}`]],
    );
    assert.equal(given.requests().length, 1);
  },
);

// ---- sessions written by another client

const HAND = { uid: CAPTAIN, name: "Captain America" };
const SETTINGS = {
  APP_VERSION: 4,
  CHAT_API_VERSION: "v3.0",
  ADMIN_API_HOST: "emulator-app.api-us.cometchat.io",
  CLIENT_API_HOST: "emulator-app.apiclient-us.cometchat.io",
};
const twice = (value) => JSON.stringify(JSON.stringify(value));

for (const [what, entries, url = `${CLIENT}/users/${IRON_MAN}`] of [
  ["the user alone", (user) => ({ user: twice(user) })],
  ["user and app id", (user) => ({ user: twice(user), appId: twice("emulator-app") })],
  [
    "both through one layer of JSON",
    (user) => ({ user: JSON.stringify(user), appId: JSON.stringify("emulator-app") }),
  ],
  [
    "with settings",
    (user) => ({
      user: twice({ ...user, jwt: "a.b.c" }),
      appId: twice("emulator-app"),
      app_settings: twice(SETTINGS),
    }),
  ],
  ["with empty settings", (user) => ({ user: twice(user), app_settings: twice({}) })],
  [
    "with settings of an old version",
    (user) => ({ user: twice(user), app_settings: twice({ ...SETTINGS, APP_VERSION: 2 }) }),
  ],
  [
    "with settings without hosts",
    (user) => ({ user: twice(user), app_settings: twice({ APP_VERSION: 4 }) }),
  ],
  ["with damaged settings", (user) => ({ user: twice(user), app_settings: "{not json" })],
  [
    "with settings that name another host and version of the service's",
    (user) => ({
      user: twice(user),
      app_settings: twice({
        ...SETTINGS,
        CHAT_API_VERSION: "v3",
        CLIENT_API_HOST: "emulator-app.apiclient-in.cometchat.io",
      }),
    }),
    `https://emulator-app.apiclient-in.cometchat.io/v3/users/${IRON_MAN}`,
  ],
]) {
  lab.test(
    `b12 a session written by hand, ${what}: init finds it, and calls carry its token`,
    async (given) => {
      const page = await given.open("/empty");
      const authToken = await createToken(CAPTAIN);
      const before = await page.evaluate(
        (entries) => {
          for (const [slot, text] of Object.entries(entries))
            localStorage.setItem(`emulator-app:common_store/${slot}`, text);
          localStorage.setItem("emulator-app:keys_store/deviceId", '"emulator-app_by_hand_1"');
          return { ...localStorage };
        },
        entries({ ...HAND, authToken }),
      );
      await page.goto(`${given.origin}/`);
      await page.evaluate(async () => {
        lab.listen();
        await lab.init();
      });
      assert.deepEqual([await currentUid(page), await token(page)], [CAPTAIN, authToken]);
      assert.deepEqual(await page.evaluate(() => [lab.sent, lab.events]), [0, []]);
      const after = await page.evaluate(() => ({ ...localStorage }));
      // `init` writes the app id. All other entries stay unchanged.
      assert.deepEqual(
        { ...after, ...before, "emulator-app:common_store/appId": twice("emulator-app") },
        after,
      );
      assert.equal((await ask(page, "getUser", IRON_MAN)).value?.uid, IRON_MAN);
      const sent = given.requests().at(-1);
      assert.deepEqual([sent.url, sent.headers.authtoken], [url, authToken]);
      assert.equal((await logout(page)).value?.success, true);
      assert.equal(await tokenStatus(authToken), 401);
    },
  );
}

lab.test(
  "b12 a session written by hand into sessionStorage is found in session mode",
  async (given) => {
    const page = await given.open("/empty");
    const authToken = await createToken(CAPTAIN);
    await page.evaluate(
      ([user, app]) => {
        sessionStorage.setItem("emulator-app:common_store/user", user);
        sessionStorage.setItem("emulator-app:common_store/appId", app);
      },
      [twice({ ...HAND, authToken }), twice("emulator-app")],
    );
    await page.goto(`${given.origin}/`);
    await page.evaluate(() => lab.init({ session: true }));
    assert.deepEqual([await currentUid(page), await token(page)], [CAPTAIN, authToken]);
    await page.evaluate(() => lab.init());
    assert.equal(await currentUid(page), null, "local mode does not look there");
  },
);

for (const [before, what, write, expected, uid] of [
  [
    "nobody",
    "writes the user alone",
    ({ user }) => [["set", "user", user]],
    [`loginSuccess ${CAPTAIN}`],
    CAPTAIN,
  ],
  [
    "nobody",
    "writes settings, then the user",
    ({ user }) => [
      ["set", "app_settings", twice(SETTINGS)],
      ["set", "user", user],
    ],
    [`loginSuccess ${CAPTAIN}`],
    CAPTAIN,
  ],
  [
    "nobody",
    "writes the user, then settings",
    ({ user }) => [
      ["set", "user", user],
      ["set", "app_settings", twice(SETTINGS)],
    ],
    [`loginSuccess ${CAPTAIN}`],
    CAPTAIN,
  ],
  ["a session", "removes the user", () => [["remove", "user"]], ["logoutSuccess"], null],
  [
    "a session",
    "writes another user in place",
    ({ user }) => [["set", "user", user]],
    ["logoutSuccess", `loginSuccess ${CAPTAIN}`],
    CAPTAIN,
  ],
  [
    "a session",
    "removes the user and writes another",
    ({ user }) => [
      ["remove", "user"],
      ["set", "user", user],
    ],
    ["logoutSuccess", `loginSuccess ${CAPTAIN}`],
    CAPTAIN,
  ],
  [
    "a session",
    "writes another token of the same user",
    ({ again }) => [["set", "user", again]],
    [`loginSuccess ${IRON_MAN}`],
    IRON_MAN,
  ],
  ["a session", "damages the entry", () => [["set", "user", "{not json"]], ["logoutSuccess"], null],
  [
    "a session",
    "writes an entry without a token",
    () => [["set", "user", twice(HAND)]],
    ["logoutSuccess"],
    null,
  ],
]) {
  lab.test(
    `b15 with ${before}, another client in another tab ${what}: one event, calls carry its token`,
    async (given) => {
      const texts = {
        user: twice({ ...HAND, authToken: await createToken(CAPTAIN) }),
        again: twice({ uid: IRON_MAN, name: "Iron Man", authToken: await createToken(IRON_MAN) }),
      };
      const steps = write(texts);
      const page = before === "nobody" ? await ready(given) : (await loggedIn(given)).page;
      const sent = given.requests().length;
      const other = await given.open("/empty");
      await page.bringToFront();
      await other.evaluate((steps) => {
        for (const [what, slot, text] of steps) {
          const key = `emulator-app:common_store/${slot}`;
          if (what === "set") localStorage.setItem(key, text);
          else localStorage.removeItem(key);
        }
      }, steps);
      await page.waitForFunction((count) => lab.events.length >= count, expected.length);
      assert.equal(await currentUid(page), uid);
      const outcome = await ask(page, "getUser", "superhero3");
      if (uid === null) {
        assertError(outcome, "USER_NOT_LOGGED_IN");
        assert.equal(given.requests().length, sent);
      } else {
        const written = JSON.parse(JSON.parse(steps.findLast(([, slot]) => slot === "user")[2]));
        assert.deepEqual(
          [outcome.value?.uid, given.requests().at(-1).headers.authtoken],
          ["superhero3", written.authToken],
        );
      }
      assert.deepEqual(await events(page), expected);
    },
  );
}

lab.test(
  "b12 the official client, loaded later, accepts our settings and session; we notice its logout",
  async (given) => {
    const { page, token: own } = await loggedIn(given, IRON_MAN, { session: true });
    await page.evaluate(() => void (window.ours = CometChat));
    await page.addScriptTag({ url: `${given.origin}/official.js` });
    const found = await page.evaluate(async () => {
      const official = window.CometChat;
      const settings = new window.ours.AppSettingsBuilder()
        .setRegion("us")
        .setStorageMode("session")
        .autoEstablishSocketConnection(false)
        .build();
      await official.init("emulator-app", settings);
      return [
        official === window.ours,
        (await official.getLoggedinUser()).getUid(),
        (await official.getUser("superhero2")).getUid(),
      ];
    });
    assert.deepEqual(found, [false, IRON_MAN, CAPTAIN]);
    assert.deepEqual(
      [given.requests().at(-1).headers.authtoken, await tokenStatus(own)],
      [own, 200],
    );
    const noticed = await page.evaluate(
      async () => (
        await window.CometChat.logout(),
        [await window.ours.getLoggedinUser(), lab.events]
      ),
    );
    assert.deepEqual(noticed, [null, ["logoutSuccess"]]);
    assert.equal(await tokenStatus(own), 401);
  },
);

// ---- preconnect, regions, logger and classes

/** The hosts of the page's preconnect links. */
const hints = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("link[rel=preconnect]")].map(
      ({ href, crossOrigin }) => `${href} ${crossOrigin}`,
    ),
  );

lab.test(
  "b20 init preconnects to the hosts of a login once, and not with a session",
  async (given) => {
    const page = await given.open();
    assert.deepEqual(await hints(page), []);
    await page.evaluate(async () => (await lab.init(), await lab.init()));
    assert.deepEqual(await hints(page), [
      "https://emulator-app.api-us.cometchat.io/ anonymous",
      "https://emulator-app.apiclient-us.cometchat.io/ anonymous",
    ]);
    await login(page, IRON_MAN);
    await page.reload();
    await page.evaluate(() => lab.init());
    assert.deepEqual(await hints(page), []);
  },
);

lab.test("b20 init preconnects to overridden hosts", async (given) => {
  const page = await given.open();
  await page.evaluate(() =>
    CometChat.init("emulator-app", {
      adminHost: "admin.example/v3",
      clientHost: "client.example:8443",
    }),
  );
  assert.deepEqual(await hints(page), [
    "https://admin.example/ anonymous",
    "https://client.example:8443/ anonymous",
  ]);
});

lab.test(
  "b19 the region is not checked if both hosts are overridden, and is checked if one is",
  async (given) => {
    const page = await given.open();
    assert.equal(
      await page.evaluate(() =>
        CometChat.init("emulator-app", {
          region: "moon",
          adminHost: "a.example",
          clientHost: "c.example",
        }),
      ),
      true,
    );
    assertError(
      await page.evaluate(() =>
        lab.outcome(CometChat.init("emulator-app", { region: "moon", clientHost: "c.example" })),
      ),
      "INVALID_REGION",
    );
  },
);

lab.test(
  "setLogger receives the console messages without secrets; a logger that throws has no effect",
  async (given) => {
    const page = await given.open();
    const said = await page.evaluate(async (key) => {
      const said = [];
      const settings = new CometChat.AppSettingsBuilder().setLogger((level, message) => {
        said.push(`${level} ${message}`);
        throw new Error("a logger's own");
      });
      await CometChat.init("emulator-app", settings.build());
      await CometChat.login("superhero1", key);
      CometChat.addLoginListener("throws", {
        logoutSuccess() {
          throw new Error("a handler's own");
        },
      });
      await CometChat.logout();
      return said;
    }, KEY);
    assert.deepEqual(
      said.map((line) => line.split(" ")[0]),
      ["warn", "warn", "error"],
    );
    assert.match(said[0], /region/);
    assert.match(said[1], /auth key/);
    assert.match(said[2], /throws/);
    assert.equal(said.join().includes(KEY), false);
    assert.deepEqual(
      given.console.map((message) => message.text()).filter((text) => /cometchat/i.test(text)),
      [],
    );
  },
);

lab.test(
  "the classes have the official client's form: users, settings, constants",
  async (given) => {
    const page = await given.open();
    const told = await page.evaluate(() => {
      const { User, AppSettings, AppSettingsBuilder, StorageMode } = CometChat;
      const full = new User({
        uid: "u1",
        name: "N",
        foo: 1,
        status: "available",
        role: "r",
        createdAt: 5,
        blockedByMe: true,
        tags: ["t"],
        jwt: "j",
        wsChannel: {},
      });
      const none = (() => {
        try {
          return new User();
        } catch (error) {
          return error.code;
        }
      })();
      const named = new User("u", "n");
      named.setName("");
      return {
        one: JSON.stringify(new User("u1")),
        full: JSON.stringify(full),
        none,
        named: named.getName(),
        statuses: ["offline", "online", "available", "busy", "", undefined].map((status) =>
          new User({ uid: "u", name: "n", status }).getStatus(),
        ),
        settings: JSON.stringify(new AppSettingsBuilder().build()),
        chosen: JSON.stringify(
          new AppSettingsBuilder()
            .subscribePresenceForRoles(["a"])
            .setRegion("US")
            .autoEstablishSocketConnection(false)
            .setStorageMode("nonsense")
            .build(),
        ),
        constants: Object.fromEntries(
          Object.getOwnPropertyNames(AppSettings)
            .filter((name) => /^[A-Z]/.test(name))
            .map((name) => [name, AppSettings[name]]),
        ),
        modes: StorageMode,
        getters: Object.getOwnPropertyNames(AppSettings.prototype)
          .filter((name) => name !== "constructor")
          .sort(),
        exported: [
          "User",
          "AppSettings",
          "AppSettingsBuilder",
          "LoginListener",
          "CometChatException",
          "StorageMode",
        ].every((name) => window.exported[name] === CometChat[name]),
      };
    });
    assert.deepEqual(told, {
      one: '{"hasBlockedMe":false,"blockedByMe":false,"deactivatedAt":0,"uid":"u1"}',
      full:
        '{"hasBlockedMe":false,"blockedByMe":false,"deactivatedAt":0,"uid":"u1","name":"N",' +
        '"role":"r","status":"online","tags":["t"]}',
      none: "MISSING_PARAMETERS",
      named: "n",
      statuses: ["offline", "online", "online", "online", "offline", "offline"],
      settings:
        '{"subscriptionType":"NONE","roles":null,"region":"eu","autoJoinGroup":true,' +
        '"establishSocketConnection":true,"adminHost":null,"clientHost":null,' +
        '"storageMode":"local"}',
      chosen:
        '{"subscriptionType":"ROLES","roles":["a"],"region":"us","autoJoinGroup":true,' +
        '"establishSocketConnection":false,"adminHost":null,"clientHost":null,' +
        '"storageMode":"local"}',
      constants: {
        SUBSCRIPTION_TYPE_NONE: "NONE",
        SUBSCRIPTION_TYPE_ALL_USERS: "ALL_USERS",
        SUBSCRIPTION_TYPE_ROLES: "ROLES",
        SUBSCRIPTION_TYPE_FRIENDS: "FRIENDS",
        REGION_EU: "eu",
        REGION_US: "us",
        REGION_IN: "in",
        REGION_PRIVATE: "private",
        STORAGE_MODE_LOCAL: "local",
        STORAGE_MODE_SESSION: "session",
      },
      modes: { LOCAL: "local", SESSION: "session" },
      getters: [
        "getAdminHost",
        "getClientHost",
        "getIsAutoJoinEnabled",
        "getRegion",
        "getRoles",
        "getStorageMode",
        "getSubscriptionType",
        "shouldAutoEstablishSocketConnection",
      ],
      exported: true,
    });
  },
);

// ---- policies, loading and traps

/** The only script of the page. It writes the result into the title. */
const STRICT_PAGE = (key) => `
import { CometChat } from "cometchat-auth";
const violations = [];
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  violations.push(violatedDirective + " " + blockedURI),
);
try {
  await CometChat.init("emulator-app", new CometChat.AppSettingsBuilder().setRegion("us").build());
  const user = await CometChat.login("superhero1", ${JSON.stringify(key)});
  const found = await CometChat.getLoggedinUser();
  await CometChat.logout();
  document.title = JSON.stringify([user.getUid(), found.getUid(), violations]);
} catch (error) {
  document.title = JSON.stringify([String(error), violations]);
}`;

lab.test("b28 works under a strict content security policy with trusted types", async (given) => {
  for (const [path, body] of await bundle({ strict: STRICT_PAGE(lab.emulator.authKey) })) {
    given.serve(path, { type: "text/javascript", body });
  }
  given.serve("/strict", {
    body: htmlWith('<script type="module" src="/strict.js"></script>'),
    headers: {
      "Content-Security-Policy":
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; " +
        "connect-src https://emulator-app.api-us.cometchat.io " +
        "https://emulator-app.apiclient-us.cometchat.io; require-trusted-types-for 'script'",
    },
  });
  const page = await given.open("/strict");
  await until("the result in the page's title", async () => (await page.title()).startsWith("["));
  assert.deepEqual(JSON.parse(await page.title()), [IRON_MAN, IRON_MAN, []]);
});

lab.test(
  "b1 a policy that forbids WebAssembly: an INTERNAL_ERROR that names the policy",
  async (given) => {
    given.serve("/no-wasm", {
      body: htmlWith('<script type="module" src="/ours.js"></script>'),
      headers: { "Content-Security-Policy": "script-src 'self'" },
    });
    const page = await given.open("/no-wasm");
    const error = assertError(await page.evaluate(() => lab.outcome(lab.init())), "INTERNAL_ERROR");
    assert.match(error.message, /wasm-unsafe-eval/);
  },
);

lab.test(
  "b1 the lazy chunk cannot be loaded: INTERNAL_ERROR, and a later call works",
  async (given) => {
    let lost = true;
    await (
      await given.ownContext()
    ).route(/\/core-[^/]*\.js$/, (route) => (lost ? route.abort() : route.continue()));
    const page = await given.open("/lazy");
    const [init, behind] = await page.evaluate(() =>
      Promise.all([lab.outcome(lab.init()), lab.outcome(CometChat.getLoggedinUser())]),
    );
    assert.match(assertError(init, "INTERNAL_ERROR").message, /loaded/);
    assertError(behind, "INTERNAL_ERROR");
    lost = false;
    // Without a reload, as after a short loss of the connection.
    assert.equal(await page.evaluate(() => lab.init()), true);
    assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
  },
);

lab.test(
  "b1 after a trap in the WebAssembly the call rejects, and the next one has the session",
  async (given) => {
    await (await given.ownContext()).addInitScript(trapsOnDemand);
    const { page } = await loggedIn(given);
    assert.equal(await page.evaluate(() => window.instances), 1);
    const [trapped, next] = await page.evaluate(async () => {
      window.trap = true;
      const trapped = await lab.outcome(CometChat.getLoggedinUser());
      return [trapped, await lab.outcome(CometChat.getLoggedinUser())];
    });
    const error = assertError(trapped, "INTERNAL_ERROR");
    assert.equal(error.retryable, true);
    assert.equal(next.value?.uid, IRON_MAN, JSON.stringify(next));
    assert.equal(await page.evaluate(() => window.instances), 2, "an instance of its own");
    assert.equal((await login(page, CAPTAIN)).value?.uid, CAPTAIN);
    assert.deepEqual(
      await events(page),
      ["logoutSuccess", `loginSuccess ${CAPTAIN}`],
      "the listeners were not lost, nor doubled",
    );
  },
);
