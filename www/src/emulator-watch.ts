/**
 * Watches whether the emulator responds. It checks on load, when the page is shown, and after a
 * failure. While the emulator is down it checks every few seconds, so that the page recovers by
 * itself. While the emulator is up it sends nothing, so that the journal shows logins only.
 */
export type Health = "up" | "down";

const WHILE_DOWN_MS = 2_000;
const ANSWER_WITHIN_MS = 4_000;

export class EmulatorWatch {
  #health: Health | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<Health> | undefined;

  constructor(
    private readonly url: string,
    private readonly onChange: (health: Health) => void,
  ) {}

  start(): void {
    const whenVisible = (): void => {
      if (document.visibilityState === "visible") {
        void this.look();
      }
    };
    document.addEventListener("visibilitychange", whenVisible);
    window.addEventListener("focus", whenVisible);
    window.addEventListener("online", whenVisible);
    void this.look();
  }

  /** Checks now. Concurrent callers share one request. */
  look(): Promise<Health> {
    this.#looking ??= this.#ask().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #ask(): Promise<Health> {
    clearTimeout(this.#timer);
    const health = await reaches(this.url);
    if (health === "down") {
      this.#timer = setTimeout(() => void this.look(), WHILE_DOWN_MS);
    }
    if (health !== this.#health) {
      this.#health = health;
      this.onChange(health);
    }
    return health;
  }
}

/** Any response counts, so it does not need to be readable (`no-cors`). */
async function reaches(url: string): Promise<Health> {
  try {
    await fetch(`${url}/`, {
      mode: "no-cors",
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    return "up";
  } catch {
    return "down";
  }
}
