/** `#wasm` for the published build: the text encoding of tools/wasm-text. */
import { decode } from "../../tools/wasm-text/reader.js";
import { encoded } from "./generated/wasm.js";

/** The WebAssembly. Throws if a proxy or a build step has changed the text. */
export const bytes = () => decode(encoded);
