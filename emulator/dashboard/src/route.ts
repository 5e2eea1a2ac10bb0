/** The address of a view: `#/{app}/{page}/{id}`. */
import { useExternalValue } from "./store.ts";

export const PAGES = ["overview", "users", "requests", "faults", "access", "settings"] as const;

export type PageName = (typeof PAGES)[number];

export interface Route {
  /** Empty until an app is chosen. */
  readonly app: string;
  readonly page: PageName;
  /** What of the page is open: a uid, a request's id. */
  readonly id: string | undefined;
}

/** Reads an address; what is unknown leads to the overview. */
export function parseRoute(hash: string): Route {
  const [app = "", page = "", id] = hash
    .replace(/^#?\/?/, "")
    .split("/")
    .map(decode);
  const known = PAGES.find((name) => name === page) ?? "overview";
  return { app, page: known, id: id === "" ? undefined : id };
}

/** Writes an address for a link. */
export function hrefOf(app: string, page: PageName, id?: string | number): string {
  const parts = id === undefined ? [app, page] : [app, page, String(id)];
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

export function navigate(href: string): void {
  location.hash = href;
}

/** The present address. */
export function useRoute(): Route {
  const hash = useExternalValue(
    (changed) => {
      addEventListener("hashchange", changed);
      return () => removeEventListener("hashchange", changed);
    },
    () => location.hash,
  );
  return parseRoute(hash);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
