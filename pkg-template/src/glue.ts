/** What the loader uses of wasm-bindgen's glue. Import it with `import()`: the glue runs code when it is evaluated. */
export {
  __wbg_finalize_init,
  __wbg_get_imports,
  __wbg_reset_state,
  ask,
  call,
  start,
} from "./generated/cometchat_auth.js";
