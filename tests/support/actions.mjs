/** Common actions of the tests: on a page with the package, and at the service. */
import assert from "node:assert/strict";

/** @param {ReturnType<typeof import("./lab.mjs").labSuite>} lab */
export function actionsIn(lab) {
  /** A page after `init`, with a listener. */
  async function ready(given, options = {}) {
    const page = await given.open();
    await page.evaluate(async (options) => {
      lab.listen();
      await lab.init(options);
    }, options);
    return page;
  }

  /**
   * The same after a login with the auth key. `given.requests()` has the requests so far; the
   * events are removed.
   */
  async function loggedIn(given, uid = "superhero1", options = {}) {
    const page = await ready(given, options);
    const user = await login(page, uid);
    assert.equal(user.value?.uid, uid, JSON.stringify(user));
    await page.evaluate(() => void (lab.events.length = 0));
    return { page, token: user.value.authToken };
  }

  const login = (page, uid, key = lab.emulator.authKey) =>
    page.evaluate(([uid, key]) => lab.outcome(CometChat.login(uid, key)), [uid, key]);

  /** A request with the app's REST API key, as an app's server sends it. */
  async function serverRequest(method, path, body) {
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
    currentUid: (page) =>
      page.evaluate(async () => (await CometChat.getLoggedinUser())?.getUid() ?? null),
    events: (page) => page.evaluate(() => lab.events),
    serverRequest,

    /** A fresh auth token. */
    async createToken(uid) {
      return (await serverRequest("POST", `/users/${uid}/auth_tokens`)).authToken;
    },

    /** The status with which the service answers a token: 200, or 401 for a revoked one. */
    async tokenStatus(token) {
      const reply = await fetch(`${lab.emulator.url}/v3/me`, {
        headers: { appId: lab.emulator.appId, authToken: token },
      });
      return reply.status;
    },
  };
}

export const lines = (requests) => requests.map(({ method, url }) => `${method} ${url}`);

/** Asserts that the outcome is an exception with this code and a message, and returns it. */
export function assertError(outcome, code) {
  assert.equal(outcome.error?.code, code, JSON.stringify(outcome));
  assert.deepEqual([outcome.error.isException, outcome.error.isError], [true, true]);
  assert.match(outcome.error.message, /\S+ \S+/, "the message is a sentence");
  return outcome.error;
}
