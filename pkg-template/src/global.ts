/**
 * The source of `cometchat-auth.global.js`, for a plain `<script>`: one file with one global,
 * `CometChatAuth`, which holds what the main entry exports. It exports nothing itself: see
 * `glue.ts`.
 */
import {
  AppSettings,
  AppSettingsBuilder,
  CometChat,
  CometChatException,
  LoginListener,
  StorageMode,
  User,
  isCometChatException,
} from "./index.js";

(globalThis as { CometChatAuth?: object }).CometChatAuth = {
  AppSettings,
  AppSettingsBuilder,
  CometChat,
  CometChatException,
  LoginListener,
  StorageMode,
  User,
  isCometChatException,
};
