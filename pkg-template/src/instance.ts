/** An instance of the Rust part: the glue that wasm-bindgen made, and a compiled module wherever it comes from. */
import { __wbg_finalize_init, __wbg_get_imports, __wbg_reset_state, ask, call, start } from "./generated/cometchat_auth.js";

/** What Rust exports, without what only a loader calls. */
const core = { ask, call, start };
export type Core = typeof core;

/**
 * Gives the Rust exports, ready to be called. The binary is fetched and compiled once however often this is called; after a failure the next call
 * tries again.
 *
 * `again`: with a new instance of the same module, after a trap (a panic in Rust, memory exhausted): the old one's memory may be half written, so nothing may
 * call into it any more. Callbacks that JavaScript still holds from the old instance do nothing when they fire; its pending promises stay pending, so the caller has to settle them itself (the facade's watchdog does). The
 * exports are the same functions as before: they call into the new instance from now on.
 */
export type Load = (again: boolean) => Promise<Core>;

/** Loads the module that `compile` compiles. */
export function loadOf(compile: () => WebAssembly.Module | Promise<WebAssembly.Module>): Load {
  let pending: Promise<void> | undefined;
  const first = async () => {
    const module = await compile();
    __wbg_finalize_init(await WebAssembly.instantiate(module, __wbg_get_imports()), module);
  };
  return async (again) => {
    await (pending ??= first().catch((error: unknown) => {
      pending = undefined;
      throw error;
    }));
    // wasm-bindgen's own way (`--experimental-reset-state-function`): empties the glue's caches, instantiates the kept module again, and counts
    // instances, by which closures and objects of the old one are told apart.
    if (again) __wbg_reset_state();
    return core;
  };
}
