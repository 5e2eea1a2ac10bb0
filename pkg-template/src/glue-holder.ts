import type * as generated from "./generated/cometchat_auth.js";

/** What the loader uses of wasm-bindgen's glue. */
export interface Glue extends Pick<typeof generated, "ask" | "call" | "start"> {
  /** The imports of a new instance. */
  imports: typeof generated.__wbg_get_imports;
  /** Makes an instance the current one. */
  setInstance: typeof generated.__wbg_finalize_init;
  /** Makes a new instance of the same module. */
  reset: typeof generated.__wbg_reset_state;
}

/** Holds the glue. `glue.ts` sets it when it is evaluated: import that module first. */
export const holder = {} as { glue: Glue };
