/** Which entries of the journal are shown. */
import type { JournalEntry } from "../api/types.ts";
import type { Tone } from "../ui/states.tsx";

export type ResultFilter = "all" | "ok" | "failed" | "none" | "fault";

export const RESULT_FILTERS: readonly (readonly [ResultFilter, string])[] = [
  ["all", "All results"],
  ["ok", "Succeeded (2xx)"],
  ["failed", "Failed (4xx, 5xx)"],
  ["none", "No response"],
  ["fault", "Changed by a fault rule"],
];

export interface JournalFilter {
  readonly text: string;
  /** Empty: all methods but OPTIONS. */
  readonly method: string;
  readonly result: ResultFilter;
}

export const NO_FILTER: JournalFilter = { text: "", method: "", result: "all" };

export function matchesFilter(entry: JournalEntry, filter: JournalFilter): boolean {
  if (filter.method === "" ? entry.method === "OPTIONS" : entry.method !== filter.method) {
    return false;
  }
  return matchesResult(entry, filter.result) && matchesText(entry, filter.text);
}

function matchesResult({ status, fault, outcome }: JournalEntry, result: ResultFilter): boolean {
  switch (result) {
    case "all":
      return true;
    case "ok":
      return status !== null && status < 400;
    case "failed":
      return status !== null && status >= 400;
    case "none":
      return status === null && outcome !== "open";
    case "fault":
      return fault !== null;
  }
}

/** Every word has to be in the method, path, uid, status or code. */
function matchesText(entry: JournalEntry, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    return true;
  }
  const { method, path, uid, status, code, host } = entry;
  const searched = [method, path, uid, status, code, host].join(" ").toLowerCase();
  return words.every((word) => searched.includes(word));
}

/** The result of a request as one word or number. */
export function resultOf({ status, outcome }: JournalEntry): { text: string; tone: Tone } {
  switch (outcome) {
    case "open":
      return { text: "waiting", tone: "info" };
    case "dropped":
      return { text: "dropped", tone: "bad" };
    case "hung":
      return { text: "no response", tone: "bad" };
    case "cut":
      return { text: `${status ?? ""} cut`, tone: "bad" };
    case "answered":
      return { text: String(status ?? "–"), tone: toneOf(status ?? 0) };
  }
}

function toneOf(status: number): Tone {
  if (status >= 500) {
    return "bad";
  }
  return status >= 400 ? "warn" : "ok";
}
