/**
 * The cells of patched-platforms.test.mjs, by group. Runs in a page; each cell gets a frame of its
 * own.
 */
import { KINDS, objectAt, specialOutcome, usedBuiltins } from "./builtins.js";
import { CALLS, tryCell } from "./cell.js";
import { prototypeJs, WRAPPERS } from "./pages.js";

/** Names of options, arguments and fields that the package reads. */
const OPTION_NAMES = {
  settings: [
    "appId",
    "appSettings",
    "region",
    "adminHost",
    "clientHost",
    "storageMode",
    "requestTimeout",
    "emulator",
    "logger",
    "chatSDK",
    "subscriptionType",
    "roles",
    "autoJoinGroup",
    "establishSocketConnection",
  ],
  login: ["uid", "authKey", "authToken", "username", "apiKey", "signal"],
  exceptions: ["code", "message", "details", "status", "retryable", "retryAfter", "cause", "stack"],
  listeners: ["loginSuccess", "loginFailure", "logoutSuccess", "logoutFailure"],
  users: [
    "avatar",
    "link",
    "metadata",
    "role",
    "statusMessage",
    "tags",
    "lastActiveAt",
    "deactivatedAt",
    "hasBlockedMe",
  ],
  responses: ["data", "error"],
  requests: [
    "method",
    "headers",
    "body",
    "mode",
    "credentials",
    "cache",
    "redirect",
    "referrer",
    "integrity",
    "keepalive",
  ],
  extensions: ["extend", "theme", "toJSON", "each", "aborted"],
};

/** Values that a page's script may have put there. */
const POLLUTIONS = {
  "an address": (target, name) => (target[name] = "https://evil.example"),
  "a function": (target, name) => (target[name] = () => "patched"),
  "an object": (target, name) =>
    (target[name] = { appId: "other", region: "in", emulator: "https://evil.example" }),
  "a number": (target, name) => (target[name] = 7),
  "a getter that throws": (target, name) =>
    Object.defineProperty(target, name, {
      configurable: true,
      get() {
        throw new Error("polluted");
      },
      // As an assignment makes an own property of a plain one.
      set(value) {
        Object.defineProperty(this, name, {
          value,
          configurable: true,
          enumerable: true,
          writable: true,
        });
      },
    }),
};

/**
 * Names for which some values change what JavaScript or the web platform itself does with any
 * object.
 */
const notOfThePackage = (name, kind) =>
  // JSON.stringify of the page's own objects would be changed as well; the group of `toJSON` tries
  // that.
  name === "toJSON" && ["a function", "a getter that throws"].includes(kind);

const FROZEN = [
  "Object",
  "Object.prototype",
  "Function.prototype",
  "Array",
  "Array.prototype",
  "String.prototype",
  "Number.prototype",
  "Error",
  "Error.prototype",
  "Promise",
  "Promise.prototype",
  "Map.prototype",
  "Set.prototype",
  "RegExp.prototype",
  "Date",
  "JSON",
  "Math",
  "Reflect",
  "Symbol",
  "Uint8Array.prototype",
  "WebAssembly",
  "Response.prototype",
  "Headers.prototype",
  "AbortController.prototype",
  "AbortSignal.prototype",
  "EventTarget.prototype",
  "Storage.prototype",
  "TextDecoder.prototype",
  "TextEncoder.prototype",
  "console",
  "%TypedArray%.prototype",
  "%ArrayIteratorPrototype%",
  "%MapIteratorPrototype%",
];

const TO_JSON = ["Object", "Array", "String", "Number", "Boolean", "Date", "Function"];

const proxies = {
  "that passes everything on": (target) => new Proxy(target, {}),
  "that passes on as Vue's do": (target) =>
    new Proxy(target, {
      get(object, key, receiver) {
        const value = Reflect.get(object, key, receiver);
        return value !== null && typeof value === "object" ? new Proxy(value, this) : value;
      },
    }),
};
const hostileProxies = {
  "that was revoked": (target) => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return proxy;
  },
  ...Object.fromEntries(
    ["get", "has", "ownKeys", "getOwnPropertyDescriptor", "getPrototypeOf"].map((trap) => [
      `whose ${trap} throws`,
      (target) =>
        new Proxy(target, {
          [trap]() {
            throw new Error(`hostile ${trap}`);
          },
        }),
    ]),
  ),
};
const getters = (fields) =>
  Object.fromEntries(
    fields.map((field) => [
      `whose ${field} throws`,
      (target) =>
        Object.defineProperty({ ...target }, field, {
          enumerable: true,
          get() {
            throw new Error("hostile getter");
          },
        }),
    ]),
  );

/** Objects that calls take: where each stands in the call, and a value that is right. */
const ARGUMENTS = {
  "init, settings": {
    value: (app) => app.settings,
    call: (api, app, value) => api.init(app.id, value),
    fields: ["region", "adminHost", "storageMode", "requestTimeout", "emulator", "logger"],
    expected: "true",
    first: [],
  },
  "init, by name": {
    value: (app) => ({ appId: app.id, appSettings: app.settings }),
    call: (api, app, value) => api.init(value),
    fields: ["appId", "appSettings"],
    expected: "true",
    first: [],
  },
  "login, by key": {
    value: () => ({ uid: "alice", authKey: "some-auth-key" }),
    call: (api, app, value) => api.login(value),
    fields: ["uid", "authKey", "username", "apiKey", "signal"],
    expected: "user alice Alice",
    first: ["init"],
  },
  "login, by provider": {
    value: () => ({ uid: "bob", authToken: () => "bob_token_0001" }),
    call: (api, app, value) => api.login(value),
    fields: ["uid", "authToken", "signal"],
    expected: "user bob Bob",
    first: ["init"],
  },
  createUser: {
    value: () => ({ uid: "carol", name: "Carol", metadata: { a: { b: 1 } }, tags: ["x"] }),
    call: (api, app, value) => api.createUser(value, "some-auth-key"),
    fields: ["uid", "name", "avatar", "metadata", "tags", "toJSON"],
    expected: "user carol Carol",
    first: ["init"],
  },
  updateUser: {
    value: () => ({ uid: "bob", name: "Bob D" }),
    call: (api, app, value) => api.updateUser(value, "some-auth-key"),
    fields: ["uid", "name", "role"],
    expected: "user bob Bob D",
    first: ["init"],
  },
  updateCurrentUserDetails: {
    value: () => ({ name: "Alice D" }),
    call: (api, app, value) => api.updateCurrentUserDetails(value),
    fields: ["name", "link", "statusMessage"],
    expected: "user alice Alice D",
    first: ["init", "login, key"],
  },
};

const callsNamed = (names) => CALLS.filter(([name]) => names.includes(name));

/** After a hostile argument the next call works, and gives what it would have given. */
function argumentCells() {
  const cells = [];
  for (const [name, { value, call, fields, expected, first }] of Object.entries(ARGUMENTS)) {
    const tried = (make, ends) => [
      ...callsNamed(first),
      [name, (api, app) => call(api, app, make(value(app))), ends],
      ...(first.length === 0 ? callsNamed(["init"]) : []),
      ["login, key", (api) => api.login("alice", "some-auth-key"), /^user alice /],
      ["logout", (api) => api.logout(), '{"success":true,"message":"Logged out."}'],
    ];
    for (const [kind, make] of Object.entries(proxies)) {
      cells.push({ name: `${name}: a proxy ${kind}`, calls: tried(make, expected) });
    }
    for (const [kind, make] of Object.entries({ ...hostileProxies, ...getters(fields) })) {
      // A trap or a getter that is never called has no effect.
      cells.push({
        name: `${name}: an object ${kind}`,
        calls: tried(make, [expected, /^[A-Z][A-Z_]+$/]),
      });
    }
  }
  return cells.map((cell) => ({ ...cell, exact: true }));
}
/** What is loaded into a frame by its text: zone.js. */
const script = (text) => (realm) => void realm.Function(text).call(realm);

/**
 * @param {{code: string, zone: string}} texts
 * @returns {Record<string, object[]>} cells by group
 */
export function groups({ code, zone }) {
  const probe = document.createElement("iframe");
  document.body.append(probe);
  const used = usedBuiltins(probe.contentWindow, code);
  probe.remove();

  const builtins = used.flatMap((builtin) =>
    Object.entries(KINDS).flatMap(([kind, change]) =>
      ["before", "after"].map((when) => {
        const name = `${builtin.label} ${kind}, ${when} the package`;
        return {
          name,
          special: (call) => specialOutcome(name, call),
          [when]: (realm) => change(realm, builtin),
        };
      }),
    ),
  );
  const frozen = FROZEN.flatMap((path) =>
    ["before", "after"].map((when) => ({
      name: `${path} frozen, ${when} the package`,
      exact: true,
      [when]: (realm) => void Object.freeze(objectAt(realm, path)),
    })),
  );
  const polluted = Object.entries(OPTION_NAMES).flatMap(([group, names]) =>
    names.flatMap((name) =>
      Object.entries(POLLUTIONS)
        .filter(([kind]) => !notOfThePackage(name, kind))
        .flatMap(([kind, pollute]) =>
          ["before", "after"].map((when) => ({
            name: `Object.prototype.${name} (${group}) is ${kind}, ${when} the package`,
            exact: true,
            [when]: (realm) => void pollute(realm.Object.prototype, name),
          })),
        ),
    ),
  );
  const toJson = TO_JSON.flatMap((owner) =>
    ["before", "after"].map((when) => ({
      name: `${owner}.prototype.toJSON gives a text, ${when} the package`,
      exact: true,
      [when]: (realm) =>
        Object.defineProperty(realm[owner].prototype, "toJSON", {
          configurable: true,
          writable: true,
          value: () => "[patched]",
        }),
    })),
  );
  const libraries = Object.entries({
    "Prototype.js": prototypeJs,
    "zone.js": script(zone),
    "zone.js and Prototype.js": (realm) => (script(zone)(realm), prototypeJs(realm)),
  }).flatMap(([library, load]) =>
    ["before", "after"].map((when) => ({
      name: `${library}, ${when} the package`,
      exact: true,
      [when]: load,
    })),
  );
  const wrapped = Object.entries(WRAPPERS).flatMap(([tool, wrap]) =>
    ["before", "after"].map((when) => ({
      name: `fetch wrapped by ${tool}, ${when} the package`,
      exact: true,
      [when]: (realm) => void (realm.fetch = wrap(realm.fetch, realm)),
    })),
  );
  return {
    "built-in objects replaced": builtins,
    "built-in objects frozen": frozen,
    "Object.prototype polluted": polluted,
    "toJSON of built-in objects": toJson,
    "arguments that are proxies or have getters": argumentCells(),
    "libraries loaded": libraries,
    "fetch wrapped": wrapped,
  };
}

/** The names of a group's cells. */
export const namesOf = (texts, group) => groups(texts)[group].map(({ name }) => name);

/**
 * Tries cells of a group, and reports when each begins and how it ended. A cell can block the
 * thread; then no report follows.
 *
 * @param {(message: {began: string} | {ended: string, faults: string[], rejected: number}) => void}
 *   report
 * @param {number} side how many cells run side by side, so that one that waits for a deadline does
 *   not hold up the others
 */
export async function tryCells(texts, group, names, side, report) {
  const wanted = new Set(names);
  const waiting = groups(texts)[group].filter(({ name }) => wanted.has(name));
  const work = async () => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
      report({ began: cell.name });
      // The message leaves the page before the cell can block it.
      await new Promise((resolve) => setTimeout(resolve));
      const { faults, rejected } = await tryCell(texts.code, cell);
      report({ ended: cell.name, faults, rejected });
    }
  };
  await Promise.all(Array.from({ length: side }, work));
}
