import { Address } from "./generated/addresses.js";

/** What `init` was given, as far as it says where calls go. */
interface Said {
  appId: unknown;
  region?: unknown;
  adminHost?: unknown;
  clientHost?: unknown;
  storageMode?: unknown;
  emulator?: unknown;
}

/**
 * Connects ahead to the hosts that a login will use (rule B20): only where nobody is logged in, and each host once. It runs while the WebAssembly is on
 * its way, with the addresses and the one key that the build took from its source. What `init` would refuse connects nowhere.
 */
export function preconnect({
  appId,
  region,
  adminHost,
  clientHost,
  storageMode,
  emulator,
}: Said): void {
  try {
    const id = String(appId ?? "").trim();
    const where = String(region ?? Address.DefaultRegion).trim();
    if (!/^[\w.-]+$/.test(id)) return;
    try {
      if ((storageMode === "session" ? sessionStorage : localStorage).getItem(id + Address.UserKey))
        return;
    } catch {
      // Where that cannot be read nobody is logged in.
    }
    // What is no region has no host.
    const base = (host: unknown, kind: string) => {
      const said = String(
        emulator ||
          host ||
          (Address.Regions.split("|").includes(where.toLowerCase())
            ? id + kind + where + Address.Domain
            : "?"),
      );
      if (
        (emulator && host) ||
        /[?#@]|^http:(?!\/\/(localhost|127\.[\d.]+|\[::1])([:/]|$))/i.test(said)
      )
        throw 0;
      return new URL(/^https?:/i.test(said) ? said : `https://${said}`).origin;
    };
    for (const href of [base(adminHost, Address.Admin), base(clientHost, Address.Client)]) {
      if (document.querySelector(`link[rel=preconnect][href="${href}"]`)) continue;
      document.head.append(
        Object.assign(document.createElement("link"), {
          rel: "preconnect",
          crossOrigin: "anonymous",
          href,
        }),
      );
    }
  } catch {
    // No document, or no address: init says what is wrong.
  }
}
