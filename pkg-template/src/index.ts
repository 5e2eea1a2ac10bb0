/** Being logged in to CometChat from a web page. Unofficial. */
export type { ErrorCode, OurCode, ServerCode } from "./codes.js";
export { CometChat, type LoginRequest, type LogoutReply } from "./cometchat.js";
export { CometChatException, isCometChatException, type ErrorModel } from "./exception.js";
export type { TokenProvider } from "./link.js";
export { LoginListener, type LoginHandlers } from "./listener.js";
export { AppSettings, AppSettingsBuilder, StorageMode, type Logger, type PlainSettings } from "./settings.js";
export { User, type UserObj } from "./user.js";
