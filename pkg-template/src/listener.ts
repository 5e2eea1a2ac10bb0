import type { CometChatException } from "./exception.js";
import type { User } from "./user.js";

/** What a login listener may be told of. */
export interface LoginHandlers {
  /** Somebody is logged in now: here or in another tab. */
  loginSuccess?(user: User): unknown;
  /** A login did not succeed. */
  loginFailure?(error: CometChatException): unknown;
  /** A session has ended: here or in another tab. Once for each. */
  logoutSuccess?(): unknown;
  /** The session has ended here, but the service could not be told. */
  logoutFailure?(error: CometChatException): unknown;
}

/** Listens to logins and logouts. A plain object with the same functions will do as well. */
export class LoginListener implements LoginHandlers {
  /** Somebody is logged in now: here or in another tab. */
  declare loginSuccess?: (user: User) => unknown;
  /** A login did not succeed. */
  declare loginFailure?: (error: CometChatException) => unknown;
  /** A session has ended: here or in another tab. Once for each. */
  declare logoutSuccess?: () => unknown;
  /** The session has ended here, but the service could not be told. */
  declare logoutFailure?: (error: CometChatException) => unknown;

  /** Takes what it is given, as it is: any of the four functions. */
  constructor(handlers: LoginHandlers) {
    Object.assign(this, handlers);
  }
}
