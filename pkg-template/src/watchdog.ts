import { attempt } from "./own.js";

/** A timer that fires later than this was delayed: the page was frozen or its thread was busy. */
const LATE_MS = 500;
/** The extension of a delayed timer, once. */
const GRACE_MS = 1_000;
/** The longest delay that `setTimeout` accepts. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * A deadline. If its timer fires late, it gives one more second, once, so that a response that has
 * already arrived still counts.
 */
export class Watchdog {
  readonly #onTimeout: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The number of the present timer. An earlier timer that was not cleared has another one. */
  #turn = 0;

  constructor(onTimeout: () => void) {
    this.#onTimeout = onTimeout;
  }

  /** Whether it has been started. */
  get armed(): boolean {
    return !!this.#timer;
  }

  /** Starts it, or starts it again. */
  arm(ms: number, grace: number = GRACE_MS): void {
    this.cancel();
    const turn = this.#turn;
    const due = Date.now() + ms;
    this.#timer = setTimeout(
      () => {
        if (turn !== this.#turn) return;
        if (grace && Date.now() - due > LATE_MS) this.arm(grace, 0);
        else this.#onTimeout();
      },
      Math.min(ms, LONGEST_MS),
    );
  }

  /** Stops it. Never throws: a page may have replaced `clearTimeout`. */
  cancel(): void {
    this.#turn++;
    if (this.#timer) attempt(() => clearTimeout(this.#timer));
  }
}
