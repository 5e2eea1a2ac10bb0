/** The names of the views. */
import type { PageName } from "./route.ts";

export const TITLES: Readonly<Record<PageName, string>> = {
  overview: "Overview",
  users: "Users",
  requests: "Requests",
  faults: "Faults",
  access: "Keys and roles",
  settings: "Settings",
};
