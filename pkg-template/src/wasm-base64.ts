/** `#wasm` for `cargo xtask build --plain`: base64. */
import { text } from "./generated/wasm.js";

/** The WebAssembly. */
export const bytes = () => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
