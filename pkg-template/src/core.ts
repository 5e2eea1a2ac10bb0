/**
 * The source of `core.js`: the WebAssembly as text, and its loader. It needs no `eval`, no request
 * and no `import.meta.url`. A Content Security Policy must have `'wasm-unsafe-eval'`.
 */
import { bytes } from "#wasm";
import { loader } from "./instance.js";

export const load = loader(() => {
  const binary = bytes();
  try {
    // Compiling takes less time than moving it to another thread. Old browsers refuse more than 4
    // KB.
    return new WebAssembly.Module(binary);
  } catch {
    return WebAssembly.compile(binary);
  }
});
