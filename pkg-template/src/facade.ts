/**
 * CometChat authentication for the browser. Unofficial.
 *
 * @module cometchat-auth
 */
export type { ErrorCode, OurCode, ServerCode } from "./codes.js";
export { CometChat, type LoginRequest, type LogoutReply } from "./cometchat.js";
/** @internal For the other entries, which share the default client. */
export { loadWith, observe } from "./cometchat.js";
export { CometChatException, isCometChatException, type ErrorModel } from "./exception.js";
export { LoginListener, type LoginHandlers } from "./listener.js";
export type { TokenProvider } from "./provider.js";
export type { SessionState, SessionStore, SessionSubscriber } from "./session-store.js";
export {
  AppSettings,
  AppSettingsBuilder,
  StorageMode,
  type CometChatSettings,
  type Logger,
  type PlainSettings,
} from "./settings.js";
export { User, type ReadonlyUser, type UserObj } from "./user.js";
