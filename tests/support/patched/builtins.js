/** Built-in objects of a frame, by name. */

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

/** The object at a path such as `Array.prototype`. */
export function objectAt(realm, path) {
  if (Object.hasOwn(OTHERS, path)) return OTHERS[path](realm);
  return path === "window" ? realm : path.split(".").reduce((at, key) => at?.[key], realm);
}
