import type { Form, Message } from "./generated/boundary.js";

/** The object that an instance of the core calls. */
export interface Host {
  /** A call succeeded, or an event happened. */
  tell: (message: Message, id: number, form: Form, text: string | undefined) => void;
  /**
   * A call failed. `code` is a code of this package, or negative: then `subject` is the service's
   * code and `text` its message. Otherwise `subject` is what the failure is about, such as a
   * parameter.
   */
  fail: (
    message: Message,
    id: number,
    code: number,
    subject: string,
    text: string,
    details: string,
    status: number,
    retryable: boolean,
    retryAfter: number,
    cause: unknown,
  ) => void;
  /** A login needs an auth token from its provider. */
  askProvider: (request: number, call: number) => void;
  /** The core has started the timer of a call with this many milliseconds. */
  watch: (call: number, ms: number) => void;
  /** Rewrites JSON as `JSON.stringify` writes it. Throws for other text. */
  canonical: (text: string) => string;
}
