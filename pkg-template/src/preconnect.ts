import { Address } from "./generated/addresses.js";
import { each } from "./own.js";
import type { InitArguments } from "./settings.js";

const APP_ID = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i;
/** An optional scheme, a name or an address, an optional port, and an optional path. */
const HOST =
  /^(https?:\/\/)?((?:[\w-]{1,63}\.)*[\w-]{1,63}|\[[\da-f:]+\])(:\d+)?(?:\/[^?#@\\\s]*)?$/;
const THIS_MACHINE = /^(?:(?:.+\.)?localhost|127\.[\d.]+|\[::1\])$/;

/**
 * Opens connections to the hosts that a login will use (rule B20): only if there is no session, and each
 * host once. It runs while the WebAssembly loads.
 */
export function preconnect(args: InitArguments): void {
  try {
    if (hasSession(args)) return;
    each(origins(args), (href) => {
      if (document.querySelector(`link[rel=preconnect][href="${href}"]`)) return;
      const link = document.createElement("link");
      link.rel = "preconnect";
      link.crossOrigin = "anonymous";
      link.href = href;
      document.head.append(link);
    });
  } catch {
    // There is no document, or the page has changed it.
  }
}

function hasSession({ appId, storageMode }: InitArguments): boolean {
  try {
    const storage = storageMode === "session" ? sessionStorage : localStorage;
    return !!storage.getItem(text(appId) + Address.UserKey);
  } catch {
    // Storage that cannot be read holds no session.
    return false;
  }
}

/**
 * The origins that a login will use: of calls with the auth key, and of calls with a token. None if `init`
 * will refuse an argument, which the core decides by the same grammar (rules B18, B19).
 */
export function origins(args: InitArguments): string[] {
  const appId = text(args.appId);
  const region = (text(args.region) || Address.DefaultRegion).toLowerCase();
  const emulator = text(args.emulator);
  const overrides = [text(args.adminHost), text(args.clientHost)];
  if (!APP_ID.test(appId) || (emulator && overrides.some(Boolean))) return [];
  const isRegion = Address.Regions.split("|").includes(region);
  const found: string[] = [];
  each([Address.Admin, Address.Client], (kind, at) => {
    const standard = isRegion && appId + kind + region + Address.Domain;
    const origin = originOf(emulator || overrides[at] || standard || "", !!emulator);
    if (origin) found.push(origin);
  });
  return found.length < 2 ? [] : found;
}

/**
 * The origin of a host; undefined if the host is refused, or is a path of the page's own origin.
 *
 * @throws TypeError for an address that is none.
 */
function originOf(given: string, isEmulator: boolean): string | undefined {
  const [, scheme = "", host = "", port = ""] =
    HOST.exec(given.toLowerCase().replace(/\/+$/, "")) ?? [];
  if (!host || (isEmulator && !scheme)) return undefined;
  const url = new URL((scheme || "https://") + host + port);
  // An address that is written differently, such as `0x7f.1`, is refused.
  if (url.hostname !== host) return undefined;
  return url.protocol === "http:" && !THIS_MACHINE.test(host) ? undefined : url.origin;
}

/** An argument as the core reads it: without white space at its ends. Only texts and numbers count. */
function text(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string" && typeof value !== "number") throw new TypeError("not a text");
  return String(value).replace(/^[ \t\n\f\r]+|[ \t\n\f\r]+$/g, "");
}
