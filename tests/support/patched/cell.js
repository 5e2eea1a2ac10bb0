/**
 * One cell: a frame with built-in objects of its own, a change made to them, the package, and every
 * public call. The observer lives in the page around the frame, where nothing is changed.
 */
import { service } from "./service.js";

const DOMAIN = "cometchat.io";
/**
 * A call that has not settled by then never will. The watchdog fires one second later than a
 * request times out: after 3 seconds as the cells set it, after 10 before `init` has succeeded.
 */
const SETTLES_MS = 13_000;
/** A call that takes so long was ended by the watchdog. */
const WATCHDOG_MS = 3_500;
const { then } = Promise.prototype;

/** Whether something is a promise of JavaScript's own, of whichever frame. */
function isNative(promise) {
  try {
    then.call(
      promise,
      () => undefined,
      () => undefined,
    );
    return true;
  } catch {
    return false;
  }
}

/** How a promise of the frame ended, seen without calling anything of the frame. */
function outcomeOf(promise) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve("did not settle"), SETTLES_MS);
    const end = (what) => {
      clearTimeout(timer);
      resolve(what);
    };
    try {
      const handlers = [(value) => end({ value }), (error) => end({ error })];
      // A library may have replaced promises by a class of its own.
      if (isNative(promise)) then.apply(promise, handlers);
      else promise.then(...handlers);
    } catch (error) {
      end(`no promise: ${error}`);
    }
  });
}

/** A value as text; an error by its code, a user by uid and name. */
function shown(outcome) {
  if (typeof outcome === "string") return outcome;
  try {
    if ("error" in outcome) {
      const { error } = outcome;
      const { code } = Object(error);
      return typeof code === "string" && code !== "" && isError(error)
        ? code
        : `rejected with ${describe(error)}`;
    }
    const { value } = outcome;
    if (value === null || typeof value !== "object") return describe(value);
    if (Object.hasOwn(value, "uid")) return `user ${value.uid} ${value.name}`;
    return JSON.stringify({ ...value });
  } catch (error) {
    return `could not be read: ${error}`;
  }
}

const isError = (value) => {
  for (let at = value; at !== null && typeof at === "object"; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, "message") && Object.hasOwn(at, "name")) return true;
  }
  return false;
};
const describe = (value) => (typeof value === "string" ? JSON.stringify(value) : String(value));

/** The calls of the API in order, and the outcome of each on an unchanged platform. */
export const CALLS = [
  ["init", (api, app) => api.init(app.id, app.settings), "true"],
  ["getLoggedinUser, logged out", (api) => api.getLoggedinUser(), "null"],
  ["login, wrong key", (api) => api.login("alice", "another-key"), "AUTH_ERR_APIKEY_NOT_FOUND"],
  ["login, missing key", (api) => api.login("alice", undefined), "MISSING_PARAMETERS"],
  ["login, key", (api) => api.login("alice", "some-auth-key"), "user alice Alice"],
  ["getLoggedinUser", (api) => api.getLoggedinUser(), "user alice Alice"],
  ["getUser", (api) => api.getUser("bob"), "user bob Bob"],
  ["getUser, unknown", (api) => api.getUser("nobody"), "ERR_UID_NOT_FOUND"],
  [
    "updateCurrentUserDetails",
    (api) => api.updateCurrentUserDetails({ name: "Alice B", metadata: { a: [1, { b: 2 }] } }),
    "user alice Alice B",
  ],
  [
    "createUser",
    (api) => api.createUser({ uid: "carol", name: "Carol", tags: ["a", "b"] }, "some-auth-key"),
    "user carol Carol",
  ],
  [
    "updateUser",
    (api) => api.updateUser({ uid: "bob", name: "Bob C" }, "some-auth-key"),
    "user bob Bob C",
  ],
  [
    "createUser, no name",
    (api) => api.createUser({ uid: "dave" }, "some-auth-key"),
    "USER_NAME_IS_COMPULSORY",
  ],
  ["verifySession", (api) => api.verifySession(), "user alice Alice B"],
  ["login, token", (api) => api.login("alice_token_0001"), "user alice Alice B"],
  [
    "login, provider",
    (api) => api.login({ uid: "bob", authToken: async () => "bob_token_0001" }),
    "user bob Bob C",
  ],
  ["logout", (api) => api.logout(), '{"success":true,"message":"Logged out."}'],
  ["getLoggedinUser, at the end", (api) => api.getLoggedinUser(), "null"],
  ["logout, logged out", (api) => api.logout(), "USER_NOT_LOGGED_IN"],
];

/** The events of the listener meanwhile. */
const EVENTS = [
  "loginFailure AUTH_ERR_APIKEY_NOT_FOUND",
  "loginFailure MISSING_PARAMETERS",
  "loginSuccess alice",
  "loginSuccess alice",
  "logoutSuccess",
  "loginSuccess bob",
  "logoutSuccess",
];

let apps = 0;

/**
 * Tries the package in a frame of its own.
 *
 * @param {string} code the package for a plain `<script>`
 * @param {object} cell
 * @param {(realm: Window) => void} [cell.before] changes the frame before the package is there
 * @param {(realm: Window) => void} [cell.after] changes it when `init` is done
 * @param {typeof CALLS} [cell.calls]
 * @param {boolean} [cell.exact] whether each outcome has to be that of an unchanged platform;
 *   otherwise a call may also reject with a code
 * @param {(call: string) => string | undefined} [cell.special] the outcome of a call after the
 *   change where it is another one by nature
 * @param {string[]} [cell.hosts]
 * @returns {Promise<{faults: string[], rejected: number}>}
 */
export async function tryCell(
  code,
  { before, after, calls = CALLS, exact = false, special, hosts = [] },
) {
  const frame = document.createElement("iframe");
  document.body.append(frame);
  const realm = frame.contentWindow;
  const faults = [];
  const app = { id: `cell-${++apps}` };
  const own = new Set(
    [
      `${app.id}.api-us.${DOMAIN}`,
      `${app.id}.apiclient-us.${DOMAIN}`,
      `app.apiclient-us.${DOMAIN}`,
    ].concat(hosts),
  );
  const answer = service(DOMAIN);
  const {
    Promise: FramePromise,
    Response: FrameResponse,
    Function: FrameFunction,
    document: inside,
  } = realm;
  realm.fetch = (url, init) =>
    new FramePromise((resolve, reject) => {
      const work = async () => {
        const request = new Request(url, init);
        const { host } = new URL(request.url);
        if (!own.has(host)) faults.push(`a request went to ${host}`);
        // Where `JSON.parse` is broken, so are the options of a request.
        if (exact && (request.mode !== "cors" || request.credentials !== "omit")) {
          faults.push(`a request with mode ${request.mode}, credentials ${request.credentials}`);
        }
        const { status, body } = await answer(request);
        return new FrameResponse(body, { status, headers: { "Content-Type": "application/json" } });
      };
      work().then(resolve, reject);
    });
  const listen = EventTarget.prototype.addEventListener;
  const uncaught = [];
  listen.call(realm, "unhandledrejection", (event) => uncaught.push(`unhandled: ${event.reason}`));
  listen.call(realm, "error", (event) => uncaught.push(`uncaught: ${event.message}`));

  const changed = (change) => {
    try {
      change?.(realm);
    } catch (error) {
      faults.push(`the change itself failed: ${error}`);
    }
  };
  let rejected = 0;
  try {
    changed(before);
    let api;
    try {
      const script = FrameFunction(
        `${code}\n;if (typeof CometChatAuth !== "undefined") globalThis.CometChatAuth = CometChatAuth;`,
      );
      Reflect.apply(script, realm, []);
      ({ CometChat: api } = realm.CometChatAuth);
    } catch (error) {
      faults.push(`the package did not load: ${error}`);
      return { faults, rejected };
    }
    const events = [];
    const record = (name) => (value) => {
      const what = value === undefined ? "" : Object.hasOwn(value, "uid") ? value.uid : value.code;
      events.push(`${name} ${what}`.trim());
    };
    try {
      api.addLoginListener("cell", {
        loginSuccess: record("loginSuccess"),
        loginFailure: record("loginFailure"),
        logoutSuccess: record("logoutSuccess"),
        logoutFailure: record("logoutFailure"),
      });
    } catch (error) {
      faults.push(`addLoginListener threw ${error}`);
    }
    app.settings = { region: "us", requestTimeout: 3000, logger: () => undefined };
    let ended = 0;
    for (const [index, [name, call, expected]] of calls.entries()) {
      // Where the watchdog has ended three calls it ends all.
      if (!exact && ended === 3) break;
      if (index === 1) changed(after);
      const start = Date.now();
      let outcome;
      try {
        outcome = await outcomeOf(call(api, app, realm));
      } catch (error) {
        outcome = `threw ${error}`;
      }
      if (Date.now() - start > WATCHDOG_MS) ended++;
      const found = shown(outcome);
      const other = before || index > 0 ? special?.(name) : undefined;
      if (other !== undefined) {
        if (found !== other) faults.push(`${name}: ${found}, not ${other}`);
        continue;
      }
      const fits = (wanted) => (wanted instanceof RegExp ? wanted.test(found) : wanted === found);
      if ([expected].flat().some(fits)) continue;
      const isCode = /^[A-Z][A-Z0-9_]+$/.test(found);
      if (isCode) rejected++;
      // What follows from a call that was rejected: no session, or one that has not ended.
      const follows =
        rejected > 0 &&
        (name.startsWith("login") || name.startsWith("init")
          ? found.split(" ")[1] === String(expected).split(" ")[1]
          : found === "null" || found.startsWith("user ") || found.startsWith("{"));
      if (exact || !(isCode || follows)) {
        faults.push(`${name}: ${found}, not ${expected}`);
        if (found === "did not settle") break;
      }
    }
    if (exact && calls === CALLS && faults.length === 0 && events.join() !== EVENTS.join()) {
      faults.push(`the listener's events were ${events.join(", ")}`);
    }
    for (const link of Document.prototype.querySelectorAll.call(inside, "link[rel=preconnect]")) {
      const href = Element.prototype.getAttribute.call(link, "href") ?? "";
      const { host } = URL.canParse(href) ? new URL(href) : { host: undefined };
      if (host !== undefined && !own.has(host)) faults.push(`a connection to ${host}`);
    }
    if (exact) faults.push(...uncaught);
    return { faults: [...new Set(faults)], rejected };
  } finally {
    frame.remove();
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(`${app.id}:`)) localStorage.removeItem(key);
    }
  }
}
