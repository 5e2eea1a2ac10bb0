import type { Call } from "./generated/boundary.js";
import type { TokenProvider } from "./provider.js";
import { Watchdog } from "./watchdog.js";

/** What a call needs of an `AbortSignal`. */
export type Signal = Pick<
  AbortSignal,
  "aborted" | "reason" | "addEventListener" | "removeEventListener"
>;

/** A call whose promise is not settled yet. */
export class PendingCall {
  /** The arguments as JSON. */
  json = "";
  /** What reading the arguments threw, or why the signal had aborted before the call. */
  cause: unknown;
  /** Gives a login its auth token when it needs one. */
  provider: TokenProvider | undefined;
  /** The number of the provider function. */
  providerId = 0;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  #watchdog: Watchdog | undefined;
  #signal: Signal | undefined;
  #onAbort = (): void => undefined;

  constructor(
    readonly kind: Call,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Whether a watchdog runs. */
  get watched(): boolean {
    return this.#watchdog !== undefined;
  }

  /** Starts the watchdog, or starts it again. */
  watch(ms: number, onTimeout: () => void): void {
    (this.#watchdog ??= new Watchdog(onTimeout)).arm(ms);
  }

  /** Calls back with the reason when the signal aborts. */
  listen(signal: Signal, onAbort: (reason: unknown) => void): void {
    this.#signal = signal;
    this.#onAbort = () => {
      let reason: unknown;
      try {
        reason = signal.reason;
      } catch (error) {
        reason = error;
      }
      onAbort(reason);
    };
    this.#setAbortListener("addEventListener");
  }

  /** Fulfils the promise. */
  resolve(value: unknown): void {
    this.#resolve(value);
    this.#end();
  }

  /** Rejects the promise. */
  reject(error: unknown): void {
    this.#reject(error);
    this.#end();
  }

  /** After the outcome: whatever the page has broken cannot change it any more. */
  #end(): void {
    this.#watchdog?.cancel();
    this.#setAbortListener("removeEventListener");
  }

  #setAbortListener(how: "addEventListener" | "removeEventListener"): void {
    try {
      this.#signal?.[how]("abort", this.#onAbort);
    } catch {
      // A signal of the page's own making that does not support it.
    }
  }
}
