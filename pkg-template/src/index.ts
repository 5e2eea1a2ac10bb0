/**
 * The main entry: the facade and the core, which a bundler puts into one file. The WebAssembly is
 * read and compiled by the first call.
 */
import { CometChat as shared, loadWith } from "./facade.js";
import { load } from "./core.js";

export * from "./facade.js";

/** The facade's class. If the page loads another entry as well, the core comes from that one. */
export const CometChat: typeof shared = loadWith(shared, () => ({ load }), true);
