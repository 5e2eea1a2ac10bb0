/** Translates arguments, results and failures between JavaScript and the core. */
import { exception, type CometChatException } from "./exception.js";
import { Form } from "./generated/boundary.js";
import { NAMES, TEXTS } from "./generated/rows.js";
import { stringify } from "./json.js";
import { attempt, each } from "./own.js";
import type { UserCache } from "./user-cache.js";
import { User, profile } from "./user.js";

/** The arguments of a call, as JSON for the core. */
export interface Encoded {
  json: string;
  /** The error of reading or serialising an argument. */
  cause: unknown;
}

/**
 * Serialises arguments by name. Numbers become texts. Objects and functions are omitted, as if they
 * were not given. A field of `user` that cannot be serialised is omitted and named as `unreadable`.
 */
export function encode(args: Record<string, unknown>, user?: unknown): Encoded {
  const written: Record<string, unknown> = { __proto__: null };
  each(Object.keys(args), (name) => {
    const value = args[name];
    if (typeof value === "number" || typeof value === "bigint") written[name] = `${value}`;
    else if (typeof value !== "object" && typeof value !== "function") written[name] = value;
  });
  if (user !== undefined && !(user instanceof User)) written.plain = "1";
  let cause: unknown;
  try {
    written.user = user;
    return { json: stringify(written), cause };
  } catch (error) {
    cause = error;
  }
  const readable: Record<string, unknown> = (written.user = { __proto__: null });
  written.unreadable = "";
  // A proxy may refuse to be listed.
  attempt(() =>
    each(Object.keys(user as object), (name) => {
      try {
        const value = (user as Record<string, unknown>)[name];
        stringify(value);
        readable[name] = value;
      } catch {
        written.unreadable ||= name;
      }
    }),
  );
  return { json: stringify(written), cause };
}

/**
 * The value of a result: a new object each time.
 *
 * @throws Whatever reading throws on a page that has broken what it needs.
 */
export function decode(form: Form, text: string, lastUser: UserCache): unknown {
  if (form === Form.Value) return text === "true" || JSON.parse(text);
  const user = form === Form.User ? lastUser.copy() : profile(JSON.parse(text) as object);
  if (user && !user.getUid()) throw new Error("The user has no uid.");
  return user;
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
  const name = NAMES[code];
  return exception({
    code: name ?? subject,
    name,
    message: name ? (subject && `${subject}: `) + (TEXTS[code] ?? "") : text,
    // There are no details, or masking a number in them made invalid JSON.
    details: attempt((): unknown => JSON.parse(details)) || undefined,
    status: status || undefined,
    retryable,
    retryAfter: retryAfter || undefined,
    cause,
  });
}
