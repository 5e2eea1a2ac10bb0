/**
 * Whether the emulator answers. Looked at on load, when the page comes to the front and when something failed; every few seconds while it is down, so that
 * the page recovers by itself; never while it is up, so that its request log shows logins and not this page's curiosity.
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

  /** Looks now; callers meanwhile share the answer. */
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

/** Any reply will do, so it need not be readable from here (`no-cors`). */
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
