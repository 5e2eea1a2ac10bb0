/**
 * The same package for whoever cannot wait for a second request: the Rust part comes with the facade, and a bundler makes one file of both. It is a copy
 * of `core.js`, not an import of it: a bundler that splits what is also imported lazily would make a second file again.
 */
import { load } from "./core.js";
import { CometChat as shared, loadWith } from "./index.js";

export * from "./index.js";

/** The class of the main entry, not a copy: whoever imports it here decides for the whole page where the WebAssembly comes from. */
export const CometChat: typeof shared = loadWith(shared, async () => ({ load }));
/** The type of its instances, of which there are none. */
export type CometChat = shared;
