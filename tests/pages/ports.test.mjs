/** The shipped package with unusual behaviour of `fetch`, storage and events. */
import assert from "node:assert/strict";
import { actionsIn, assertError } from "../support/actions.mjs";
import { labSuite, until } from "../support/lab.mjs";

const lab = labSuite();
const { ready, loggedIn, login, logout, currentUid, events } = actionsIn(lab);

const IRON_MAN = "superhero1";
const USER = "emulator-app:common_store/user";

/** Replacements of `fetch`, which run in the page. */
const FAILURES = {
  throws: () => {
    throw new TypeError("fetch itself");
  },
  "rejects with a text": () => Promise.reject("no Error at all"),
  "rejects with nothing": () => Promise.reject(undefined),
  "breaks off": () =>
    Promise.resolve(
      new Response(new ReadableStream({ start: (body) => body.error(new Error("gone")) })),
    ),
};

/**
 * Replaces `fetch` on a page, and returns the number of calls of the original. The page gets
 * `asked`, the number of calls of the replacement, and `restore()`.
 */
const replaceFetch = (page, replacement) =>
  page.evaluate((source) => {
    const { fetch } = window;
    window.restore = () => (window.fetch = fetch);
    window.asked = 0;
    const replaced = eval(source);
    window.fetch = () => (window.asked++, replaced());
    return lab.sent;
  }, `(${replacement})`);

for (const [what, fetch] of Object.entries(FAILURES)) {
  lab.test(
    `b1 a fetch that ${what}: FAILED_TO_FETCH, one request, and the next login works`,
    async (given) => {
      const page = await ready(given);
      const sent = await replaceFetch(page, fetch);
      assertError(await login(page, IRON_MAN), "FAILED_TO_FETCH");
      assert.deepEqual(await page.evaluate(() => [window.asked, lab.sent]), [1, sent]);
      await page.evaluate(() => window.restore());
      assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
      assert.deepEqual(await events(page), [
        "loginFailure FAILED_TO_FETCH",
        `loginSuccess ${IRON_MAN}`,
      ]);
    },
  );
}

/** Functions that make an invalid response from a valid one. They run in the page. */
const INVALID_RESPONSES = {
  "Response.error()": () => Response.error(),
  "a response without a status": ({ headers, text }) => ({ headers, text }),
  "status 99": (valid) => ({ ...valid, status: 99 }),
  "status 600": (valid) => ({ ...valid, status: 600 }),
  "status 200.5": (valid) => ({ ...valid, status: 200.5 }),
  // As a 16-bit number it is 200.
  "status 65736": (valid) => ({ ...valid, status: 65_736 }),
  "status NaN": (valid) => ({ ...valid, status: NaN }),
  'status "200"': (valid) => ({ ...valid, status: "200" }),
  "a status that throws": (valid) => ({
    ...valid,
    get status() {
      throw new Error("mine");
    },
  }),
  "headers that throw": (valid) => ({
    ...valid,
    get headers() {
      throw new Error("mine");
    },
  }),
};

/** The limit for a call that waits for no timer, in milliseconds. */
const AT_ONCE_MS = 3_000;

for (const [what, response] of Object.entries(INVALID_RESPONSES)) {
  lab.test(
    `b22 a fetch that resolves with ${what}: INVALID_RESPONSE at once, and the next login works`,
    async (given) => {
      const page = await ready(given);
      await page.evaluate(() => {
        const data = { uid: "superhero1", authToken: "a-token-of-the-page" };
        const error = { code: "ERR_OF_THE_PAGE", message: "The status counts." };
        const body = JSON.stringify({ data, error });
        window.valid = { status: 200, headers: new Headers(), text: async () => body };
        const { Instance } = WebAssembly;
        window.instances = 0;
        WebAssembly.Instance = new Proxy(Instance, {
          construct: (target, args) => (window.instances++, new target(...args)),
        });
      });
      await replaceFetch(page, `async () => (${response})(window.valid)`);
      const start = Date.now();
      const error = assertError(await login(page, IRON_MAN), "INVALID_RESPONSE");
      const ms = Date.now() - start;
      assert.ok(ms < AT_ONCE_MS, `${ms} ms`);
      assert.equal(error.status, undefined);
      await page.evaluate(() => window.restore());
      assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
      assert.deepEqual(await page.evaluate(() => [window.asked, window.instances]), [1, 0]);
      assert.deepEqual(await events(page), [
        "loginFailure INVALID_RESPONSE",
        `loginSuccess ${IRON_MAN}`,
      ]);
    },
  );
}

lab.test("b1 a replaced fetch that calls the API gets results", async (given) => {
  const page = await ready(given);
  const found = await page.evaluate(async (key) => {
    const { fetch } = window;
    const nested = [];
    window.fetch = (...args) => {
      nested.push(Promise.all([CometChat.getAppId(), CometChat.getLoggedinUser()]));
      return fetch(...args);
    };
    const user = await CometChat.login("superhero1", key);
    return [user.getUid(), await Promise.all(nested)];
  }, lab.emulator.authKey);
  const early = ["emulator-app", null];
  assert.deepEqual(found, [IRON_MAN, [early, early]]);
});

/**
 * Makes requests of a page hang, all or those of one method. `signals` has the signal of each,
 * `keptAlive` the option `keepalive`.
 */
const hang = (page, hangingMethod) =>
  page.evaluate((hangingMethod) => {
    const { fetch } = window;
    window.signals = [];
    window.keptAlive = [];
    window.fetch = (url, init) => {
      if (hangingMethod && init.method !== hangingMethod) return fetch(url, init);
      window.signals.push(init.signal);
      window.keptAlive.push(init.keepalive);
      return new Promise(() => {});
    };
  }, hangingMethod);

/** A page whose requests hang. */
async function hanging(given, options) {
  const page = await ready(given, options);
  await hang(page);
  return page;
}

const aborted = (page) => page.evaluate(() => window.signals.map((signal) => signal.aborted));

lab.test("b1 a request that times out is aborted", async (given) => {
  const page = await hanging(given, { timeout: 100 });
  assertError(await login(page, IRON_MAN), "REQUEST_TIMEOUT");
  assert.deepEqual(await aborted(page), [true]);
});

lab.test("b1 a login works where fetch refuses the signals of AbortController", async (given) => {
  const page = await ready(given);
  await page.evaluate(() => {
    // As in a test runner that takes AbortController from jsdom and fetch from Node.
    window.AbortController = class {
      signal = new EventTarget();
      abort() {}
    };
  });
  assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
});

for (const [what, options, wait] of [
  ["the request timeout", { timeout: 300 }, 300],
  ["5 s", {}, 5_000],
]) {
  lab.test(`b9 a logout that hangs is aborted after ${what}`, async (given) => {
    await given.ownContext();
    const page = await ready(given);
    await page.clock.install();
    await login(page, IRON_MAN);
    await page.evaluate((options) => lab.init(options), options);
    await hang(page, "DELETE");
    await page.clock.pauseAt(Date.now() + 60_000);
    await page.evaluate(() => void (window.logout = lab.outcome(CometChat.logout())));
    await page.clock.runFor(wait - 1);
    assert.deepEqual(await aborted(page), [false]);
    await page.clock.runFor(1);
    assert.deepEqual(await aborted(page), [true]);
    assertError(await page.evaluate(() => window.logout), "REQUEST_TIMEOUT");
  });
}

lab.test("b9 a logout that hangs is not aborted between pagehide and pageshow", async (given) => {
  const { page } = await loggedIn(given, IRON_MAN);
  await hang(page, "DELETE");
  const logoutAfter = async (event) => {
    if (event) await page.evaluate((event) => void window.dispatchEvent(new Event(event)), event);
    await page.evaluate(() => lab.init({ timeout: 100 }));
    assertError(await logout(page), "REQUEST_TIMEOUT");
    await page.evaluate(() => lab.init());
    assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
    return aborted(page);
  };
  assert.deepEqual(await logoutAfter(), [true]);
  assert.deepEqual(await logoutAfter("pagehide"), [true, false]);
  assert.deepEqual(await logoutAfter("pageshow"), [true, false, true]);
});

lab.test("b9 keepalive is not used for 30 s after a logout that hung", async (given) => {
  await given.ownContext();
  const { page } = await loggedIn(given, IRON_MAN);
  await hang(page, "DELETE");
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60_000);
  const logoutAfter = async (ms) => {
    await page.clock.runFor(ms);
    await page.evaluate(() => void (window.logout = lab.outcome(CometChat.logout())));
    await page.clock.runFor(5_000);
    assertError(await page.evaluate(() => window.logout), "REQUEST_TIMEOUT");
    assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
    return page.evaluate(() => window.keptAlive);
  };
  assert.deepEqual(await logoutAfter(0), [true]);
  assert.deepEqual(await logoutAfter(0), [true, false]);
  // 30_000 ms after the first one was aborted, because the second one took 5_000 ms.
  assert.deepEqual(await logoutAfter(25_000), [true, false, false]);
  // A logout without keepalive does not prolong the 30 s.
  assert.deepEqual(await logoutAfter(0), [true, false, false, true]);
  assert.deepEqual(await logoutAfter(30_001), [true, false, false, true, true]);
});

lab.test("b9 six logouts that hang leave connections for the next calls", async (given) => {
  // Chromium opens six connections to a host.
  await given.ownContext();
  const { page } = await loggedIn(given, IRON_MAN);
  given.answer(({ method }) => (method === "DELETE" ? "hang" : undefined));
  for (let count = 1; count <= 6; count++) {
    await page.evaluate(() => lab.init({ timeout: 300 }));
    assertError(await logout(page), "REQUEST_TIMEOUT");
    await page.evaluate(() => lab.init());
    assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN, `login ${count}`);
  }
  const user = await page.evaluate(() => lab.outcome(CometChat.getUser("superhero3")));
  assert.equal(user.value?.uid, "superhero3", JSON.stringify(user));
});

for (const [what, code, end] of [
  ["b7 the signal of the call", "REQUEST_ABORTED", () => window.abort.abort()],
  ["b8 dispose()", "LOGIN_ABORTED", () => CometChat.dispose()],
]) {
  lab.test(`${what} aborts the request`, async (given) => {
    const page = await hanging(given);
    await page.evaluate((key) => {
      window.abort = new AbortController();
      const { signal } = window.abort;
      const request = { uid: "superhero1", authKey: key, signal };
      window.login = lab.outcome(CometChat.login(request));
    }, lab.emulator.authKey);
    await until("the request", async () => (await aborted(page)).length === 1);
    assert.deepEqual(await aborted(page), [false]);
    await page.evaluate(end);
    assertError(await page.evaluate(() => window.login), code);
    assert.deepEqual(await aborted(page), [true]);
  });
}

for (const [target, event] of [
  ["window", "focus"],
  ["window", "pageshow"],
  ["document", "visibilitychange"],
]) {
  lab.test(`b15 a change without a storage event is noticed on ${event}`, async (given) => {
    const { page } = await loggedIn(given, IRON_MAN);
    const dispatch = () =>
      page.evaluate(
        ([target, event]) => void window[target].dispatchEvent(new Event(event, { bubbles: true })),
        [target, event],
      );
    await page.evaluate((key) => {
      window.entry = localStorage.getItem(key);
      localStorage.removeItem(key);
    }, USER);
    assert.deepEqual(await events(page), [], "this page hears no storage event of its own");
    await dispatch();
    assert.deepEqual(await events(page), ["logoutSuccess"]);
    await page.evaluate((key) => localStorage.setItem(key, window.entry), USER);
    await dispatch();
    assert.deepEqual(await events(page), ["logoutSuccess", `loginSuccess ${IRON_MAN}`]);
    assert.equal(await currentUid(page), IRON_MAN);
  });
}
