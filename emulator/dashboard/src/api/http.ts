/** One way to call the emulator, with one kind of error. */

/** No response: the emulator is not running, or the connection broke. */
export const UNREACHABLE = "UNREACHABLE";

/** A call that did not succeed. */
export class ApiError extends Error {
  /**
   * @param code `error.code` of the response, or {@link UNREACHABLE}
   * @param status the HTTP status; 0 without a response
   * @param details the errors of each invalid field
   */
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly details: Readonly<Record<string, readonly string[]>> = {},
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export interface CallOptions {
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
  signal?: AbortSignal;
}

/** Neither a fault rule nor the journal concerns requests with this header. */
const OWN_REQUEST = { "x-emulator-client": "dashboard" };

/**
 * Calls the emulator.
 *
 * @returns the whole response body
 * @throws ApiError when there is no response, or one without success
 * @throws DOMException `AbortError` when the signal was aborted
 */
export async function call(method: string, path: string, options: CallOptions): Promise<unknown> {
  const { query = {}, headers = {}, body, signal } = options;
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) {
      parameters.set(name, String(value));
    }
  }
  const search = parameters.size > 0 ? `?${parameters}` : "";
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const init: RequestInit = {
    method,
    headers: { ...OWN_REQUEST, ...type, ...headers },
    cache: "no-store",
  };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
  }
  if (signal) {
    init.signal = signal;
  }
  let response: Response;
  let text: string;
  try {
    response = await fetch(path + search, init);
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) {
      throw error;
    }
    throw new ApiError(
      UNREACHABLE,
      "The emulator does not answer. Check that it still runs, or start it again.",
      0,
    );
  }
  const value = parse(text);
  if (response.ok) {
    return value;
  }
  throw errorOf(response.status, value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorOf(status: number, value: unknown): ApiError {
  const error = isRecord(value) && isRecord(value["error"]) ? value["error"] : {};
  const code = typeof error["code"] === "string" ? error["code"] : `HTTP ${status}`;
  const message =
    typeof error["message"] === "string"
      ? error["message"]
      : `The emulator answered with the status ${status} and no message.`;
  return new ApiError(code, message, status, detailsOf(error["details"]));
}

function detailsOf(value: unknown): Record<string, string[]> {
  const details: Record<string, string[]> = {};
  for (const [field, messages] of Object.entries(isRecord(value) ? value : {})) {
    if (Array.isArray(messages)) {
      details[field] = messages.map(String);
    }
  }
  return details;
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The message to show for a thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
