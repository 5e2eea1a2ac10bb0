/** What the type of a code promises: tsc checks it, nothing imports it. */
import type { ErrorCode } from "./codes.js";
import { CometChatException } from "./exception.js";

/** A code that the service invents tomorrow is no type error, neither where it is compared nor where it is given. */
export const isOfTomorrow = (error: CometChatException): boolean =>
  error.code === "ERR_OF_TOMORROW";
export const ofTomorrow: ErrorCode = "ERR_OF_TOMORROW";

/** The known ones are still told apart in it, so that an editor can offer them: in a mere `string` neither could be extracted. */
export const ours: Extract<ErrorCode, "MISSING_PARAMETERS"> = "MISSING_PARAMETERS";
export const theServices: Extract<ErrorCode, "ERR_UID_NOT_FOUND"> = "ERR_UID_NOT_FOUND";
