/**
 * Becomes `core.js`: the Rust part as WebAssembly, carried inside this file, and the glue that wasm-bindgen made for it. It needs neither `eval` nor a
 * request nor `import.meta.url`; under a Content Security Policy, `'wasm-unsafe-eval'`.
 */
import { checksum, text } from "./generated/wasm.js";
import { decode } from "./inline.js";
import { loadOf } from "./instance.js";

export const load = loadOf(() => {
  const bytes = decode(text, checksum);
  try {
    // At once: handing so little to another thread takes longer than compiling it. Some browsers have limits for this.
    return new WebAssembly.Module(bytes);
  } catch {
    return WebAssembly.compile(bytes);
  }
});
