/** Translates arguments, results and failures between JavaScript and the core. */
import { exception, type CometChatException } from "./exception.js";
import { Form } from "./generated/boundary.js";
import { NAMES, TEXTS } from "./generated/rows.js";
import { stringify } from "./json.js";
import { each } from "./own.js";
import type { UserCache } from "./user-cache.js";
import { User, profile } from "./user.js";

/** The arguments of a call, as JSON for the core. */
export interface Encoded {
  json: string;
  /** What reading or writing an argument threw. */
  cause: unknown;
}

/**
 * Writes arguments by name. Numbers become texts; objects and functions are left out, which counts as
 * not given. A field of `user` that JSON cannot write is left out and named as `unreadable`.
 */
export function encode(args: Record<string, unknown>, user?: unknown): Encoded {
  const texts: Record<string, unknown> = { __proto__: null };
  each(Object.keys(args), (name) => {
    const value = args[name];
    if (typeof value === "number" || typeof value === "bigint") texts[name] = String(value);
    else if (typeof value !== "object" && typeof value !== "function") texts[name] = value;
  });
  if (user === undefined) return { json: stringify(texts), cause: undefined };
  if (!(user instanceof User)) texts.plain = "1";
  try {
    return { json: stringify({ __proto__: null, ...texts, user }), cause: undefined };
  } catch (cause) {
    const { readable, unreadable } = readableFields(user as object);
    return { json: stringify({ __proto__: null, ...texts, user: readable, unreadable }), cause };
  }
}

/** The fields that JSON can write, and the first that it cannot; empty if it is not a single field. */
function readableFields(user: object): { readable: object; unreadable: string } {
  const readable: Record<string, unknown> = { __proto__: null };
  let unreadable = "";
  try {
    each(Object.keys(user), (name) => {
      try {
        const value = (user as Record<string, unknown>)[name];
        stringify(value);
        readable[name] = value;
      } catch {
        unreadable ||= name;
      }
    });
  } catch {
    // The object cannot even be listed.
  }
  return { readable, unreadable };
}

/** The value of a result: a new object each time. */
export function decode(form: Form, text: string, lastUser: UserCache): unknown {
  if (form === Form.User) return lastUser.copy();
  const value: unknown = JSON.parse(text);
  return form === Form.Profile ? profile(value as object) : value;
}

/** The exception for a failure as the core reports it: a new object each time. */
export function decodeFailure(
  code: number,
  subject: string,
  text: string,
  details: string,
  status: number,
  retryable: boolean,
  retryAfter: number,
  cause: unknown,
): CometChatException {
  // A negative number stands for a code of the service.
  const name = NAMES.split(" ")[code];
  if (name) text = (subject && `${subject}: `) + (TEXTS[code] ?? "");
  let parsed: unknown;
  try {
    parsed = JSON.parse(details);
  } catch {
    // There are none, or a number in them was masked.
  }
  return exception({
    code: name ?? subject,
    name,
    message: text,
    details: parsed || undefined,
    status: status || undefined,
    retryable,
    retryAfter: retryAfter || undefined,
    cause,
  });
}
