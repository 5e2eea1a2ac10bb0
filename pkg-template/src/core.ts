/**
 * Becomes `core.js`: the WebAssembly, inside this file, and its loader. It needs no `eval`, no request and no `import.meta.url`; under a
 * Content Security Policy it needs `'wasm-unsafe-eval'`.
 */
import { bytes } from "#wasm";
import { loader } from "./instance.js";

export const load = loader(() => {
  const binary = bytes();
  try {
    // A module this small compiles faster on this thread than it reaches another one. Old browsers refuse more than 4 KB here.
    return new WebAssembly.Module(binary);
  } catch {
    return WebAssembly.compile(binary);
  }
});
