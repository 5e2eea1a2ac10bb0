/** State outside the components, and how they read it. */
import { useEffect, useState } from "preact/hooks";

/** A value that can be watched. */
export interface Store<T> {
  readonly get: () => T;
  readonly set: (value: T) => void;
  readonly subscribe: (changed: () => void) => () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (!Object.is(next, value)) {
        value = next;
        for (const changed of listeners) {
          changed();
        }
      }
    },
    subscribe(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
  };
}

/**
 * A value of the world outside, read at each render and again when `subscribe` reports a change.
 */
export function useExternalValue<T>(
  subscribe: (changed: () => void) => () => void,
  read: () => T,
): T {
  const value = read();
  const [, render] = useState({});
  useEffect(() => {
    let last = value;
    const check = (): void => {
      const next = read();
      if (!Object.is(next, last)) {
        last = next;
        render({});
      }
    };
    // It may have changed between the render and now.
    check();
    return subscribe(check);
  }, []);
  return value;
}

export function useStore<T>(store: Store<T>): T {
  return useExternalValue(store.subscribe, store.get);
}
