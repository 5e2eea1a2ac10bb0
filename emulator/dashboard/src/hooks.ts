/** Hooks that several views share. */
import { createContext } from "preact";
import { useCallback, useContext, useEffect, useRef, useState } from "preact/hooks";
import type { App } from "./api/types.ts";
import type { Live, LiveState } from "./live.ts";
import { useStore } from "./store.ts";

export const LiveContext = createContext<Live | undefined>(undefined);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === undefined) {
    throw new Error("LiveContext has no provider.");
  }
  return live;
}

export function useLiveState(): LiveState {
  return useStore(useLive().store);
}

export const AppContext = createContext<App | undefined>(undefined);

/** The selected app. Views are only shown with one. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) {
    throw new Error("AppContext has no provider.");
  }
  return app;
}

export interface Resource<T> {
  /** The last value; it stays while a newer one is loaded. */
  readonly data: T | undefined;
  readonly error: unknown;
  readonly loading: boolean;
  readonly reload: () => void;
  /** Replaces the value, for instance by the response to a change. */
  readonly replace: (data: T) => void;
}

/**
 * Loads a value, and again whenever one of `keys` changes.
 *
 * @param identity what the value is about: when it changes, the old value is forgotten
 */
export function useResource<T>(
  load: () => Promise<T>,
  identity: string,
  keys: readonly unknown[] = [],
): Resource<T> {
  const [turn, setTurn] = useState(0);
  const [result, setResult] = useState<{ identity: string; data?: T; error?: unknown }>({
    identity,
  });
  const [loading, setLoading] = useState(true);
  useEffect(() => {
    let current = true;
    setLoading(true);
    load().then(
      (data) => {
        if (current) {
          setResult({ identity, data });
          setLoading(false);
        }
      },
      (error: unknown) => {
        if (current) {
          setResult((last) =>
            last.identity === identity ? { ...last, error } : { identity, error },
          );
          setLoading(false);
        }
      },
    );
    return () => {
      current = false;
    };
  }, [identity, turn, ...keys]);
  const reload = useCallback(() => setTurn((last) => last + 1), []);
  const own = result.identity === identity;
  return {
    data: own ? result.data : undefined,
    error: own ? result.error : undefined,
    loading: loading || !own,
    reload,
    replace: (data) => setResult({ identity, data }),
  };
}

export interface Action<A extends unknown[]> {
  readonly run: (...parameters: A) => Promise<void>;
  readonly busy: boolean;
  readonly error: unknown;
}

/**
 * Something the user starts, with its error kept for display.
 *
 * @param again what happens to a start while it runs: `"ignore"` for a form that is sent twice,
 *   `"queue"` for rows and switches that share the action
 */
export function useAction<A extends unknown[]>(
  act: (...parameters: A) => Promise<unknown>,
  again: "ignore" | "queue" = "ignore",
): Action<A> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const waiting = useRef(0);
  const last = useRef<Promise<void>>(Promise.resolve());
  const latest = useRef(act);
  latest.current = act;
  const attempt = async (parameters: A): Promise<void> => {
    setError(undefined);
    try {
      await latest.current(...parameters);
    } catch (failure) {
      setError(failure);
    }
    waiting.current -= 1;
    setBusy(waiting.current > 0);
  };
  const run = (...parameters: A): Promise<void> => {
    if (again === "queue" || waiting.current === 0) {
      waiting.current += 1;
      setBusy(true);
      last.current = last.current.then(() => attempt(parameters));
    }
    return last.current;
  };
  return { run, busy, error };
}

/** The value, updated when it has not changed for `ms`. */
export function useDebounced<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

/** The machine's time in milliseconds, renewed every `ms`. */
export function useNow(ms: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), ms);
    return () => clearInterval(timer);
  }, [ms]);
  return now;
}
