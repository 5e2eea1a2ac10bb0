import { eachEntry, noEntries, removeEntry, type Entries } from "./own.js";
import type { Logger } from "./settings.js";
import type { ReadonlyUser } from "./user.js";

/** What is known of the session. */
export type SessionState =
  | {
      /** Nothing is known yet: `init` has not succeeded, or this is a server. */
      readonly status: "unknown";
      /** No user. */
      readonly user: null;
    }
  | {
      /** No user is logged in. */
      readonly status: "out";
      /** No user. */
      readonly user: null;
    }
  | {
      /** A user is logged in. */
      readonly status: "in";
      /** The logged-in user. `new User(user)` makes a copy to change. */
      readonly user: ReadonlyUser;
    };

/** Called with the present state at once, then at every change. */
export type SessionSubscriber = (state: SessionState) => void;

/**
 * The session as a store: the one source for React, Vue, Svelte and every other binding.
 *
 * @example
 * ```ts
 * const unsubscribe = CometChat.session.subscribe(({ status, user }) => {
 *   title.textContent = status === "in" ? `Hello ${user.getName()}` : "Log in";
 * });
 * ```
 */
export interface SessionStore {
  /**
   * The present state.
   *
   * @returns The same object until something changes.
   */
  get(): SessionState;
  /**
   * Calls a function at once and at every change: a login, a logout, changed user data, also from
   * other tabs. It is called before the login listeners of the same change.
   *
   * @param subscriber - Called with the state.
   * @returns A function that ends the subscription.
   */
  subscribe(subscriber: SessionSubscriber): () => void;
}

interface Subscription {
  subscriber: SessionSubscriber;
  /** Whether `dispose()` ends it. */
  ends: boolean;
}

/** The state of the session, and who is notified when it changes. */
export class Session {
  readonly #report: Logger;
  #state: SessionState = { status: "unknown", user: null };
  readonly #subscriptions: Entries<Subscription> = noEntries();
  #lastSubscription = 0;

  /**
   * What apps get. It has no property that leads to the auth token, and it needs no `this`, so that
   * it works behind a proxy.
   */
  readonly store: SessionStore = {
    get: () => this.#state,
    subscribe: (subscriber) => this.observe(subscriber, true),
  };

  /** @param report - Receives the error that a subscriber threw. */
  constructor(report: Logger) {
    this.#report = report;
  }

  /** Subscribes. Without `ends` the subscription outlives `dispose()`, as a binding needs it. */
  observe(subscriber: SessionSubscriber, ends = false): () => void {
    const subscription = { subscriber, ends };
    const key = ++this.#lastSubscription;
    this.#subscriptions[key] = subscription;
    this.#notify(subscription);
    return () => removeEntry(this.#subscriptions, key);
  }

  /** Sets the state: a user, null for no user, undefined for unknown. */
  set(user: ReadonlyUser | null | undefined): void {
    const status = user ? "in" : user === null ? "out" : "unknown";
    if (!user && status === this.#state.status) return;
    this.#state = { status, user: user ?? null } as SessionState;
    eachEntry(this.#subscriptions, (subscription) => this.#notify(subscription));
  }

  /** The state becomes unknown, then subscriptions end. */
  close(): void {
    this.set(undefined);
    eachEntry(this.#subscriptions, ({ ends }, key) => {
      if (ends) removeEntry(this.#subscriptions, key);
    });
  }

  #notify({ subscriber }: Subscription): void {
    try {
      subscriber(this.#state);
    } catch (error) {
      this.#report("error", "A subscriber of the session failed.", error);
    }
  }
}
