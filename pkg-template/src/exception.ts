import type { ErrorCode } from "./codes.js";

/** What a {@link CometChatException} is made of. */
export interface ErrorModel {
  /** The code; none is the empty text. */
  code?: ErrorCode | number | undefined;
  /** The error's name; `CometChatException` if there is none. */
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

/**
 * Why a call failed. Every promise of this package that rejects, rejects with one of these. It never holds a token or a key: where the service
 * repeats one, it reads `***`.
 */
export class CometChatException extends Error {
  /** The service's code (`AUTH_ERR_…`, `ERR_…`) or one of this package's, such as `MISSING_PARAMETERS`. Always a string. */
  declare readonly code: ErrorCode;
  /** What the service added, where it did: for a refused body, the fields and what is wrong with each. */
  declare readonly details?: unknown;
  /** The HTTP status, where there was a reply. */
  declare readonly status?: number;
  /** Whether the same call can succeed later without a change: no network, a timeout, 429, 5xx. */
  declare readonly retryable: boolean;
  /** Seconds to wait before trying again, where the service said so. */
  declare readonly retryAfter?: number;
  /** The error behind this one, where there is one. */
  declare readonly cause?: unknown;

  constructor(model: ErrorModel) {
    super(model.message);
    this.code = String(model.code ?? "");
    this.name = model.name || "CometChatException";
    this.retryable = !!model.retryable;
    for (const field of ["details", "status", "retryAfter", "cause"] as const) {
      const value = model[field];
      if (value !== undefined && value !== null && value !== "")
        (this as Record<string, unknown>)[field] = value;
    }
  }

  /** The error as a plain object: everything but the stack and the cause. */
  toJSON(): Record<string, unknown> {
    const { code, name, message, details, status, retryable, retryAfter } = this;
    return { code, name, message, details, status, retryable, retryAfter };
  }
}

/** One with a code of ours, unless `more` says another. */
export function exception(
  code: string | undefined,
  message: string | undefined,
  more?: ErrorModel,
): CometChatException {
  return new CometChatException({ code, name: code, message, ...more });
}

/** Whether something that was caught is a {@link CometChatException}. */
export function isCometChatException(error: unknown): error is CometChatException {
  return error instanceof CometChatException;
}
