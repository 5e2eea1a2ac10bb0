import type { Arguments } from "./client.js";
import { isObject, ownProperties } from "./own.js";
import type { Signal } from "./pending-call.js";
import type { TokenProvider } from "./provider.js";

/**
 * Reads the arguments of `login` in any of their forms. `count` marks arguments of an unknown form.
 *
 * @throws Whatever a getter or a proxy of the page throws.
 */
export function loginArguments(given: unknown[]): Arguments {
  const first = given[0];
  if (given.length === 2) return { args: { uid: first, authKey: given[1] } };
  if (given.length !== 1) return { args: { count: given.length } };
  const request = ownProperties(isObject(first) ? first : { authToken: first });
  const { authToken, authKey, apiKey } = request;
  const uid = request.uid ?? request.username;
  const signal = (request.signal ?? undefined) as Signal | undefined;
  if (signal && typeof signal.addEventListener !== "function") return { args: { count: 0 } };
  // A token that was meant to be given but is undefined is a missing token, not a missing key.
  if (!("authToken" in request)) return { args: { uid, authKey: authKey ?? apiKey }, signal };
  return typeof authToken === "function"
    ? { args: { uid }, signal, provider: authToken as TokenProvider }
    : { args: { uid, authToken: authToken ?? "" }, signal };
}
