/** Access to objects and lists that does not depend on what a page has done to built-in objects. */

/**
 * The own properties of an object, on an object without a prototype.
 *
 * @throws Whatever a getter or a proxy of the page throws.
 */
export function ownProperties(value: unknown): Record<string, unknown> {
  return { __proto__: null, ...(value as object) };
}

/** A member of an object or of its class. A member of `Object.prototype` does not count. */
export function member(object: object, name: PropertyKey): unknown {
  let holder: object | null = object;
  while (holder && !Object.hasOwn(holder, name))
    holder = Object.getPrototypeOf(holder) as object | null;
  // Only `Object.prototype`, of whichever frame, has no prototype and is one.
  return holder && (holder === object || Object.getPrototypeOf(holder))
    ? (object as Record<PropertyKey, unknown>)[name]
    : undefined;
}

/** Sets an own property. Unlike an assignment it calls no setter, and frozen prototypes allow it. */
export function define(object: object, name: PropertyKey, value: unknown): void {
  Object.defineProperty(object, name, {
    // @ts-expect-error TypeScript does not know this spelling of "no prototype" in a descriptor.
    __proto__: null,
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

/** Calls a function for each item of a list. It needs no iterator, unlike `for…of`. */
export function each<T>(list: readonly T[], callback: (item: T, index: number) => void): void {
  for (let i = 0; i < list.length; i++) callback(list[i] as T, i);
}

/**
 * Calls a function for each entry that a map has now. An entry that one call removes or replaces gets
 * no call of its own.
 */
export function eachEntry<K, V>(map: Map<K, V>, callback: (value: V, key: K) => void): void {
  const calls: (() => void)[] = [];
  map.forEach((value, key) => {
    calls[calls.length] = () => {
      if (map.get(key) === value) callback(value, key);
    };
  });
  each(calls, (call) => call());
}

/** The result of a function; undefined if it throws. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
