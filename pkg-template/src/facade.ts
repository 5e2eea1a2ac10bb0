/**
 * Being logged in to CometChat from a web page. Unofficial.
 *
 * @module cometchat-auth
 */
export type { ErrorCode, OurCode, ServerCode } from "./codes.js";
export { CometChat, type LoginRequest, type LogoutReply } from "./cometchat.js";
export { CometChatException, isCometChatException, type ErrorModel } from "./exception.js";
/** @internal For the other entries, which share the state of this one. */
export { loadWith, observe } from "./link.js";
export type { TokenProvider } from "./provider.js";
export { LoginListener, type LoginHandlers } from "./listener.js";
export {
  AppSettings,
  AppSettingsBuilder,
  StorageMode,
  type Logger,
  type PlainSettings,
} from "./settings.js";
export { User, type UserObj } from "./user.js";
