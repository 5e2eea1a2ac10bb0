/** A fault rule while it is being edited: the texts of a form, or JSON. */
import { isRecord } from "../api/http.ts";
import { parseObject } from "./json.ts";
import type { FaultAct, FaultMatch, FaultRule } from "../api/types.ts";

export interface Draft {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  /** Not in the form: the rule keeps its app. */
  readonly app: string;
  readonly uid: string;
  readonly nth: string;
  readonly times: string;
  readonly status: string;
  /** JSON, or any text. */
  readonly body: string;
  /** `Name: value` on each line; a line with only a name removes the header. */
  readonly headers: string;
  readonly contentType: string;
  readonly cors: "" | "off";
  readonly delayMs: string;
  readonly bodyDelayMs: string;
  readonly truncate: string;
  readonly hang: "" | "before" | "after" | "body";
  readonly drop: "" | "before" | "after";
}

export const EMPTY_DRAFT: Draft = {
  method: "",
  path: "",
  host: "",
  app: "",
  uid: "",
  nth: "",
  times: "",
  status: "",
  body: "",
  headers: "",
  contentType: "",
  cors: "",
  delayMs: "",
  bodyDelayMs: "",
  truncate: "",
  hang: "",
  drop: "",
};

/** A field of the form needs a number and has another text. */
export class DraftError extends Error {
  constructor(
    readonly field: keyof Draft,
    message: string,
  ) {
    super(message);
    this.name = "DraftError";
  }
}

/**
 * The rule that the form describes.
 *
 * @throws DraftError when a field needs a number and has another text
 */
export function ruleOfDraft(draft: Draft): FaultRule {
  const text = (name: keyof Draft): string | undefined => draft[name].trim() || undefined;
  const number = (name: keyof Draft): number | undefined => {
    const written = text(name);
    if (written === undefined) {
      return undefined;
    }
    if (!/^\d+$/.test(written)) {
      throw new DraftError(name, "Write a whole number, without a unit.");
    }
    return Number(written);
  };
  const match: FaultMatch = defined({
    method: text("method"),
    path: text("path"),
    host: text("host"),
    app: text("app"),
    uid: text("uid"),
    nth: number("nth"),
  });
  const act: FaultAct = defined({
    status: number("status"),
    body: bodyOf(draft.body),
    headers: headersOf(draft.headers),
    contentType: text("contentType"),
    cors: draft.cors === "off" ? (false as const) : undefined,
    delayMs: number("delayMs"),
    bodyDelayMs: number("bodyDelayMs"),
    truncate: number("truncate"),
    hang: draft.hang || undefined,
    drop: draft.drop || undefined,
  });
  return defined({
    match: Object.keys(match).length > 0 ? match : undefined,
    times: number("times"),
    act,
  });
}

/** The form's texts for a rule; the inverse of {@link ruleOfDraft}. */
export function draftOfRule({ match = {}, times, act }: FaultRule): Draft {
  const text = (value: string | number | undefined): string => String(value ?? "");
  return {
    method: text(match.method),
    path: text(match.path),
    host: text(match.host),
    app: text(match.app),
    uid: text(match.uid),
    nth: text(match.nth),
    times: text(times),
    status: text(act.status),
    body: typeof act.body === "string" ? act.body : textOf(act.body),
    headers: Object.entries(act.headers ?? {})
      .map(([name, value]) => (value === null ? name : `${name}: ${value}`))
      .join("\n"),
    contentType: text(act.contentType),
    cors: act.cors === false ? "off" : "",
    delayMs: text(act.delayMs),
    bodyDelayMs: text(act.bodyDelayMs),
    truncate: text(act.truncate),
    hang: act.hang ?? "",
    drop: act.drop ?? "",
  };
}

/** Only the fields that the emulator accepts, without the counters of an active rule. */
export function bareRule({ match, times, act }: FaultRule): FaultRule {
  return defined({ match: match && Object.keys(match).length > 0 ? match : undefined, times, act });
}

/**
 * Reads a rule written as JSON. The emulator checks the fields.
 *
 * @throws Error when it is not a JSON object
 */
export function parseRule(text: string): FaultRule {
  const rule = parseObject(text);
  if (!isRecord(rule["act"])) {
    throw new Error('A rule needs "act", an object that says what happens.');
  }
  return rule as unknown as FaultRule;
}

function bodyOf(text: string): unknown {
  if (text.trim() === "") {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function headersOf(text: string): Record<string, string | null> | undefined {
  const headers: Record<string, string | null> = {};
  for (const line of text.split("\n").map((each) => each.trim())) {
    if (line !== "") {
      const colon = line.indexOf(":");
      headers[colon < 0 ? line : line.slice(0, colon).trim()] =
        colon < 0 ? null : line.slice(colon + 1).trim();
    }
  }
  return Object.keys(headers).length > 0 ? headers : undefined;
}

function textOf(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(value, null, 2);
}

/** The object without its undefined fields. */
function defined<T extends object>(object: {
  [K in keyof T]: T[K] | undefined;
}): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
