/**
 * The package against the emulator, in Chromium, rule by rule: real HTTPS, the service's real host names, and where a test needs the service to
 * misbehave, the front answers in its place. The rule numbers are those of docs/RULES.md.
 */
import assert from "node:assert/strict";
import { actionsIn, assertError, lines } from "../support/actions.mjs";
import { htmlWith, labSuite, until } from "../support/lab.mjs";
import { bundle } from "../support/package.mjs";

const lab = labSuite();
const { ready, loggedIn, login, loginByToken, logout, who, events, mint, stands } = actionsIn(lab);
const IRON_MAN = "superhero1";
const CAPTAIN = "superhero2";
const ADMIN = "https://emulator-app.api-us.cometchat.io/v3.0";
const CLIENT = "https://emulator-app.apiclient-us.cometchat.io/v3.0";
const USER_ENTRY = "emulator-app:common_store/user";

// ---- init

lab.test("b4 a cold init asks nobody, and says true", async (given) => {
  const page = await given.open();
  const [initialised, before] = await page.evaluate(async () => [await lab.init(), CometChat.isInitialized()]);
  assert.deepEqual([initialised, before, await page.evaluate(() => CometChat.getAppId())], [true, true, "emulator-app"]);
  assert.equal(await page.evaluate(() => lab.sent), 0);
  assert.equal(await who(page), null);
});

for (const [region, said] of [
  ["us", "us"],
  ["eu", "EU"],
  ["in", " In "],
]) {
  lab.test(`b19 region ${JSON.stringify(said)}: calls go to the hosts of ${region}`, async (given) => {
    const page = await ready(given, { region: said });
    assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
    assert.deepEqual(lines(given.requests()), [
      `POST https://emulator-app.api-${region}.cometchat.io/v3.0/users/${IRON_MAN}/auth_tokens`,
      `PUT https://emulator-app.apiclient-${region}.cometchat.io/v3.0/me`,
    ]);
  });
}

lab.test("b19 without a region eu is taken, with one warning", async (given) => {
  const page = await ready(given, { region: null });
  await page.evaluate(() => lab.init({ region: null }));
  await login(page, IRON_MAN);
  assert.match(given.requests()[0].host, /\.api-eu\./);
  assert.equal(given.console.filter((message) => message.type() === "warning" && /region/i.test(message.text())).length, 1);
});

lab.test("init takes its arguments by name, and settings as a plain object", async (given) => {
  const page = await given.open();
  assert.equal(await page.evaluate(() => CometChat.init({ appId: "emulator-app", appSettings: { region: "us" } })), true);
  assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
  assert.match(given.requests()[0].host, /\.api-us\./);
});

lab.test("b18 hosts given by the app win: over the region's, and over those the service names at login", async (given) => {
  const page = await given.open();
  await page.evaluate(() =>
    CometChat.init(
      "emulator-app",
      new CometChat.AppSettingsBuilder().setRegion("eu").overrideAdminHost("emulator-app.api-in.cometchat.io/v3").overrideClientHost("emulator-app.apiclient-in.cometchat.io").build(),
    ),
  );
  assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
  await logout(page);
  assert.deepEqual(lines(given.requests()), [
    `POST https://emulator-app.api-in.cometchat.io/v3/users/${IRON_MAN}/auth_tokens`,
    "PUT https://emulator-app.apiclient-in.cometchat.io/me",
    "DELETE https://emulator-app.apiclient-in.cometchat.io/me",
  ]);
});

lab.test("b18 useEmulator: all calls go there, with one warning; beside overrides, or elsewhere without TLS, it is refused", async (given) => {
  const { page } = await loggedIn(given, IRON_MAN, { emulator: lab.emulator.url });
  await logout(page);
  assert.deepEqual(given.requests(), [], "nothing for the service's own hosts");
  assert.equal(given.console.filter((message) => message.type() === "warning" && /useEmulator/.test(message.text())).length, 1);
  for (const refused of [{ emulator: lab.emulator.url, adminHost: "a.example" }, { emulator: "http://192.0.2.1:8599" }, { emulator: "127.0.0.1:8599" }, { adminHost: "http://a.example" }]) {
    assertError(await page.evaluate((settings) => lab.outcome(CometChat.init("emulator-app", { region: "us", ...settings })), refused), "INVALID_HOST");
  }
});

lab.test("b4 a warm start finds the session: no request, no event", async (given) => {
  const { page } = await loggedIn(given);
  const before = given.requests().length;
  await page.reload();
  await page.evaluate(async () => {
    lab.listen();
    await lab.init();
  });
  assert.equal(await who(page), IRON_MAN);
  assert.deepEqual(await page.evaluate(() => [lab.sent, lab.events]), [0, []]);
  assert.equal(given.requests().length, before);
});

lab.test("b3 init twice at once, as StrictMode does, is one init; the session stands", async (given) => {
  const { page } = await loggedIn(given);
  await page.reload();
  const both = await page.evaluate(() => Promise.all([lab.init(), lab.init()]));
  assert.deepEqual(both, [true, true]);
  assert.equal(await who(page), IRON_MAN);
});

// ---- login

lab.test("b16 login by key is two requests, with the documented headers and bodies", async (given) => {
  const page = await ready(given);
  const { value: user } = await login(page, IRON_MAN);
  assert.deepEqual([user.uid, user.name, user.role, user.status], [IRON_MAN, "Iron Man", "default", "online"]);
  const [post, put, ...more] = given.requests();
  assert.deepEqual(more, []);
  assert.deepEqual(lines([post, put]), [`POST ${ADMIN}/users/${IRON_MAN}/auth_tokens`, `PUT ${CLIENT}/me`]);
  const stored = await page.evaluate(() => ({ local: lab.entries(), session: sessionStorage.getItem("sessionId"), agent: navigator.userAgent }));
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
    assert.deepEqual(rest, { platform: "WEB", deviceId: stored.local["emulator-app:keys_store/deviceId"] });
    const { client, ...official } = appInfo;
    assert.deepEqual(official, { version: "v4.2.0", apiVersion: "v3.0", userAgent: stored.agent });
    assert.match(client, /^cometchat-auth\/\d+\.\d+\.\d+/);
  }
  assert.match(stored.session, /^WEB-4_2_0-[0-9a-f-]{36}-\d{13}$/);
  // One preflight each, for the headers of its own.
  assert.deepEqual(given.preflights().map(({ host, headers }) => [host.split(".")[1], headers["access-control-request-method"]]), [
    ["api-us", "POST"],
    ["apiclient-us", "PUT"],
  ]);
  assert.deepEqual(await events(page), [`loginSuccess ${IRON_MAN}`]);
});

/** The headers a page sets: what browsers add of their own left out. */
function own(headers) {
  const theirs = /^(host|connection|content-length|origin|referer|user-agent|accept-(encoding|language)|sec-.*|priority|pragma|cache-control)$/;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !theirs.test(name)));
}

lab.test("b16 login by token is one request, and the token is the one that was given", async (given) => {
  const page = await ready(given);
  const token = await mint(CAPTAIN);
  const { value } = await loginByToken(page, token);
  assert.deepEqual([value.uid, value.authToken], [CAPTAIN, token]);
  assert.deepEqual(lines(given.requests()), [`PUT ${CLIENT}/me`]);
  assert.equal(given.requests()[0].headers.authtoken, token);
});

lab.test("b6 login takes its arguments by name, too", async (given) => {
  const page = await ready(given);
  const key = lab.emulator.authKey;
  const byName = (request) => page.evaluate((request) => lab.outcome(CometChat.login(request)), request);
  assert.equal((await byName({ uid: IRON_MAN, authKey: key })).value.uid, IRON_MAN);
  assert.equal((await byName({ username: CAPTAIN, apiKey: key })).value.uid, CAPTAIN);
  assert.equal((await byName({ authToken: await mint(IRON_MAN) })).value.uid, IRON_MAN);
});

lab.test("b6 a reply for another uid than the one asked for is no login", async (given) => {
  const { page } = await loggedIn(given);
  const token = await mint("superhero3");
  const outcome = await page.evaluate((token) => lab.outcome(CometChat.login({ uid: "superhero2", authToken: token })), token);
  assertError(outcome, "INVALID_RESPONSE");
  assert.equal(await who(page), IRON_MAN);
});

lab.test("b17 blanks around a uid are cut off; the uid is one segment of the path", async (given) => {
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
  assert.equal(await who(page), null);
});

lab.test("b26 a wrong key: the code says so, and the key is nowhere in the error, the console, the storage or a URL", async (given) => {
  const page = await ready(given);
  const key = "not-the-key-73c1f0";
  // The worst that a service can do: repeat the key, raw and percent-encoded, wherever there is room.
  given.answer(({ method }) =>
    method === "POST" ? { status: 401, body: { error: { code: "AUTH_ERR_APIKEY_NOT_FOUND", message: `The key ${key} is unknown (${encodeURIComponent(key)})`, details: { [key]: [key] } } } } : undefined,
  );
  const worst = assertError(await login(page, IRON_MAN, key), "AUTH_ERR_APIKEY_NOT_FOUND");
  given.answer(() => undefined);
  const real = assertError(await login(page, IRON_MAN, key), "AUTH_ERR_APIKEY_NOT_FOUND");
  assert.equal(real.status, 401);
  for (const error of [worst, real]) {
    assert.equal(error.all.includes(key), false, error.all);
  }
  assert.match(worst.message, /\*\*\*/);
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  const globals = await page.evaluate(() => Object.keys(window).filter((name) => typeof window[name] === "string").map((name) => window[name]).join());
  for (const place of [stored, globals, given.console.map((message) => message.text()).join(), given.requests().map(({ url }) => url).join()]) {
    assert.equal(place.includes(key), false, place);
  }
});

lab.test("b26 a login that succeeds writes no token and no key to the console or a URL", async (given) => {
  const { page, token } = await loggedIn(given);
  await logout(page);
  for (const place of [given.console.map((message) => message.text()).join(), given.requests().map(({ url }) => url).join()]) {
    for (const secret of [token, lab.emulator.authKey]) {
      assert.equal(place.includes(secret), false, place);
    }
  }
});

lab.test("b26 an unknown token is nowhere in the error", async (given) => {
  const page = await ready(given);
  const token = "no-such-token-51e7";
  given.answer(({ method }) => (method === "PUT" ? { status: 401, body: { error: { code: "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", message: `The auth token ${token} does not exist.`, details: { token } } } } : undefined));
  const error = assertError(await loginByToken(page, token), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
  assert.equal(error.all.includes(token), false, error.all);
});

lab.test("b13 the page gets no global, and no handler that keeps it out of the back/forward cache", async (given) => {
  await (await given.ownContext()).addInitScript(() => {
    const { addEventListener } = EventTarget.prototype;
    window.listened = [];
    EventTarget.prototype.addEventListener = function (type, ...rest) {
      window.listened.push(type);
      return addEventListener.call(this, type, ...rest);
    };
    window.globals = () => Object.getOwnPropertyNames(window).filter((name) => !/^\d+$/.test(name));
  });
  const page = await given.open();
  const before = await page.evaluate(() => globals());
  await page.evaluate(() => lab.init());
  await login(page, IRON_MAN);
  await logout(page);
  assert.deepEqual(await page.evaluate(() => globals()), before);
  const listened = await page.evaluate(() => window.listened);
  assert.ok(listened.includes("storage"), "the recording works");
  assert.equal(listened.some((type) => /unload/.test(type)), false, listened.join());
});

lab.test("b27 the auth key on a public page is warned of, once", async (given) => {
  const { page } = await loggedIn(given);
  await login(page, CAPTAIN);
  assert.equal(given.console.filter((message) => message.type() === "warning" && /auth key/.test(message.text())).length, 1);
});

lab.test("b6 the logged-in user again, in whatever case: no request, loginSuccess", async (given) => {
  const { page, token } = await loggedIn(given);
  const before = given.requests().length;
  assert.equal((await login(page, IRON_MAN.toUpperCase(), "any-key")).value.authToken, token);
  assert.equal((await loginByToken(page, token)).value.uid, IRON_MAN);
  assert.equal(given.requests().length, before);
  assert.deepEqual(await events(page), [`loginSuccess ${IRON_MAN}`, `loginSuccess ${IRON_MAN}`]);
});

lab.test("b6 another user: logoutSuccess, then loginSuccess, and the session is replaced", async (given) => {
  const { page } = await loggedIn(given);
  assert.equal((await login(page, CAPTAIN)).value.uid, CAPTAIN);
  assert.deepEqual(await events(page), ["logoutSuccess", `loginSuccess ${CAPTAIN}`]);
  assert.equal(await who(page), CAPTAIN);
  assert.equal(await page.evaluate((key) => lab.entries()[key].uid, USER_ENTRY), CAPTAIN);
});

lab.test("b6 another token of the same user replaces the token: loginSuccess alone", async (given) => {
  const { page } = await loggedIn(given);
  const token = await mint(IRON_MAN);
  assert.equal((await loginByToken(page, token)).value.authToken, token);
  assert.deepEqual(await events(page), [`loginSuccess ${IRON_MAN}`]);
  assert.equal(await page.evaluate(() => CometChat.getInstance().getAuthToken()), token);
});

lab.test("b21 data at a status of failure is no success", async (given) => {
  const page = await ready(given);
  given.answer(({ method }) => (method === "POST" ? { status: 403, body: { data: { uid: IRON_MAN, authToken: "t" } } } : undefined));
  assertError(await login(page, IRON_MAN), "INVALID_RESPONSE");
  assert.equal(given.requests().length, 1);
});

lab.test("b22 a busy service: retryable, and how long to wait", async (given) => {
  const page = await ready(given);
  given.answer(({ method }) => (method === "POST" ? { status: 429, headers: { "Retry-After": "17" }, body: { error: { code: "ERR_TOO_MANY_REQUESTS", message: "Slow down" } } } : undefined));
  const error = assertError(await login(page, IRON_MAN), "ERR_TOO_MANY_REQUESTS");
  assert.deepEqual([error.status, error.retryable, error.retryAfter], [429, true, 17]);
});

lab.test("b7 the same login twice, as StrictMode does, is one pair of requests and one event", async (given) => {
  const page = await ready(given);
  const outcomes = await page.evaluate((key) => Promise.all([1, 2, 3].map((n) => lab.outcome(CometChat.login(n === 2 ? "SUPERHERO1" : "superhero1", key)))), lab.emulator.authKey);
  assert.deepEqual(outcomes.map(({ value }) => value?.uid), [IRON_MAN, IRON_MAN, IRON_MAN]);
  assert.equal(given.requests().length, 2);
  assert.deepEqual(await events(page), [`loginSuccess ${IRON_MAN}`]);
});

lab.test("b7 another login while one runs is refused; the first goes on", async (given) => {
  const page = await ready(given);
  const [first, second] = await page.evaluate(
    (key) => Promise.all([lab.outcome(CometChat.login("superhero1", key)), lab.outcome(CometChat.login("superhero2", key))]),
    lab.emulator.authKey,
  );
  assert.equal(first.value.uid, IRON_MAN);
  assertError(second, "LOGIN_IN_PROGRESS");
  assert.deepEqual(await events(page), [`loginSuccess ${IRON_MAN}`], "no loginFailure for it (b25)");
});

lab.test("b2 calls behind an init that fails get its error", async (given) => {
  const page = await given.open();
  const outcomes = await page.evaluate(() => {
    const init = lab.outcome(lab.init({ region: "moon" }));
    return Promise.all([init, lab.outcome(CometChat.login("superhero1", "k")), lab.outcome(CometChat.getLoggedinUser()), lab.outcome(CometChat.logout())]);
  });
  for (const outcome of outcomes) {
    assertError(outcome, "INVALID_REGION");
  }
});

lab.test("b2 without init every call says that init is missing", async (given) => {
  const page = await given.open();
  const outcomes = await page.evaluate(() => Promise.all([CometChat.login("superhero1", "k"), CometChat.login("t"), CometChat.getLoggedinUser(), CometChat.logout()].map(lab.outcome)));
  for (const outcome of outcomes) {
    const error = assertError(outcome, "COMETCHAT_INITIALIZATION_NOT_DONE");
    assert.match(error.message, /init/);
  }
  assert.equal(await page.evaluate(() => lab.sent), 0);
  assert.deepEqual(await page.evaluate(() => [CometChat.isInitialized(), CometChat.persistence, CometChat.getAppId(), CometChat.getInstance().getAuthToken()]), [false, null, null, null]);
});

// ---- logout

lab.test("b9 logout ends the session here at once, before the service has said anything", async (given) => {
  const { page, token } = await loggedIn(given);
  let answer;
  given.answer(({ method }) => (method === "DELETE" ? { until: new Promise((resolve) => (answer = resolve)) } : undefined));
  await page.evaluate(() => void (window.ending = lab.outcome(CometChat.logout())));
  assert.equal(await who(page), null);
  assert.deepEqual(await events(page), ["logoutSuccess"]);
  assert.equal(await page.evaluate((key) => localStorage.getItem(key), USER_ENTRY), null);
  await until("the DELETE", () => answer);
  assert.equal(await stands(token), 200, "the service has not been told yet");
  answer();
  assert.equal((await page.evaluate(() => window.ending)).value.success, true);
  assert.equal(await stands(token), 401);
  assert.deepEqual(lines(given.requests().slice(2)), [`DELETE ${CLIENT}/me`]);
  assert.deepEqual(await events(page), ["logoutSuccess"], "once");
});

for (const [what, leave] of [
  ["closed", (page) => page.close()],
  ["left", (page, given) => page.goto(`${given.origin}/empty`)],
]) {
  lab.test(`b9 the DELETE survives the page being ${what} while it is on its way`, async (given) => {
    // A session from the disk: the browser has asked nobody yet whether it may send a DELETE, so a preflight comes first. That is held until the
    // page has gone: nothing of the DELETE itself has been sent by then.
    const token = await mint(IRON_MAN);
    const page = await given.open("/empty");
    await page.evaluate(([key, token]) => localStorage.setItem(key, JSON.stringify({ uid: "superhero1", name: "Iron Man", authToken: token })), [USER_ENTRY, token]);
    await page.goto(`${given.origin}/`);
    await page.evaluate(() => lab.init());
    let left;
    const gone = new Promise((resolve) => (left = resolve));
    given.answer(({ preflight, headers }) => (preflight && headers["access-control-request-method"] === "DELETE" ? { until: gone } : undefined));
    await page.evaluate(() => void CometChat.logout().catch(() => {}));
    await until("the preflight", () => given.preflights().some(({ headers }) => headers["access-control-request-method"] === "DELETE"));
    await leave(page, given);
    left();
    await until("the token is revoked", async () => (await stands(token)) === 401);
  });
}

lab.test("b9 logged out already: says so, no request, no event", async (given) => {
  const page = await ready(given);
  assertError(await logout(page), "USER_NOT_LOGGED_IN");
  assert.deepEqual(await page.evaluate(() => [lab.sent, lab.events]), [0, []]);
});

lab.test("b9 a token that the service does not know is as logged out as can be", async (given) => {
  const { page, token } = await loggedIn(given);
  await fetch(`${lab.emulator.url}/v3/me`, { method: "DELETE", headers: { appId: lab.emulator.appId, authToken: token } });
  assert.deepEqual(await logout(page), { value: {} });
  assert.deepEqual(await events(page), ["logoutSuccess"]);
});

lab.test("b9 a service that fails: the session has ended here, and the failure is told", async (given) => {
  const { page } = await loggedIn(given);
  given.answer(({ method }) => (method === "DELETE" ? { status: 500, body: { error: { code: "ERR_EXCEPTION", message: "Something broke" } } } : undefined));
  assert.equal(assertError(await logout(page), "ERR_EXCEPTION").retryable, true);
  assert.deepEqual(await events(page), ["logoutSuccess", "logoutFailure ERR_EXCEPTION"]);
  assert.equal(await who(page), null);
});

lab.test("b9 two logouts at once are one", async (given) => {
  const { page } = await loggedIn(given);
  const both = await page.evaluate(() => Promise.all([lab.outcome(CometChat.logout()), lab.outcome(CometChat.logout())]));
  assert.deepEqual(both.map(({ value }) => value?.success), [true, true]);
  assert.deepEqual(await events(page), ["logoutSuccess"]);
  assert.equal(given.requests().filter(({ method }) => method === "DELETE").length, 1);
});

lab.test("b9 a login right after logout, not awaited, is a session of its own", async (given) => {
  const { page, token } = await loggedIn(given);
  const [ended, begun] = await page.evaluate((key) => Promise.all([lab.outcome(CometChat.logout()), lab.outcome(CometChat.login("superhero1", key))]), lab.emulator.authKey);
  assert.equal(ended.value?.success, true);
  assert.equal(begun.value?.uid, IRON_MAN);
  assert.notEqual(begun.value.authToken, token);
  assert.deepEqual([await stands(token), await stands(begun.value.authToken)], [401, 200]);
  assert.deepEqual(await events(page), ["logoutSuccess", `loginSuccess ${IRON_MAN}`]);
});

// ---- tabs and storage

lab.test("b15 a second tab follows login, switch of user and logout, and asks nobody", async (given) => {
  const first = await ready(given);
  const second = await ready(given);
  await login(first, IRON_MAN);
  await second.waitForFunction(() => lab.events.length === 1);
  await login(first, CAPTAIN);
  await second.waitForFunction(() => lab.events.length === 3);
  assert.equal(await who(second), CAPTAIN);
  await logout(first);
  await second.waitForFunction(() => lab.events.length === 4);
  assert.deepEqual(await events(second), [`loginSuccess ${IRON_MAN}`, "logoutSuccess", `loginSuccess ${CAPTAIN}`, "logoutSuccess"]);
  assert.equal(await second.evaluate(() => lab.sent), 0);
  assert.equal(await who(second), null);
});

lab.test("b15 two tabs that log in as different users at once end as the same one", async (given) => {
  const tabs = [await ready(given), await ready(given)];
  const outcomes = await Promise.all([login(tabs[0], IRON_MAN), login(tabs[1], CAPTAIN)]);
  assert.deepEqual(outcomes.map(({ value }) => value?.uid), [IRON_MAN, CAPTAIN], "each caller got whom it asked for");
  const stored = await tabs[0].evaluate((key) => lab.entries()[key].uid, USER_ENTRY);
  for (const tab of tabs) {
    assert.equal(await who(tab), stored);
    assert.equal((await events(tab)).at(-1), `loginSuccess ${stored}`);
  }
});

lab.test("b15 localStorage.clear() in another tab is a logout", async (given) => {
  const { page } = await loggedIn(given);
  const other = await given.open("/empty");
  await other.evaluate(() => localStorage.clear());
  await page.waitForFunction(() => lab.events.length === 1);
  assert.deepEqual(await events(page), ["logoutSuccess"]);
});

lab.test("b15 what is changed in this very page is noticed at the next call", async (given) => {
  const { page } = await loggedIn(given);
  const seen = await page.evaluate(async (key) => {
    localStorage.removeItem(key);
    const user = await CometChat.getLoggedinUser();
    return [user, CometChat.getInstance().getAuthToken(), lab.events];
  }, USER_ENTRY);
  assert.deepEqual(seen, [null, null, ["logoutSuccess"]]);
});

lab.test("b13 a damaged user entry is no session, whatever is wrong with it; nothing hangs, login works", async (given) => {
  const page = await given.open("/empty");
  const twice = (value) => JSON.stringify(JSON.stringify(value));
  for (const damaged of ["", "{not json", "5", "[]", '"text"', "null", twice({}), twice({ uid: "alice" }), twice({ uid: "alice", authToken: "" }), twice({ authToken: {} })]) {
    await page.evaluate(([key, text]) => localStorage.setItem(key, text), [USER_ENTRY, damaged]);
    await page.goto(`${given.origin}/`);
    await page.evaluate(() => lab.init());
    assert.equal(await who(page), null, damaged);
    assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN, damaged);
    assert.equal(await page.evaluate((key) => lab.entries()[key].uid, USER_ENTRY), IRON_MAN, damaged);
  }
});

lab.test("b13 what is not ours stays as it is, through login and logout", async (given) => {
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

lab.test("b14 storage full: login works in memory, nothing half written stays, and the next login is stored again", async (given) => {
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
  assert.equal(await who(page), IRON_MAN);
  const left = await page.evaluate(() => Object.keys(localStorage).filter((key) => /common_store\/(user|app_settings)$/.test(key)));
  assert.deepEqual(left, []);
  await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("filler")).forEach((key) => localStorage.removeItem(key)));
  assert.equal((await login(page, CAPTAIN)).value?.uid, CAPTAIN);
  assert.equal(await page.evaluate(() => CometChat.persistence), "local");
  assert.equal(await page.evaluate((key) => lab.entries()[key].uid, USER_ENTRY), CAPTAIN);
});

lab.test("b12 session mode keeps the session in this tab's sessionStorage alone", async (given) => {
  const { page } = await loggedIn(given, IRON_MAN, { session: true });
  assert.equal(await page.evaluate(() => CometChat.persistence), "session");
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
  await page.reload();
  await page.evaluate(() => lab.init({ session: true }));
  assert.equal(await who(page), IRON_MAN);
});

lab.test("b16 a stored session that points away from the service is none, and its token goes nowhere", async (given) => {
  const { page } = await loggedIn(given);
  const before = given.requests().length;
  await page.evaluate((app) => localStorage.setItem(`${app}:common_store/app_settings`, JSON.stringify(JSON.stringify({ CLIENT_API_HOST: "evil.lab.test", ADMIN_API_HOST: "evil.lab.test", CHAT_API_VERSION: "v3.0" }))), lab.emulator.appId);
  await page.reload();
  await page.evaluate(() => lab.init());
  assert.equal(await who(page), null);
  assertError(await logout(page), "USER_NOT_LOGGED_IN");
  assert.equal(given.requests().length, before);
});

// ---- settling

lab.test("b1 a service that never answers: REQUEST_TIMEOUT, and the next call works", async (given) => {
  const page = await ready(given, { timeout: 300 });
  given.answer(({ method }) => (method === "POST" ? "hang" : undefined));
  const error = assertError(await login(page, IRON_MAN), "REQUEST_TIMEOUT");
  assert.equal(error.retryable, true);
  assert.deepEqual(await events(page), ["loginFailure REQUEST_TIMEOUT"]);
  await until("the request is given up", () => given.requests()[0].gone);
  given.answer(() => undefined);
  await page.evaluate(() => lab.init());
  assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
});

lab.test("b1 the deadline is one for the whole call: a second request that hangs counts from the start", async (given) => {
  const page = await ready(given, { timeout: 600 });
  given.answer(({ method }) => (method === "PUT" ? "hang" : undefined));
  const [outcome, took] = await page.evaluate(async (key) => {
    const start = performance.now();
    return [await lab.outcome(CometChat.login("superhero1", key)), performance.now() - start];
  }, lab.emulator.authKey);
  assertError(outcome, "REQUEST_TIMEOUT");
  assert.ok(took >= 590 && took < 1600, `${took} ms`);
});

lab.test("b1 a body that never ends counts, too", async (given) => {
  const page = await ready(given, { timeout: 300 });
  given.answer(({ method }) => (method === "POST" ? { headers: { "Content-Length": "5000" }, body: "{" } : undefined));
  assertError(await login(page, IRON_MAN), "REQUEST_TIMEOUT");
});

lab.test("b22 offline: FAILED_TO_FETCH, retryable, and no session is lost", async (given) => {
  const context = await given.ownContext();
  const { page } = await loggedIn(given);
  await context.setOffline(true);
  const error = assertError(await login(page, CAPTAIN), "FAILED_TO_FETCH");
  assert.equal(error.retryable, true);
  assert.equal(await who(page), IRON_MAN);
  await context.setOffline(false);
  assert.equal((await login(page, CAPTAIN)).value?.uid, CAPTAIN);
});

lab.test("b22 a connection that breaks in the middle of a body is no reply", async (given) => {
  const page = await ready(given);
  given.answer(({ method }) => (method === "POST" ? { headers: { "Content-Length": "5000" }, body: "{", } : undefined));
  const outcome = page.evaluate((key) => lab.outcome(CometChat.login("superhero1", key)), lab.emulator.authKey);
  await until("the request", () => given.requests().length === 1);
  lab.front.cut();
  assertError(await outcome, "FAILED_TO_FETCH");
});

lab.test("b22 a reply that is no envelope is an INVALID_RESPONSE with its status", async (given) => {
  const page = await ready(given);
  for (const body of ["", "null", "{}", "<h1>Bad gateway</h1>", '{"data":', "[1]", '{"error":"text"}']) {
    given.answer(({ method }) => (method === "POST" ? { status: 502, body } : undefined));
    assert.equal(assertError(await login(page, IRON_MAN), "INVALID_RESPONSE").status, 502, body);
  }
});

lab.test("b7 a signal aborts its own caller; the joined one goes on", async (given) => {
  const page = await ready(given);
  let answer;
  given.answer(({ method }) => (method === "POST" ? { until: new Promise((resolve) => (answer = resolve)) } : undefined));
  await page.evaluate((key) => {
    const abort = new AbortController();
    window.leave = () => abort.abort();
    window.leaver = lab.outcome(CometChat.login({ uid: "superhero1", authKey: key, signal: abort.signal }));
    window.stayer = lab.outcome(CometChat.login("superhero1", key));
  }, lab.emulator.authKey);
  await until("the POST", () => answer);
  assertError(await page.evaluate(() => (leave(), leaver)), "REQUEST_ABORTED");
  answer();
  assert.equal((await page.evaluate(() => stayer)).value?.uid, IRON_MAN);
  assert.deepEqual(await events(page), [`loginSuccess ${IRON_MAN}`]);
});

lab.test("b7 the last caller's signal stops the login; one called in the same task starts afresh", async (given) => {
  const page = await ready(given);
  given.answer(({ method, path }) => (method === "POST" && path.includes(IRON_MAN) ? "hang" : undefined));
  await page.evaluate((key) => {
    const abort = new AbortController();
    window.leave = () => abort.abort();
    window.leaver = lab.outcome(CometChat.login({ uid: "superhero1", authKey: key, signal: abort.signal }));
  }, lab.emulator.authKey);
  await until("the POST", () => given.requests().length === 1);
  const [left, next] = await page.evaluate((key) => (leave(), Promise.all([leaver, lab.outcome(CometChat.login("superhero2", key))])), lab.emulator.authKey);
  assertError(left, "REQUEST_ABORTED");
  assert.equal(next.value?.uid, CAPTAIN);
  await until("the request is given up", () => given.requests()[0].gone);
});

lab.test("b7 a signal that is aborted already ends the login", async (given) => {
  const page = await ready(given);
  const outcome = await page.evaluate((key) => lab.outcome(CometChat.login({ uid: "superhero1", authKey: key, signal: AbortSignal.abort() })), lab.emulator.authKey);
  assertError(outcome, "REQUEST_ABORTED");
  assert.equal(await who(page), null);
});

lab.test("b3 dispose ends listeners, then calls; init starts again with the session on disk", async (given) => {
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
  assertError(await page.evaluate(() => lab.outcome(CometChat.getLoggedinUser())), "COMETCHAT_INITIALIZATION_NOT_DONE");
  await page.evaluate(() => lab.init());
  assert.equal(await who(page), IRON_MAN);
});

// ---- listeners

lab.test("b24 handlers run in the order of adding, before the promise's own; one that throws or rejects harms nobody", async (given) => {
  const page = await given.open();
  const order = await page.evaluate(async (key) => {
    await lab.init();
    const order = [];
    CometChat.addLoginListener("throws", { loginSuccess() { order.push("throws"); throw new Error("a handler's own"); } });
    CometChat.addLoginListener("rejects", { async loginSuccess() { order.push("rejects"); throw new Error("a handler's own"); } });
    CometChat.addLoginListener("replaced", { loginSuccess() { order.push("never"); } });
    CometChat.addLoginListener("last", { loginSuccess(user) { order.push(user.getName()); user.setName("changed"); } });
    CometChat.addLoginListener("replaced", { loginSuccess(user) { order.push(`replaced ${user.getName()}`); } });
    CometChat.addLoginListener("removed", { loginSuccess() { order.push("never"); } });
    CometChat.removeLoginListener("removed");
    CometChat.removeLoginListener("unknown");
    const user = await CometChat.login("superhero1", key).then((user) => (order.push("promise"), user));
    order.push(user.getName());
    return order;
  }, lab.emulator.authKey);
  assert.deepEqual(order, ["throws", "rejects", "replaced Iron Man", "Iron Man", "promise", "Iron Man"]);
  await until("both reports", () => given.console.filter((message) => message.type() === "error").length >= 2);
});

lab.test("b4 every caller and every handler gets a user of its own", async (given) => {
  const page = await ready(given);
  const different = await page.evaluate(async (key) => {
    const got = [];
    CometChat.addLoginListener("a", { loginSuccess: (user) => got.push(user) });
    CometChat.addLoginListener("b", { loginSuccess: (user) => got.push(user) });
    const callers = await Promise.all([CometChat.login("superhero1", key), CometChat.login("superhero1", key)]);
    return new Set([...got, ...callers]).size;
  }, lab.emulator.authKey);
  assert.equal(different, 4);
});

lab.test("b24 a handler that is removed while an event is delivered does not hear it; one that logs in as another is obeyed", async (given) => {
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
});

lab.test("b24 a handler may call the API; what follows is delivered after all have heard", async (given) => {
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
    CometChat.addLoginListener("second", { loginSuccess: (user) => heard.push(`second ${user.getUid()}`), logoutSuccess: () => heard.push("second out") });
    await CometChat.login("superhero1", key);
    await again;
    heard.push(await CometChat.getLoggedinUser());
    return heard;
  }, lab.emulator.authKey);
  assert.deepEqual(heard, ["first superhero1", "second superhero1", "first out", "second out", null]);
});

// ---- the page around it

/** The page's own script, so that nothing but it runs there; it says in the title how it went. */
const STRICT_PAGE = (key) => `
import { CometChat } from "cometchat-auth";
const violations = [];
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => violations.push(violatedDirective + " " + blockedURI));
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
      "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src https://emulator-app.api-us.cometchat.io https://emulator-app.apiclient-us.cometchat.io; require-trusted-types-for 'script'",
    },
  });
  const page = await given.open("/strict");
  await until("the page's word", async () => (await page.title()).startsWith("["));
  assert.deepEqual(JSON.parse(await page.title()), [IRON_MAN, IRON_MAN, []]);
});

lab.test("b1 a policy that forbids WebAssembly: INTERNAL_ERROR that names the policy", async (given) => {
  given.serve("/no-wasm", { body: htmlWith('<script type="module" src="/ours.js"></script>'), headers: { "Content-Security-Policy": "script-src 'self'" } });
  const page = await given.open("/no-wasm");
  const error = assertError(await page.evaluate(() => lab.outcome(lab.init())), "INTERNAL_ERROR");
  assert.match(error.message, /wasm-unsafe-eval/);
});

lab.test("b1 the lazy part does not arrive: INTERNAL_ERROR, and a later call works", async (given) => {
  let lost = true;
  await (await given.ownContext()).route(/\/core-[^/]*\.js$/, (route) => (lost ? route.abort() : route.continue()));
  const page = await given.open();
  const [init, behind] = await page.evaluate(() => Promise.all([lab.outcome(lab.init()), lab.outcome(CometChat.getLoggedinUser())]));
  assert.match(assertError(init, "INTERNAL_ERROR").message, /loaded/);
  assertError(behind, "INTERNAL_ERROR");
  lost = false;
  // Without a reload: a connection that was away for a moment.
  assert.equal(await page.evaluate(() => lab.init()), true);
  assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
});

lab.test("b1 after a trap in the WebAssembly the call rejects, the next one works, and the session is still there", async (given) => {
  // What a page cannot do to WebAssembly from outside, a patched export can: the next call into it traps as memory at its limit would.
  await (await given.ownContext()).addInitScript(() => {
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = patched(instantiate);
    const { Instance } = WebAssembly;
    WebAssembly.Instance = new Proxy(Instance, { construct: (target, args) => trapping(new target(...args)) });

    function patched(original) {
      return async function (...args) {
        const made = await original.apply(this, args);
        return made instanceof Instance ? trapping(made) : { ...made, instance: trapping(made.instance) };
      };
    }
    function trapping(instance) {
      window.instances = (window.instances ?? 0) + 1;
      const exports = {};
      for (const [name, value] of Object.entries(instance.exports)) {
        exports[name] = typeof value !== "function" ? value : (...args) => {
          if (window.trap) {
            window.trap = false;
            throw new WebAssembly.RuntimeError("unreachable");
          }
          return value(...args);
        };
      }
      return new Proxy(Object.create(Instance.prototype), { get: (_, key) => (key === "exports" ? exports : Reflect.get(instance, key)) });
    }
  });
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
  assert.deepEqual(await events(page), ["logoutSuccess", `loginSuccess ${CAPTAIN}`], "the listeners were not lost, nor doubled");
});
