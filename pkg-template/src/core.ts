/**
 * Becomes `core.js`: the Rust part as WebAssembly, carried inside this file, and the glue that wasm-bindgen made for it. The facade imports it
 * lazily. It needs neither `eval` nor a second request nor `import.meta.url`; under a Content Security Policy, `'wasm-unsafe-eval'`.
 */
import * as glue from "./generated/cometchat_auth.js";
import { checksum, length, text } from "./generated/wasm.js";
import { decode } from "./inline.js";

/** What Rust exports, without what only a loader calls. */
export type Core = Omit<typeof glue, `__wbg_${string}`>;

let pending: Promise<Core> | undefined;

/**
 * The Rust exports, ready to be called. The binary is decoded and compiled once however often this is called; after a failure the next call
 * tries again.
 */
export function instantiate(): Promise<Core> {
  return (pending ??= load().catch((error: unknown) => {
    pending = undefined;
    throw error;
  }));
}

/**
 * A new instance of the same module, after a trap (a panic in Rust, memory exhausted): the old one's memory may be half written, so nothing may
 * call into it any more. Callbacks that JavaScript still holds from the old instance throw when they fire ("Cannot invoke closure from previous WASM
 * instance") and reach no memory; its pending promises stay pending, so the caller has to settle them itself (the facade's watchdog does).
 *
 * The exports are the same functions as before: they call into the new instance from now on.
 */
export async function reinstantiate(): Promise<Core> {
  const core = await instantiate();
  // wasm-bindgen's own way (`--experimental-reset-state-function`): empties the glue's caches, instantiates the kept module again, and counts
  // instances, by which closures and objects of the old one are told apart.
  glue.__wbg_reset_state();
  return core;
}

async function load(): Promise<Core> {
  const module = await WebAssembly.compile(decode(text, length, checksum));
  glue.__wbg_finalize_init(await WebAssembly.instantiate(module, glue.__wbg_get_imports()), module);
  return glue;
}
