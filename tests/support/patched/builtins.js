/** Built-in objects of a frame that the package uses, and ways in which pages change them. */

/** Objects that are no constructors and are not found below one. */
const OTHERS = {
  "%IteratorPrototype%": (realm) =>
    Object.getPrototypeOf(Object.getPrototypeOf(new realm.Array()[Symbol.iterator]())),
  "%ArrayIteratorPrototype%": (realm) =>
    Object.getPrototypeOf(new realm.Array()[Symbol.iterator]()),
  "%MapIteratorPrototype%": (realm) => Object.getPrototypeOf(new realm.Map()[Symbol.iterator]()),
  "%TypedArray%": (realm) => Object.getPrototypeOf(realm.Uint8Array),
  "%TypedArray%.prototype": (realm) => Object.getPrototypeOf(realm.Uint8Array.prototype),
};

/**
 * What the language itself calls: it walks and destructures arrays by their iterators, and each
 * rejection is an `Error`. No program survives a change of them.
 */
const OF_THE_LANGUAGE = new Set([
  "Array.prototype.Symbol(Symbol.iterator)",
  "%ArrayIteratorPrototype%.next",
  "Error",
]);

/**
 * Where another outcome is right by nature: for which cells, of which call (`undefined`: of each).
 */
const SPECIAL = [
  {
    reason: "Without the page's Promise there is no promise to give that a page can rely on.",
    cells: /^Promise that /,
    call: undefined,
    outcome: "INTERNAL_ERROR",
  },
  {
    reason: "What is no text is a damaged entry, and a damaged entry is no session (rule B13).",
    cells: /^Storage\.prototype\.getItem that gives (?:an array|a promise|a hostile object),/,
    call: "getLoggedinUser",
    outcome: "null",
  },
];

/** The outcome of a call in a cell of that name, if it is another one by nature. */
export const specialOutcome = (cell, call) =>
  SPECIAL.find((row) => row.cells.test(cell) && (row.call ?? call) === call)?.outcome;

/**
 * Names that would change the observer's own view of a result, or how JavaScript itself makes
 * objects.
 */
const LEFT_ALONE = new Set([
  "constructor",
  "prototype",
  "length",
  "name",
  "caller",
  "callee",
  "arguments",
  "eval",
]);

/** The object at a path such as `Array.prototype`. */
export function objectAt(realm, path) {
  if (Object.hasOwn(OTHERS, path)) return OTHERS[path](realm);
  return path === "window" ? realm : path.split(".").reduce((at, key) => at?.[key], realm);
}

/**
 * Built-in functions, accessors and constructors whose name occurs in the package: a superset of
 * what it uses.
 *
 * @param {string} code
 * @returns {{owner: string, key: string | symbol, label: string}[]}
 */
export function usedBuiltins(realm, code) {
  // The WebAssembly is one long string, in which any name can occur.
  const readable = code.replaceAll(/"(?:[^"\\]|\\.)*"/g, (text) =>
    text.length > 20_000 ? "" : text,
  );
  const words = new Set(readable.match(/[A-Za-z_$][\w$]*/g));
  const found = [];
  const seen = new Set();
  const look = (owner, object) => {
    if (object === undefined || object === null || seen.has(object)) return;
    seen.add(object);
    for (const key of Reflect.ownKeys(object)) {
      if (LEFT_ALONE.has(key)) continue;
      if (typeof key === "string" && !words.has(key)) continue;
      if (
        typeof key === "symbol" &&
        ![Symbol.iterator, Symbol.replace, Symbol.toPrimitive].includes(key)
      )
        continue;
      const { get, value } = Object.getOwnPropertyDescriptor(object, key);
      if (typeof (get ?? value) !== "function") continue;
      const label = `${owner}.${String(key)}`;
      if (!OF_THE_LANGUAGE.has(label)) found.push({ owner, key, label });
    }
  };
  const globals = Object.getOwnPropertyNames(realm).filter(
    (name) => words.has(name) && name !== "CometChatAuth",
  );
  for (const name of globals) {
    const { get, value } = Object.getOwnPropertyDescriptor(realm, name);
    if (
      typeof (get ?? value) === "function" &&
      !LEFT_ALONE.has(name) &&
      !OF_THE_LANGUAGE.has(name)
    ) {
      found.push({ owner: "window", key: name, label: name });
    }
  }
  // Constructors that literals and results reach without being named.
  for (const name of new Set([
    ...globals,
    "Object",
    "Function",
    "Array",
    "String",
    "Number",
    "Promise",
    "RegExp",
    "Error",
    "Response",
    "Headers",
    "Storage",
    "EventTarget",
    "Element",
    "HTMLLinkElement",
  ])) {
    const object = realm[name];
    if (object === realm || (typeof object !== "function" && typeof object !== "object")) continue;
    look(name, object);
    if (typeof object === "function") look(`${name}.prototype`, object.prototype);
  }
  for (const name of Object.keys(OTHERS)) look(name, OTHERS[name](realm));
  return found;
}

/** Puts another function in a built-in's place: as its value, or as its getter. */
function replace(realm, { owner, key }, by) {
  const object = objectAt(realm, owner);
  const descriptor = Object.getOwnPropertyDescriptor(object, key);
  const original = descriptor.get ?? descriptor.value;
  const replacement = by(original, realm);
  if (typeof original.prototype === "object") {
    // A constructor keeps what stands on it.
    Object.setPrototypeOf(replacement, original);
    Object.defineProperty(replacement, "prototype", { value: original.prototype });
  }
  if (descriptor.configurable) {
    Object.defineProperty(object, key, {
      configurable: true,
      enumerable: descriptor.enumerable,
      ...(descriptor.get === undefined
        ? { value: replacement, writable: true }
        : { get: replacement, set: descriptor.set }),
    });
  } else if (descriptor.writable) object[key] = replacement;
}

const hostile = () =>
  new Proxy(
    function () {},
    Object.fromEntries(
      [
        "get",
        "has",
        "ownKeys",
        "getPrototypeOf",
        "getOwnPropertyDescriptor",
        "apply",
        "construct",
        "set",
      ].map((trap) => [
        trap,
        () => {
          throw new Error(`hostile ${trap}`);
        },
      ]),
    ),
  );

/** A function's other versions: what a page has put there gives something else, or nothing. */
export const KINDS = {
  "that throws": (realm, builtin) =>
    replace(
      realm,
      builtin,
      () =>
        function () {
          throw new Error("patched");
        },
    ),
  "that gives nothing": (realm, builtin) => replace(realm, builtin, () => function () {}),
  "that gives an array": (realm, builtin) =>
    replace(
      realm,
      builtin,
      () =>
        function () {
          return [["patched"]];
        },
    ),
  "that gives a promise": (realm, builtin) =>
    replace(
      realm,
      builtin,
      (original) =>
        function (...args) {
          const made = new.target
            ? Reflect.construct(original, args)
            : Reflect.apply(original, this, args);
          return realm.Promise.resolve(made);
        },
    ),
  "that gives a hostile object": (realm, builtin) =>
    replace(
      realm,
      builtin,
      () =>
        function () {
          return hostile();
        },
    ),
  "that is missing": (realm, { owner, key }) =>
    void Reflect.deleteProperty(objectAt(realm, owner), key),
};
