/**
 * Puts wasm-bindgen's glue into its holder. Import it with `import()`: the glue runs code when it
 * is evaluated. It exports nothing, because the bundler's helper for exports fails on a page that
 * has added members to `Object.prototype`.
 */
import {
  __wbg_finalize_init as setInstance,
  __wbg_get_imports as imports,
  __wbg_reset_state as reset,
  ask,
  call,
  start,
} from "./generated/cometchat_auth.js";
import { holder } from "./glue-holder.js";

holder.glue = { ask, call, start, imports, reset, setInstance };
