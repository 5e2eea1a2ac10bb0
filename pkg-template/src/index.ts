/** The main entry: the facade with the Rust part, of which a bundler makes one file. Nothing of it is read or compiled before the first call. */
import { load } from "./core.js";
import { CometChat as shared, loadWith } from "./facade.js";

export * from "./facade.js";

/** The facade's class, not a copy. Where another entry is on the page as well, that one decides where the Rust part comes from. */
export const CometChat: typeof shared = loadWith(shared, () => Promise.resolve({ load }), true);
