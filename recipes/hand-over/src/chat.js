import { appId, settings } from "./settings.js";

let chat;

/** The official SDK, loaded by the first call: it finds the session and is logged in after its `init`, without asking the service. */
export function openChat() {
  chat ??= load().catch((error) => {
    // The next click tries again.
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

/** Who is to log out: once the official SDK is on the page it has the token in memory too, and a socket to close. */
export const loaded = () => chat;
