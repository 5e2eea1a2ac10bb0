/**
 * The same package with the WebAssembly in a file of its own, which the browser compiles while it
 * arrives. For bundlers that know `new URL(…, import.meta.url)`, and for pages that serve the
 * package as it is. A Content Security Policy must also have `'self'` in `connect-src`.
 */
import { CometChat as shared, loadWith } from "./facade.js";
import type { Load } from "./instance.js";

export * from "./facade.js";

let loaded: Promise<{ load: Load }> | undefined;

/**
 * The facade's class. This entry decides for the whole page where the core comes from. A failure is
 * not kept: the next call tries the file again.
 */
export const CometChat: typeof shared = loadWith(
  shared,
  () =>
    (loaded ??= stream().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    })),
);

async function stream(): Promise<{ load: Load }> {
  try {
    const response = fetch(new URL("./cometchat_auth.wasm", import.meta.url));
    // Requested while the glue loads. `load` reports a failure.
    response.catch(() => undefined);
    const { streaming } = await import("./stream.js");
    const load = streaming(response);
    await load(false);
    return { load };
  } catch (error) {
    // The bundler has left the URL as it is, there is no `import.meta.url` (an IIFE, CommonJS), or
    // the request has failed. The copy inside JavaScript needs none of them.
    console.warn(
      "cometchat-auth: cometchat_auth.wasm could not be used; the copy inside JavaScript is loaded instead.",
      error,
    );
    return import("./core.js");
  }
}
