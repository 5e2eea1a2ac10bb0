import { Address, REGIONS } from "./generated/addresses.js";
import { attempt, each } from "./own.js";
import type { InitArguments } from "./settings.js";

const APP_ID = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i;
/** An optional scheme, a name or an address, an optional port, and an optional path. */
const HOST =
  /^(https?:\/\/)?((?:[\w-]{1,63}\.)*[\w-]{1,63}|\[[\da-f:]+\])(:\d+)?(?:\/[^?#@\\\s]*)?$/i;
const THIS_MACHINE = /^(?:(?:.+\.)?localhost|127\.[\d.]+|\[::1\])$/;

/**
 * Opens connections to the hosts that a login will use (rule B20): only if there is no session, and each
 * host once. It runs while the WebAssembly loads.
 */
export function preconnect(args: InitArguments): void {
  // Storage that cannot be read holds no session.
  const session = attempt(() =>
    (args.storageMode === "session" ? sessionStorage : localStorage).getItem(
      text(args.appId) + Address.UserKey,
    ),
  );
  if (session) return;
  // There may be no document, or the page has changed it.
  attempt(() =>
    each(origins(args), (href) => {
      if (document.querySelector(`link[rel=preconnect][href="${href}"]`)) return;
      const link = document.createElement("link");
      link.rel = "preconnect";
      link.crossOrigin = "anonymous";
      link.href = href;
      document.head.append(link);
    }),
  );
}

/**
 * The origins that a login will use: of calls with the auth key, and of calls with a token.
 *
 * @throws TypeError if `init` will refuse an argument, which the core decides by the same grammar
 * (rules B18, B19).
 */
export function origins(args: InitArguments): string[] {
  const appId = text(args.appId);
  const region = (text(args.region) || Address.DefaultRegion).toLowerCase();
  const emulator = text(args.emulator);
  const adminHost = text(args.adminHost);
  const clientHost = text(args.clientHost);
  const origin = (override: string, kind: string): string =>
    originOf(
      emulator ||
        override ||
        (REGIONS.includes(region) && appId + kind + region + Address.Domain) ||
        "",
    );
  if (!APP_ID.test(appId) || (emulator && (adminHost || clientHost || !/^http/i.test(emulator))))
    throw new TypeError("init() will refuse this.");
  return [origin(adminHost, Address.Admin), origin(clientHost, Address.Client)];
}

/**
 * The origin of a host.
 *
 * @throws TypeError for a host that is refused.
 */
function originOf(host: string): string {
  const [, scheme = "https://", name = "", port = ""] = HOST.exec(host) ?? [];
  const url = new URL(scheme + name + port);
  // An address that is written differently, such as `0x7f.1`, is refused.
  if (
    url.hostname !== name.toLowerCase() ||
    (url.protocol === "http:" && !THIS_MACHINE.test(url.hostname))
  )
    throw new TypeError("init() will refuse this.");
  return url.origin;
}

/** An argument as the core reads it: without white space at its ends. Only texts and numbers count. */
function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number"
    ? (/^[ \t\n\f\r]*(.*?)[ \t\n\f\r]*$/s.exec(`${value}`)?.[1] ?? "")
    : "";
}
