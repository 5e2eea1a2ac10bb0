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
  declare loginSuccess?: (user: User) => unknown;
  declare loginFailure?: (error: CometChatException) => unknown;
  declare logoutSuccess?: () => unknown;
  declare logoutFailure?: (error: CometChatException) => unknown;

  constructor(handlers: LoginHandlers) {
    Object.assign(this, handlers);
  }
}
