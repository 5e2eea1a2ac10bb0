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
  let holder: object = object;
  for (;;) {
    const parent: unknown = Object.getPrototypeOf(holder);
    // Only `Object.prototype`, of whichever frame, has no prototype and is one.
    if (!parent && holder !== object) return undefined;
    if (Object.hasOwn(holder, name)) return (object as Record<PropertyKey, unknown>)[name];
    if (!parent) return undefined;
    holder = parent;
  }
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
