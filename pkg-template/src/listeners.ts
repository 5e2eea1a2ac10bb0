import type { LoginHandlers } from "./listener.js";
import { attempt, each, eachEntry, member, noEntries, removeEntry, type Entries } from "./own.js";
import type { Logger } from "./settings.js";

type LoginEvent = keyof LoginHandlers;

/** The registered login listeners and the one queue of their events. */
export class Listeners {
  readonly #report: Logger;
  /** By quoted id: unquoted numbers as keys would change the order. */
  readonly #listeners: Entries<LoginHandlers> = noEntries();
  /** The events that wait for the present one. Undefined if no event is being delivered. */
  #queue: (() => void)[] | undefined;

  /** @param report - Receives the error that a handler threw. */
  constructor(report: Logger) {
    this.#report = report;
  }

  /** Adds a listener. The same id again replaces it and keeps its place. */
  add(id: string, listener: LoginHandlers): void {
    this.#listeners[`"${id}"`] = listener;
  }

  /** Removes a listener. Unknown ids are ignored. */
  remove(id: string): void {
    removeEntry(this.#listeners, `"${id}"`);
  }

  /** Removes all listeners. */
  clear(): void {
    eachEntry(this.#listeners, (_, key) => removeEntry(this.#listeners, key));
  }

  /**
   * Calls a handler of every listener, in the order of adding. An event that a handler causes is
   * delivered after the present one has reached all.
   *
   * @param makeArgument - Makes the handler's argument, a new one for each listener.
   */
  announce(event: LoginEvent, makeArgument: () => unknown): void {
    const deliver = (): void =>
      eachEntry(this.#listeners, (listener, key) => {
        void this.#call(key, listener, event, makeArgument);
      });
    if (this.#queue) {
      this.#queue[this.#queue.length] = deliver;
      return;
    }
    const queue = (this.#queue = [deliver]);
    each(queue, (next) => attempt(next));
    this.#queue = undefined;
  }

  async #call(
    key: string,
    listener: LoginHandlers,
    event: LoginEvent,
    makeArgument: () => unknown,
  ): Promise<void> {
    try {
      const handler = member(listener, event);
      if (typeof handler === "function") await Reflect.apply(handler, listener, [makeArgument()]);
    } catch (error) {
      this.#report("error", `The login listener ${key} failed in ${event}.`, error);
    }
  }
}
