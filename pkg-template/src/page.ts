import { isThisMachine } from "./hosts.js";
import { attempt, each } from "./own.js";

/** What `init` tells the core about the page. The new ids are used if no id is stored yet. */
export function page(): Record<string, unknown> {
  const { navigator, location } = globalThis as Partial<typeof globalThis>;
  return {
    userAgent: navigator?.userAgent,
    isThisMachine: isThisMachine(location?.hostname) || undefined,
    forDevice: newId("_"),
    forTab: newId("-"),
  };
}

/** A random UUID (version 4) and the time in milliseconds. */
function newId(separator: string): string {
  const bytes = new Uint8Array(36);
  // Without a source of random numbers the time alone has to tell ids apart.
  attempt(() => crypto.getRandomValues(bytes));
  let uuid = "";
  each(bytes, (byte, at) => {
    // 0, 1 and 8 stand for random digits: four bits, or the two that the variant leaves free.
    const digit = "10000000-1000-4000-8000-100000000000"[at] as string;
    uuid +=
      digit === "4" || digit === "-"
        ? digit
        : (+digit ^ (byte & (15 >> (+digit / 4)))).toString(16);
  });
  return `${uuid}${separator}${Date.now()}`;
}
