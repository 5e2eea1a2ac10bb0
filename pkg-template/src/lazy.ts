/** The same package, the Rust part in a file of its own that the first call asks for: for pages on which there may be none. */
import { CometChat as shared, loadWith } from "./facade.js";

export * from "./facade.js";

/** The facade's class, not a copy: whoever imports it here decides for the whole page where the Rust part comes from. */
export const CometChat: typeof shared = loadWith(shared, () => import("./core.js"));
