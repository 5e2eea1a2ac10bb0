/** JSON that a user wrote. */
import { isRecord } from "../api/http.ts";

/**
 * Reads a JSON object.
 *
 * @throws Error that says what is wrong with the text
 */
export function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`This is not JSON: ${reason}.`, { cause });
  }
  if (!isRecord(value)) {
    throw new Error("This is JSON, but not an object: it has to begin with { and end with }.");
  }
  return value;
}
