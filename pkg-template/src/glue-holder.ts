import type * as generated from "./generated/cometchat_auth.js";

/** What the loader uses of wasm-bindgen's glue. */
export type Glue = Pick<
  typeof generated,
  "__wbg_finalize_init" | "__wbg_get_imports" | "__wbg_reset_state" | "ask" | "call" | "start"
>;

/** Holds the glue. `glue.ts` puts it in when it is evaluated. */
export const holder = {} as { glue: Glue };
