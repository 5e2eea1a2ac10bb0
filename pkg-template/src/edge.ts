/**
 * The entry for runtimes that compile no WebAssembly: Next.js edge routes and middleware,
 * Cloudflare Workers. Importing does nothing; every call rejects with `WEBASSEMBLY_UNAVAILABLE`.
 */
import { CometChat as shared, CometChatException, loadWith } from "./facade.js";

export * from "./facade.js";

const code = "WEBASSEMBLY_UNAVAILABLE";
const message =
  "This runtime does not compile WebAssembly. Log in from a browser; on a server call CometChat's REST API.";

/** The facade's class, not a copy. */
export const CometChat: typeof shared = loadWith(
  shared,
  () => Promise.reject(new CometChatException({ code, name: code, message })),
  true,
);
