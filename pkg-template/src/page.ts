import { isThisMachine } from "./hosts.js";
import { attempt, each } from "./own.js";

/** The arguments of `init` that describe the page. The ids are used if none is stored yet. */
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
    const form = "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx"[at] as string;
    uuid += form === "x" ? (byte & 15).toString(16) : form;
  });
  return `${uuid}${separator}${Date.now()}`;
}
