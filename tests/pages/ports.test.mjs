/** The shipped package with unusual behaviour of `fetch`, storage and events. */
import assert from "node:assert/strict";
import { actionsIn, assertError } from "../support/actions.mjs";
import { labSuite, until } from "../support/lab.mjs";

const lab = labSuite();
const { ready, loggedIn, login, currentUid, events } = actionsIn(lab);

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

for (const [what, fetch] of Object.entries(FAILURES)) {
  lab.test(
    `b1 a fetch that ${what}: FAILED_TO_FETCH, one request, and the next login works`,
    async (given) => {
      const page = await ready(given);
      const sent = await page.evaluate((source) => {
        const { fetch } = window;
        window.restore = () => (window.fetch = fetch);
        window.asked = 0;
        const failing = eval(source);
        window.fetch = () => (window.asked++, failing());
        return lab.sent;
      }, `(${fetch})`);
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

/** A page whose requests hang, and the signal of each request. */
async function hanging(given, options) {
  const page = await ready(given, options);
  await page.evaluate(() => {
    window.signals = [];
    window.fetch = (_, { signal }) => {
      window.signals.push(signal);
      return new Promise(() => {});
    };
  });
  return page;
}

const aborted = (page) => page.evaluate(() => window.signals.map((signal) => signal.aborted));

lab.test("b1 a request that times out is aborted", async (given) => {
  const page = await hanging(given, { timeout: 100 });
  assertError(await login(page, IRON_MAN), "REQUEST_TIMEOUT");
  assert.deepEqual(await aborted(page), [true]);
});

lab.test("e2 a login works where fetch refuses the signals of AbortController", async (given) => {
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
