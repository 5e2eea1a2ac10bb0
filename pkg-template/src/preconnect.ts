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
 * Connects ahead to the hosts that a login will use (rule B20): only where nobody is logged in, and each host once. It runs before the WebAssembly is
 * there, so it knows the addresses and the one entry itself; what is wrong here costs a connection, no more.
 */
export function preconnect({ appId, region, adminHost, clientHost, storageMode, emulator }: Said): void {
  try {
    const id = String(appId).trim();
    const storage = storageMode === "session" ? sessionStorage : localStorage;
    if (storage.getItem(`${id}:common_store/user`)) return;
    for (const [host, kind] of [
      [adminHost, "api"],
      [clientHost, "apiclient"],
    ]) {
      const url = String(emulator || host || `${id}.${kind}-${String(region ?? "eu").trim()}.cometchat.io`);
      const href = new URL(/^https?:/i.test(url) ? url : `https://${url}`).origin;
      if (document.querySelector(`link[rel=preconnect][href="${href}"]`)) continue;
      document.head.append(Object.assign(document.createElement("link"), { rel: "preconnect", crossOrigin: "anonymous", href }));
    }
  } catch {
    // No document, no storage, no address: init says what is wrong.
  }
}
