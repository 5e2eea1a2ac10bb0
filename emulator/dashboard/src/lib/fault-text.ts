/** Fault rules in words. */
import type { FaultAct, FaultRule } from "../api/types.ts";
import { durationText } from "./time.ts";

const HANG = {
  before: "no response, the service does nothing",
  after: "no response, after the service’s work",
  body: "stops in the middle of the body",
} as const;

const DROP = {
  before: "connection closed, the service does nothing",
  after: "connection closed, after the service’s work",
} as const;

/** Which requests of an app a rule matches. */
export function matchText({ match = {} }: FaultRule, ownApp: string): string {
  const { method, path, host, app, uid, nth } = match;
  const present = (part: string): boolean => part !== "";
  const parts = [
    [method?.toUpperCase(), path].filter((part) => part !== undefined).join(" "),
    host === undefined ? "" : `host ${host}`,
    uid === undefined ? "" : `user ${uid}`,
    nth === undefined ? "" : `from match ${nth} on`,
  ];
  const apps = app === undefined ? "every app" : app === ownApp ? "" : `app ${app}`;
  return [parts.filter(present).join(", ") || "all requests", apps].filter(present).join(", ");
}

/** What a rule does to these requests. */
export function actText(act: FaultAct): string {
  const parts: string[] = [];
  if (act.delayMs !== undefined) {
    parts.push(`waits ${durationText(act.delayMs)}`);
  }
  if (act.status !== undefined || act.body !== undefined) {
    parts.push(`responds ${act.status ?? 200}${codeIn(act.body)}`);
  }
  if (act.headers !== undefined) {
    parts.push(`headers ${Object.keys(act.headers).join(", ")}`);
  }
  if (act.contentType !== undefined) {
    parts.push(`as ${act.contentType}`);
  }
  if (act.cors === false) {
    parts.push("no CORS headers");
  }
  if (act.bodyDelayMs !== undefined) {
    parts.push(`body pauses ${durationText(act.bodyDelayMs)}`);
  }
  if (act.truncate !== undefined) {
    parts.push(`body cut after ${act.truncate} bytes`);
  }
  if (act.hang !== undefined) {
    parts.push(HANG[act.hang]);
  }
  if (act.drop !== undefined) {
    parts.push(DROP[act.drop]);
  }
  return parts.join("; ");
}

function codeIn(body: unknown): string {
  const error = (body as { error?: { code?: unknown } } | undefined)?.error;
  return typeof error?.code === "string" ? ` ${error.code}` : "";
}
