import type { ErrorCode } from "./codes.js";
import { define, each, ownProperties, sharedSymbol } from "./own.js";

/** The fields of a {@link CometChatException}. */
export interface ErrorModel {
  /** The code; the empty string if not given. */
  code?: ErrorCode | number | undefined;
  /** The error's name; `CometChatException` if not given. */
  name?: string | undefined;
  /** What happened, and what to do. */
  message?: string | undefined;
  /** What the service added. */
  details?: unknown;
  /** The HTTP status. */
  status?: number | undefined;
  /** Whether the same call can succeed later without a change; false if not given. */
  retryable?: boolean | undefined;
  /** Seconds to wait before trying again. */
  retryAfter?: number | undefined;
  /** The error behind this one. */
  cause?: unknown;
}

/** Marks exceptions, also those of another copy of the package on the same page. */
const BRAND: unique symbol = sharedSymbol("cometchat-auth.CometChatException") as never;

/**
 * The reason why a call failed. Every promise of this package that rejects, rejects with one of
 * these. It never holds a token or a key: they read `***`.
 *
 * @example
 * ```ts
 * try {
 *   await CometChat.login(authToken);
 * } catch (error) {
 *   if (isCometChatException(error) && error.retryable) setTimeout(retry, 1000);
 * }
 * ```
 */
export class CometChatException extends Error {
  /**
   * The service's code (`AUTH_ERR_…`, `ERR_…`) or one of this package, such as
   * `MISSING_PARAMETERS`.
   */
  declare readonly code: ErrorCode;
  /** What the service added: for a refused body, the fields and what is wrong with each. */
  declare readonly details?: unknown;
  /** The HTTP status, if there was a response. */
  declare readonly status?: number;
  /** Whether the same call can succeed later without a change: no network, a timeout, 429, 5xx. */
  declare readonly retryable: boolean;
  /** Seconds to wait before trying again, if the service said so. */
  declare readonly retryAfter?: number;
  /** The error behind this one, if there is one. */
  declare readonly cause?: unknown;

  /** @param model - The fields. Only own properties count. */
  constructor(model: ErrorModel) {
    const fields: ErrorModel = ownProperties(model);
    const { code, name, message, retryable } = fields;
    super(message);
    // Compiled to ES5, `super()` makes a plain Error.
    Object.setPrototypeOf(this, new.target.prototype);
    define(this, "code", `${code ?? ""}`);
    define(this, "name", name || "CometChatException");
    define(this, "retryable", !!retryable);
    each(["details", "status", "retryAfter", "cause"] as const, (field) => {
      const value = fields[field];
      if (value !== undefined && value !== null && value !== "") define(this, field, value);
    });
  }

  /** @internal */
  get [BRAND](): boolean {
    return true;
  }

  /** The error as a plain object, without the stack and the cause. */
  toJSON(): Record<string, unknown> {
    const { code, name, message, details, status, retryable, retryAfter } = this;
    return { code, name, message, details, status, retryable, retryAfter };
  }
}

/** Makes an exception. Never throws. */
export function exception(model: ErrorModel): CometChatException {
  try {
    return new CometChatException(model);
  } catch {
    // The page has broken what a class needs. A literal needs nothing but the syntax.
    return { __proto__: CometChatException.prototype, ...model } as unknown as CometChatException;
  }
}

/**
 * Whether a value is a {@link CometChatException}, also one of another copy of the package.
 *
 * @param error - What was caught.
 * @returns True for an exception of this package.
 * @example
 * ```ts
 * if (isCometChatException(error)) console.log(error.code);
 * ```
 */
export function isCometChatException(error: unknown): error is CometChatException {
  return !!error && (error as Record<symbol, unknown>)[BRAND] === true;
}
