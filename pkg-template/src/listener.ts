import type { CometChatException } from "./exception.js";
import { define, each, member } from "./own.js";
import type { User } from "./user.js";

/** The events of a login listener. */
export const EVENTS = ["loginSuccess", "loginFailure", "logoutSuccess", "logoutFailure"] as const;

/** The callbacks of a login listener. Each is optional. */
export interface LoginHandlers {
  /** A user is logged in now: here or in another tab. */
  loginSuccess?(user: User): unknown;
  /** A login failed. */
  loginFailure?(error: CometChatException): unknown;
  /** A session has ended: here or in another tab. Called once for each session. */
  logoutSuccess?(): unknown;
  /** The session has ended here, but the request to the service has failed. */
  logoutFailure?(error: CometChatException): unknown;
}

/**
 * A login listener. A plain object with the same functions is accepted as well.
 *
 * @example
 * ```ts
 * CometChat.addLoginListener(
 *   "app",
 *   new CometChat.LoginListener({ logoutSuccess: () => location.reload() }),
 * );
 * ```
 */
export class LoginListener implements LoginHandlers {
  /** A user is logged in now: here or in another tab. */
  declare loginSuccess?: (user: User) => unknown;
  /** A login failed. */
  declare loginFailure?: (error: CometChatException) => unknown;
  /** A session has ended: here or in another tab. Called once for each session. */
  declare logoutSuccess?: () => unknown;
  /** The session has ended here, but the request to the service has failed. */
  declare logoutFailure?: (error: CometChatException) => unknown;

  /** @param handlers - Any of the four callbacks. */
  constructor(handlers: LoginHandlers) {
    each(EVENTS, (event) => {
      const handler = member(handlers, event);
      if (handler !== undefined) define(this, event, handler);
    });
  }
}
