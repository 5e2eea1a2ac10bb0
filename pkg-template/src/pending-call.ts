import type { Call } from "./generated/boundary.js";
import { attempt } from "./own.js";
import type { TokenProvider } from "./provider.js";
import { Watchdog } from "./watchdog.js";

/** The members of an `AbortSignal` that a call uses. */
export type Signal = Pick<
  AbortSignal,
  "aborted" | "reason" | "addEventListener" | "removeEventListener"
>;

/** A call whose promise is not settled yet. */
export class PendingCall {
  /** The arguments as JSON. */
  json = "";
  /** The error of reading the arguments, or the reason of a signal that was already aborted. */
  cause: unknown;
  /** Returns an auth token when the login needs one. */
  provider: TokenProvider | undefined;
  /** The number of the provider function: the same as long as a call with it is pending. */
  providerId = 0;
  readonly watchdog: Watchdog;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  #forgetSignal = (): void => undefined;

  constructor(
    readonly kind: Call,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
    onTimeout: () => void,
  ) {
    this.watchdog = new Watchdog(onTimeout);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /**
   * Calls back with the reason when the signal aborts. The signal may be of the page's own making.
   */
  listen(signal: Signal, onAbort: (reason: unknown) => void): void {
    const listener = (): void => onAbort(attempt((): unknown => signal.reason));
    attempt(() => signal.addEventListener("abort", listener));
    this.#forgetSignal = () => signal.removeEventListener("abort", listener);
  }

  /** Settles the promise. Built-in objects that the page has broken cannot change the outcome. */
  settle(failed: boolean, value: unknown): void {
    if (failed) this.#reject(value);
    else this.#resolve(value);
    this.watchdog.cancel();
    attempt(this.#forgetSignal);
  }
}
