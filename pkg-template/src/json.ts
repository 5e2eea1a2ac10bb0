import { each, member } from "./own.js";

/**
 * `JSON.stringify` that ignores a `toJSON` on `Array.prototype` and on `Object.prototype`. Old libraries
 * such as Prototype.js put one there, and lists become texts.
 *
 * @throws TypeError for a BigInt or a cycle, and whatever a getter or a `toJSON` of the page throws.
 */
export function stringify(value: unknown): string {
  return JSON.stringify("toJSON" in Array.prototype ? plain(value, "", []) : value);
}

/** Rewrites JSON the way `JSON.stringify` writes it. @throws SyntaxError for other text. */
export function canonical(text: string): string {
  return stringify(JSON.parse(text));
}

/** A copy of what JSON keeps of a value. Its objects and arrays have no prototype. */
function plain(value: unknown, key: string, ancestors: object[]): unknown {
  const isObject = (it: unknown): it is object =>
    !!it && (typeof it === "object" || typeof it === "function");
  if (isObject(value) && (!Array.isArray(value) || Object.hasOwn(value, "toJSON"))) {
    const toJSON = member(value, "toJSON");
    if (typeof toJSON === "function") value = Reflect.apply(toJSON, value, [key]);
  }
  if (typeof value === "bigint" && !Object.hasOwn(BigInt.prototype, "toJSON"))
    throw new TypeError("A BigInt cannot be written as JSON.");
  if (!isObject(value)) return value;
  if (typeof value === "function") return undefined;
  if (ancestors.includes(value)) throw new TypeError("The value contains itself.");
  const copy = (Array.isArray(value) ? [] : {}) as Record<string, unknown>;
  Object.setPrototypeOf(copy, null);
  ancestors.push(value);
  const holder = value as Record<string, unknown>;
  each(Object.keys(holder), (name) => {
    copy[name] = plain(holder[name], name, ancestors);
  });
  ancestors.pop();
  return copy;
}
