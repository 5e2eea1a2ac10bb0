/** What the tests of a lab do again and again: on a page with the package, and at the service itself. */
import assert from "node:assert/strict";

/** @param {ReturnType<typeof import("./lab.mjs").labSuite>} lab */
export function actionsIn(lab) {
  /** A page on which `init` is done and a listener listens. */
  async function ready(given, options = {}) {
    const page = await given.open();
    await page.evaluate(async (options) => {
      lab.listen();
      await lab.init(options);
    }, options);
    return page;
  }

  /** The same, logged in by auth key; what went over the wire until then is in `given.requests()`, the events are forgotten. */
  async function loggedIn(given, uid = "superhero1", options = {}) {
    const page = await ready(given, options);
    const user = await login(page, uid);
    assert.equal(user.value?.uid, uid, JSON.stringify(user));
    await page.evaluate(() => void (lab.events.length = 0));
    return { page, token: user.value.authToken };
  }

  const login = (page, uid, key = lab.emulator.authKey) =>
    page.evaluate(([uid, key]) => lab.outcome(CometChat.login(uid, key)), [uid, key]);

  /** A call with the app's REST API key, as an app's server makes it. */
  async function atTheService(method, path, body) {
    const headers = { apiKey: lab.emulator.restApiKey, "Content-Type": "application/json" };
    const reply = await fetch(`${lab.emulator.url}/v3${path}`, {
      method,
      headers,
      body: body && JSON.stringify(body),
    });
    assert.equal(reply.ok, true, `${method} ${path}: ${reply.status}`);
    return (await reply.json()).data;
  }

  return {
    ready,
    loggedIn,
    login,
    loginByToken: (page, token) =>
      page.evaluate((token) => lab.outcome(CometChat.login(token)), token),
    logout: (page) => page.evaluate(() => lab.outcome(CometChat.logout())),
    who: (page) => page.evaluate(async () => (await CometChat.getLoggedinUser())?.getUid() ?? null),
    events: (page) => page.evaluate(() => lab.events),
    atTheService,

    /** A fresh auth token. */
    async mint(uid) {
      return (await atTheService("POST", `/users/${uid}/auth_tokens`)).authToken;
    },

    /** What the service says to a token: 200, or 401 where it is revoked. */
    async stands(token) {
      const reply = await fetch(`${lab.emulator.url}/v3/me`, {
        headers: { appId: lab.emulator.appId, authToken: token },
      });
      return reply.status;
    },
  };
}

export const lines = (requests) => requests.map(({ method, url }) => `${method} ${url}`);

/** The outcome is an exception of that code that can be read; gives it back. */
export function assertError(outcome, code) {
  assert.equal(outcome.error?.code, code, JSON.stringify(outcome));
  assert.deepEqual([outcome.error.isException, outcome.error.isError], [true, true]);
  assert.match(outcome.error.message, /\S+ \S+/, "says what happened");
  return outcome.error;
}
