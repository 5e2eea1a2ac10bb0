/**
 * The same package with the WebAssembly in a file of its own, which the browser compiles while it
 * arrives. For bundlers that know `new URL(…, import.meta.url)`, and for pages that serve the
 * package as it is. A Content Security Policy must also have `'self'` in `connect-src`.
 */
import { CometChat as shared, loadWith } from "./facade.js";
import type { Load } from "./instance.js";
import { attempt } from "./own.js";
import { Watchdog } from "./watchdog.js";

export * from "./facade.js";

/**
 * How long the file may take to arrive and to compile, in milliseconds. It leaves time to load the
 * copy inside JavaScript: the client waits 30 s for the core.
 */
const LIMIT_MS = 10_000;

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
  const controller = attempt(() => new AbortController());
  try {
    const load = await withinLimit(request(attempt(() => controller?.signal)));
    await load(false);
    return { load };
  } catch (error) {
    attempt(() => controller?.abort());
    // The bundler has left the URL as it is, there is no `import.meta.url` (an IIFE, CommonJS), or
    // the request has failed or hangs. The copy inside JavaScript needs none of them.
    console.warn(
      "cometchat-auth: cometchat_auth.wasm could not be used; the copy inside JavaScript is loaded instead.",
      error,
    );
    return import("./core.js");
  }
}

/** Requests the file and compiles it. */
async function request(signal: AbortSignal | undefined): Promise<Load> {
  const url = new URL("./cometchat_auth.wasm", import.meta.url);
  const init = { __proto__: null, signal: signal ?? null };
  // `fetch` refuses a signal of another implementation, as in test runners. Then the request is
  // sent without one and cannot be aborted.
  const response = fetch(url, attempt(() => new Request(url, init)) && init);
  // Requested while the glue loads. `streaming` reports a failure.
  response.catch(() => undefined);
  const { streaming } = await import("./stream.js");
  return streaming(response);
}

/** The result of a promise. Rejects if that takes longer than the limit. */
function withinLimit<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const watchdog = new Watchdog(() =>
      reject(new Error(`The file did not arrive in ${LIMIT_MS / 1000} seconds.`)),
    );
    void promise.then(resolve, reject).then(() => watchdog.cancel());
    watchdog.arm(LIMIT_MS);
  });
}
