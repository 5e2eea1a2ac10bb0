import { each, isObject, member } from "./own.js";

/**
 * `JSON.stringify` that ignores a `toJSON` on `Array.prototype` and on `Object.prototype`. Old
 * libraries such as Prototype.js put one there, and lists become texts.
 *
 * @throws TypeError for a BigInt or a cycle, and whatever a getter or a `toJSON` of the page
 *   throws.
 */
export function stringify(value: unknown): string {
  return JSON.stringify("toJSON" in Array.prototype ? plain(value, "", new Map()) : value);
}

/** Rewrites JSON the way `JSON.stringify` writes it. @throws SyntaxError for other text. */
export function canonical(text: string): string {
  return stringify(JSON.parse(text));
}

/** A copy of what JSON keeps of a value. Its objects and arrays have no prototype. */
function plain(value: unknown, key: string, copies: Map<unknown, object>): unknown {
  if (typeof value === "bigint") throw new TypeError("A BigInt cannot be written as JSON.");
  // Arrays that inherit a `toJSON` inherit it from the page.
  if (isObject(value) && (!Array.isArray(value) || Object.hasOwn(value, "toJSON"))) {
    const toJSON = member(value, "toJSON");
    if (typeof toJSON === "function") value = Reflect.apply(toJSON, value, [key]);
  }
  if (!isObject(value)) return typeof value === "function" ? undefined : value;
  // A cycle stays one, and `JSON.stringify` refuses it.
  const known = copies.get(value);
  if (known) return known;
  const original = value as Record<string, unknown>;
  const copy = (Array.isArray(value) ? [] : {}) as Record<string, unknown>;
  Object.setPrototypeOf(copy, null);
  copies.set(value, copy);
  each(Object.keys(original), (name) => {
    copy[name] = plain(original[name], name, copies);
  });
  return copy;
}
