import type { LoginHandlers } from "./listener.js";
import { each, member } from "./own.js";
import type { Logger } from "./settings.js";

interface Entry {
  id: string;
  listener: LoginHandlers;
}

/** The registered login listeners and the one queue of their events. */
export class Listeners {
  readonly #report: Logger;
  #entries: Entry[] = [];
  #queue: (() => void)[] = [];
  #delivering = false;

  /** @param report - Gets what a handler threw. */
  constructor(report: Logger) {
    this.#report = report;
  }

  /** Adds a listener. The same id again replaces it and keeps its place. */
  add(id: string, listener: LoginHandlers): void {
    const entry = { id, listener };
    const at = this.#indexOf(id);
    // A new list: a delivery under way goes on with the old one.
    this.#entries = this.#entries.slice();
    this.#entries[at < 0 ? this.#entries.length : at] = entry;
  }

  /** Removes a listener. Unknown ids are ignored. */
  remove(id: string): void {
    const at = this.#indexOf(id);
    if (at >= 0) this.#entries = this.#entries.filter((_, index) => index !== at);
  }

  /** Removes all. */
  clear(): void {
    this.#entries = [];
  }

  /**
   * Calls a handler of every listener, in the order of adding. An event that a handler causes is
   * delivered after the present one has reached all.
   *
   * @param makeArguments - Makes the handler's arguments, new ones for each listener.
   */
  announce(event: keyof LoginHandlers, makeArguments: () => unknown[]): void {
    this.#queue.push(() => this.#deliver(event, makeArguments));
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let next; (next = this.#queue.shift());) next();
    } finally {
      this.#delivering = false;
    }
  }

  #deliver(event: keyof LoginHandlers, makeArguments: () => unknown[]): void {
    each(this.#entries, ({ id, listener }) => {
      // A handler before may have removed or replaced it.
      if (this.#entries[this.#indexOf(id)]?.listener === listener)
        void this.#call(id, listener, event, makeArguments);
    });
  }

  async #call(
    id: string,
    listener: LoginHandlers,
    event: keyof LoginHandlers,
    makeArguments: () => unknown[],
  ): Promise<void> {
    try {
      const handler = member(Object(listener) as object, event);
      if (typeof handler === "function") await Reflect.apply(handler, listener, makeArguments());
    } catch (error) {
      this.#report("error", `The login listener "${id}" failed in ${event}.`, error);
    }
  }

  #indexOf(id: string): number {
    return this.#entries.findIndex((entry) => entry.id === id);
  }
}
