import { Address, REGIONS } from "./generated/addresses.js";
import { text, type BaseUrls } from "./hosts.js";
import { attempt, each } from "./own.js";
import type { InitArguments } from "./settings.js";

const APP_ID = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i;

/** The arguments of `init`, with URLs in place of hosts. */
type Arguments = Omit<InitArguments, keyof BaseUrls> & BaseUrls;

/**
 * Opens connections to the hosts that a login will use (rule B20): only if there is no session, and
 * each host once. It runs while the WebAssembly loads.
 */
export function preconnect(args: Arguments): void {
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
      if (
        href === location.origin ||
        document.querySelector(`link[rel=preconnect][href="${href}"]`)
      )
        return;
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
 * @throws TypeError if `init` will refuse an argument (rules B18, B19).
 */
export function origins(args: Arguments): string[] {
  const appId = text(args.appId);
  const region = (text(args.region) || Address.DefaultRegion).toLowerCase();
  const { emulator, adminHost, clientHost } = args;
  const isAmbiguous = emulator !== undefined && (adminHost ?? clientHost) !== undefined;
  // Also without `APP_ID`: the page may have broken regular expressions.
  const isValid = appId && APP_ID.test(appId) && !isAmbiguous;
  const origin = (override: string | undefined, kind: string): string => {
    const host = REGIONS.includes(region) && `https://${appId}${kind}${region}${Address.Domain}`;
    // An empty text is no URL, and throws.
    return new URL((isValid && (emulator ?? override ?? host)) || "").origin;
  };
  return [origin(adminHost, Address.Admin), origin(clientHost, Address.Client)];
}
