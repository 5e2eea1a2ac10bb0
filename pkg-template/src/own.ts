/** Access to objects and lists that does not depend on what a page has done to built-in objects. */

/**
 * The own properties of an object, on an object without a prototype.
 *
 * @throws Whatever a getter or a proxy of the page throws.
 */
export function ownProperties(value: unknown): Record<string, unknown> {
  return { __proto__: null, ...(value as object) };
}

/** Whether a value is an object and no function. */
export const isObject = (value: unknown): value is object => !!value && typeof value === "object";

/** A member of an object or of its class. A member of `Object.prototype` does not count. */
export function member(object: unknown, name: PropertyKey): unknown {
  let holder: unknown = object;
  // A limit, because a page's own `getPrototypeOf` may never end.
  for (let depth = 0; isObject(holder) && depth < 99; depth++) {
    const parent: unknown = Object.getPrototypeOf(holder);
    // A prototype without a prototype is the `Object.prototype` of some frame.
    if (!parent && depth) return undefined;
    if (Object.hasOwn(holder, name)) return (object as Record<PropertyKey, unknown>)[name];
    holder = parent;
  }
  return undefined;
}

/**
 * Sets an own property. Unlike an assignment it calls no setter, and frozen prototypes allow it.
 */
export function define(object: object, name: PropertyKey, value: unknown): void {
  Object.defineProperty(object, name, {
    // @ts-expect-error TypeScript does not know this spelling of "no prototype" in a descriptor.
    __proto__: null,
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
  const fields = object as Record<PropertyKey, unknown>;
  // The page may have put another function in its place.
  if (fields[name] !== value) fields[name] = value;
}

/** Calls a function for each item of a list. It needs no iterator, unlike `for…of`. */
export function each<T>(list: ArrayLike<T>, callback: (item: T, index: number) => void): void {
  for (let i = 0; i < list.length; i++) callback(list[i] as T, i);
}

/**
 * Values by key, in the order of adding; numbers come first, in ascending order. Unlike a `Map` it
 * needs no built-in function that a page can break.
 */
export type Entries<T> = Record<string | number, T>;

/** An empty list of entries. */
export const noEntries = <T>(): Entries<T> => ({ __proto__: null }) as never;

/** Removes an entry. Unknown keys are ignored. */
export function removeEntry(entries: Entries<unknown>, key: string | number): void {
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- entries are removed by key
  delete entries[key];
}

/**
 * Calls a function for each present entry. An entry that the function removes or replaces meanwhile
 * is skipped.
 */
export function eachEntry<T>(entries: Entries<T>, callback: (value: T, key: string) => void): void {
  const present = ownProperties(entries) as Entries<T>;
  for (const key in present) {
    const value = present[key] as T;
    if (entries[key] === value) callback(value, key);
  }
}

/** The result of a function; undefined if it throws. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/**
 * A symbol that all copies of the package on a page share; its name if the page has broken symbols.
 */
export function sharedSymbol(name: string): symbol {
  const symbol: unknown = attempt(() => Symbol.for(name));
  return typeof symbol === "symbol" ? symbol : (name as never);
}
