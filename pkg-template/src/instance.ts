/** An instance of the Rust part: the glue that wasm-bindgen made, and a compiled module wherever it comes from. */
import * as glue from "./generated/cometchat_auth.js";

/** What Rust exports, without what only a loader calls. */
export type Core = Omit<typeof glue, `__wbg_${string}`>;

/** What the facade needs of a module that brings the Rust part. */
export interface Loader {
  /**
   * The Rust exports, ready to be called. The binary is fetched and compiled once however often this is called; after a failure the next call
   * tries again.
   */
  instantiate(): Promise<Core>;
  /**
   * A new instance of the same module, after a trap (a panic in Rust, memory exhausted): the old one's memory may be half written, so nothing may
   * call into it any more. Callbacks that JavaScript still holds from the old instance throw when they fire ("Cannot invoke closure from previous WASM
   * instance") and reach no memory; its pending promises stay pending, so the caller has to settle them itself (the facade's watchdog does).
   *
   * The exports are the same functions as before: they call into the new instance from now on.
   */
  reinstantiate(): Promise<Core>;
}

/** The loader of a module that `compile` compiles. */
export function loaderOf(compile: () => Promise<WebAssembly.Module>): Loader {
  let pending: Promise<Core> | undefined;
  const load = async (): Promise<Core> => {
    const module = await compile();
    glue.__wbg_finalize_init(await WebAssembly.instantiate(module, glue.__wbg_get_imports()), module);
    return glue;
  };
  const instantiate = () =>
    (pending ??= load().catch((error: unknown) => {
      pending = undefined;
      throw error;
    }));
  return {
    instantiate,
    async reinstantiate() {
      const core = await instantiate();
      // wasm-bindgen's own way (`--experimental-reset-state-function`): empties the glue's caches, instantiates the kept module again, and counts
      // instances, by which closures and objects of the old one are told apart.
      glue.__wbg_reset_state();
      return core;
    },
  };
}
