import { CometChat } from "cometchat-auth";

export const appId = import.meta.env.VITE_APP_ID;

/** The settings of both packages. Presence and socket settings only affect the official SDK. */
export const settings = new CometChat.AppSettingsBuilder()
  .setRegion(import.meta.env.VITE_REGION)
  .subscribePresenceForAllUsers()
  .autoEstablishSocketConnection(true)
  .build();
