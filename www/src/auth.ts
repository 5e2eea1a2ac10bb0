/** Everything the page does with the package. This is the file to copy. */
import { CometChat, type CometChatException, type User } from "cometchat-auth";
import type { Config } from "./config.ts";
import { mintToken } from "./your-server.ts";

export type LoginEvent =
  | { type: "loginSuccess"; user: User }
  | { type: "loginFailure"; error: CometChatException }
  | { type: "logoutSuccess" }
  | { type: "logoutFailure"; error: CometChatException };

/** Adds the listeners, then initialises the package. Rejects with the error of `init`. */
export async function start(config: Config, onEvent: (event: LoginEvent) => void): Promise<void> {
  CometChat.addLoginListener(
    "demo",
    new CometChat.LoginListener({
      loginSuccess: (user: User) => onEvent({ type: "loginSuccess", user }),
      loginFailure: (error: CometChatException) => onEvent({ type: "loginFailure", error }),
      logoutSuccess: () => onEvent({ type: "logoutSuccess" }),
      logoutFailure: (error: CometChatException) => onEvent({ type: "logoutFailure", error }),
    }),
  );
  const settings = new CometChat.AppSettingsBuilder()
    .setRegion(config.region)
    .useEmulator(config.emulatorUrl)
    .build();
  await CometChat.init(config.appId, settings);
}

/** Logs in with the auth key. For development only: the auth key logs in any user. */
export function loginWithKey(uid: string, authKey: string): Promise<User> {
  return CometChat.login(uid, authKey);
}

/** Logs in with an auth token from the app's own server, as a real page does. */
export async function loginThroughYourServer(uid: string): Promise<User> {
  const authToken = await mintToken(uid);
  return CometChat.login(authToken);
}

export async function logout(): Promise<void> {
  await CometChat.logout();
}

/** Reads the logged-in user from storage, without a request. */
export function loggedInUser(): Promise<User | null> {
  return CometChat.getLoggedinUser();
}

export function sessionFacts(): { persistence: string | null; appId: string | null } {
  return { persistence: CometChat.persistence, appId: CometChat.getAppId() ?? null };
}
