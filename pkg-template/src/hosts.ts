import { attempt } from "./own.js";

/** An optional scheme, a name or an address, an optional port, an optional path, and slashes. */
const HOST =
  /^(https?:\/\/)?((?:[\w-]{1,63}\.)*[\w-]{1,63}|\[[\da-f:]+\])((?::\d+)?((?:\/[\w.~%-]+)*))\/*$/i;
const THIS_MACHINE = /^(?:(?:.+\.)?localhost|127\.[\d.]+|\[::1\])$/;
/** Names of one label and below domains for this use, private and link-local addresses. */
const DEVELOPMENT =
  /^(?:[^.[]+|.+\.(?:local|internal|test)|(?:10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+|\[f(?:[cd]..|e[89ab].):.+)$/;

/** The arguments of `init` that name hosts. */
export interface HostArguments {
  adminHost: unknown;
  clientHost: unknown;
  emulator: unknown;
}

/**
 * A base URL for each host that is given: without a slash at its end, empty if the host is refused.
 */
export interface BaseUrls {
  adminHost: string | undefined;
  clientHost: string | undefined;
  emulator: string | undefined;
}

/**
 * Reads the hosts that an app names (rule B18). `init` and preconnect have the same URLs from here.
 *
 * @param origin - The origin of the page, for an emulator that is a path of it.
 */
export function baseUrls(args: HostArguments, origin: string | undefined): BaseUrls {
  const read = (given: unknown, base: (host: string) => string | undefined): string | undefined => {
    const host = text(given);
    return host ? (base(host) ?? "") : undefined;
  };
  const override = (host: string): string | undefined => base(host, THIS_MACHINE);
  return {
    adminHost: read(args.adminHost, override),
    clientHost: read(args.clientHost, override),
    emulator: read(args.emulator, (host) => {
      const isPath = /^\/[^/]/.test(host);
      const url = isPath ? `${origin}${host}` : host;
      if (!/^https?:/i.test(url)) return undefined;
      return isPath ? base(url) : (base(url, THIS_MACHINE) ?? base(url, DEVELOPMENT));
    }),
  };
}

/** Whether a page on this host is on this machine. */
export function isThisMachine(hostName: string | undefined): boolean {
  return !!hostName && THIS_MACHINE.test(hostName);
}

/**
 * The URL of a host; undefined if the host is refused.
 *
 * @param plain - The names that may be reached by `http`; without it, all.
 */
function base(host: string, plain = /^/): string | undefined {
  const [, scheme = "https://", name = "", rest = "", path = ""] = HOST.exec(host) ?? [];
  const url = attempt(() => new URL(scheme + name + rest));
  // An address or a path that a URL writes differently, such as `0x7f.1` or `/..`, is refused.
  if (!url || url.pathname !== (path || "/")) return undefined;
  if (name[0] !== "[" && url.hostname !== name.toLowerCase()) return undefined;
  if (url.protocol === "http:" && !plain.test(url.hostname)) return undefined;
  return `${url.protocol}//${name}${rest}`;
}

/**
 * An argument as the core reads it: without white space at its ends. Only texts and numbers count.
 */
export function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number"
    ? (/^[ \t\n\f\r]*(.*?)[ \t\n\f\r]*$/s.exec(`${value}`)?.[1] ?? "")
    : "";
}
