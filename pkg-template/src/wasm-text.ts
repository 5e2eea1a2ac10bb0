/** `#wasm` of the build that ships: the text encoding of tools/wasm-text. */
import { decode } from "../../tools/wasm-text/reader.js";
import { checksum, text } from "./generated/wasm.js";

/** The WebAssembly. Throws when a proxy or a build step changed the text. */
export const bytes = () => decode(text, checksum);
