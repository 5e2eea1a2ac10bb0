/** An instance of the Rust part: the glue that wasm-bindgen made, and a compiled module wherever it comes from. */
import {
  __wbg_finalize_init,
  __wbg_get_imports,
  ask,
  call,
  start,
} from "./generated/cometchat_auth.js";

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
  let pending: Promise<WebAssembly.Module> | undefined;
  const instantiate = async (module: WebAssembly.Module) =>
    __wbg_finalize_init(await WebAssembly.instantiate(module, __wbg_get_imports()));
  const first = async () => {
    const module = await compile();
    await instantiate(module);
    return module;
  };
  return async (again) => {
    const module = await (pending ??= first().catch((error: unknown) => {
      pending = undefined;
      throw error;
    }));
    // From now on the glue calls into the new one; it counts instances, by which it tells callbacks of the old one apart.
    if (again) await instantiate(module);
    return core;
  };
}
