/** Checks of the type of codes. tsc reads this file; nothing imports it. */
import type { ErrorCode } from "./codes.js";
import { CometChatException } from "./exception.js";

/** A code that the service adds later can be compared with and assigned. */
export const isFutureCode = (error: CometChatException): boolean =>
  error.code === "ERR_ADDED_LATER";
export const futureCode: ErrorCode = "ERR_ADDED_LATER";

/** An editor offers the known codes: `Extract` finds none of them in a mere `string`. */
export const ourCode: Extract<ErrorCode, "MISSING_PARAMETERS"> = "MISSING_PARAMETERS";
export const serverCode: Extract<ErrorCode, "ERR_UID_NOT_FOUND"> = "ERR_UID_NOT_FOUND";
