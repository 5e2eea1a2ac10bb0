import { appId, settings } from "./settings.js";

let chat;

/**
 * Loads the official SDK at the first call. It finds the stored session, so it is logged in after
 * its `init`, without a request.
 */
export function openChat() {
  chat ??= load().catch((error) => {
    // The next click loads it again.
    chat = undefined;
    throw error;
  });
  return chat;
}

async function load() {
  const { CometChat } = await import("@cometchat/chat-sdk-javascript");
  await CometChat.init(appId, settings);
  return CometChat;
}

/**
 * The client to log out with: the official SDK if it is loaded, because it has a socket to close.
 */
export const loaded = () => chat;
