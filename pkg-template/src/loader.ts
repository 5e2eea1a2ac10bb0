import { CometChatException, exception } from "./exception.js";
import { Code } from "./generated/boundary.js";
import { NAMES, TEXTS } from "./generated/rows.js";
import type { Core, Load } from "./instance.js";
import { Watchdog } from "./watchdog.js";

/** How long the WebAssembly may take to load, in milliseconds. */
const LOADING_MS = 30_000;

/** Gives what loads the WebAssembly. Each entry of the package has one. */
export type Source = () => Promise<{ load: Load }>;

/** Loads the core from where the entry of the package says. */
export class Loader {
  #source: Source | undefined;

  /** Sets the source; with `unless`, only if none was set before. */
  use(source: Source, unless?: boolean): void {
    if (!unless || !this.#source) this.#source = source;
  }

  /** Loads the core. `again` asks for a new instance, because the memory of the last may be half written. */
  load(again: boolean): Promise<Core> {
    return new Promise((resolve, reject) => {
      if (typeof WebAssembly !== "object") throw unavailable();
      const watchdog = new Watchdog(() => {
        reject(new Error("The WebAssembly did not arrive in 30 seconds."));
      });
      watchdog.arm(LOADING_MS);
      if (!this.#source) throw new Error("No entry of the package was imported.");
      void this.#source()
        .then(({ load }) => load(again))
        .then(resolve, reject)
        .then(() => watchdog.cancel());
    });
  }
}

/** The exception of an environment that can never compile WebAssembly. */
export function unavailable(): CometChatException {
  const code = NAMES.split(" ")[Code.WEBASSEMBLY_UNAVAILABLE];
  return exception({ code, name: code, message: TEXTS[Code.WEBASSEMBLY_UNAVAILABLE] });
}
