/** Becomes `cometchat-auth.global.js`, for a plain `<script>`: one file, and one global, `CometChatAuth`, with what the main entry exports. */
export {
  AppSettings,
  AppSettingsBuilder,
  CometChat,
  CometChatException,
  LoginListener,
  StorageMode,
  User,
  isCometChatException,
} from "./index.js";
