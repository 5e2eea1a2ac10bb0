/**
 * The same package with the core in a file of its own, which the first call loads. For pages that
 * may make no call.
 */
import { CometChat as shared, loadWith } from "./facade.js";

export * from "./facade.js";

/** The facade's class. This entry decides for the whole page where the core comes from. */
export const CometChat: typeof shared = loadWith(shared, () => import("./core.js"));
