/**
 * The same package, its WebAssembly a file of its own that the browser compiles while it arrives. For bundlers that know `new URL(…, import.meta.url)`,
 * and pages that serve the package as it is; under a Content Security Policy it also needs `'self'` in `connect-src`.
 */
import { CometChat as shared, loadWith } from "./facade.js";
import type { Load } from "./instance.js";

export * from "./facade.js";

let streamed: Promise<{ load: Load }> | undefined;

/** The facade's class, not a copy: this entry decides for the whole page where the WebAssembly comes from. */
export const CometChat: typeof shared = loadWith(shared, () => (streamed ??= stream()));

async function stream(): Promise<{ load: Load }> {
  try {
    const response = fetch(new URL("./cometchat_auth.wasm", import.meta.url));
    // Requested at once, beside the glue. Its failure is seen below.
    response.catch(() => undefined);
    const { streaming } = await import("./stream.js");
    const load = streaming(response);
    await load(false);
    return { load };
  } catch (error) {
    streamed = undefined;
    // Bundlers that leave the URL as it is, an IIFE or CommonJS without `import.meta.url`, Node, a policy
    // that forbids the request: the other copy needs none of that.
    console.warn(
      "cometchat-auth: cometchat_auth.wasm could not be used; the copy inside JavaScript is loaded instead.",
      error,
    );
    return import("./core.js");
  }
}
