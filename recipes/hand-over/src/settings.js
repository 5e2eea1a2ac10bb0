import { CometChat } from "cometchat-auth";

export const appId = import.meta.env.VITE_APP_ID;

/** For both: what is said here of presence and sockets does nothing in this package and is kept for the official SDK. */
export const settings = new CometChat.AppSettingsBuilder()
  .setRegion(import.meta.env.VITE_REGION)
  .subscribePresenceForAllUsers()
  .autoEstablishSocketConnection(true)
  .build();
