import { each } from "./own.js";
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

interface Subscription {
  subscriber: SessionSubscriber;
  /** Whether `dispose()` ends it. */
  ends: boolean;
}

const UNKNOWN: SessionState = { status: "unknown", user: null };

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
export class SessionStore {
  private state: SessionState = UNKNOWN;
  private subscriptions: Subscription[] = [];

  /** @internal */
  constructor(private readonly report: Logger) {}

  /**
   * The present state.
   *
   * @returns The same object until something changes.
   */
  get(): SessionState {
    return this.state;
  }

  /**
   * Calls a function at once and at every change: a login, a logout, changed user data, also from
   * other tabs. It is called before the login listeners of the same change.
   *
   * @param subscriber - Called with the state.
   * @returns A function that ends the subscription.
   */
  subscribe(subscriber: SessionSubscriber): () => void {
    return this.observe(subscriber, true);
  }

  /** @internal A subscription that a binding keeps for its components, also after `dispose()`. */
  observe(subscriber: SessionSubscriber, ends = false): () => void {
    const subscription = { subscriber, ends };
    this.subscriptions = this.subscriptions.concat(subscription);
    this.notify(subscription);
    return () => {
      this.subscriptions = this.subscriptions.filter((other) => other !== subscription);
    };
  }

  /** @internal Sets the state: a user, null for no user, undefined for unknown. */
  set(user: ReadonlyUser | null | undefined): void {
    const state: SessionState = user
      ? { status: "in", user }
      : user === null
        ? { status: "out", user }
        : UNKNOWN;
    if (!user && state.status === this.state.status) return;
    this.state = state;
    each(this.subscriptions, (subscription) => {
      // One before may have ended it.
      if (this.subscriptions.includes(subscription)) this.notify(subscription);
    });
  }

  /** @internal The state becomes unknown, then subscriptions end. */
  close(): void {
    this.set(undefined);
    this.subscriptions = this.subscriptions.filter(({ ends }) => !ends);
  }

  private notify({ subscriber }: Subscription): void {
    try {
      subscriber(this.state);
    } catch (error) {
      this.report("error", "A subscriber of the session failed.", error);
    }
  }
}
