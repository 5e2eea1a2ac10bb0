/** All the page does with the package, in one place: this is the part to copy. */
import { CometChat, type CometChatException, type User } from "cometchat-auth";
import type { Config } from "./config.ts";
import { mintToken } from "./your-server.ts";

export type LoginEvent =
  | { type: "loginSuccess"; user: User }
  | { type: "loginFailure"; error: CometChatException }
  | { type: "logoutSuccess" }
  | { type: "logoutFailure"; error: CometChatException };

/** Listens, then initialises. Rejects with what `init` rejects with. */
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

/** Development only: whoever has the auth key can log in as anyone. */
export function loginWithKey(uid: string, authKey: string): Promise<User> {
  return CometChat.login(uid, authKey);
}

/** What a real page does: its own server, which knows who is asking, hands it a token. */
export async function loginThroughYourServer(uid: string): Promise<User> {
  const authToken = await mintToken(uid);
  return CometChat.login(authToken);
}

export async function logout(): Promise<void> {
  await CometChat.logout();
}

/** Who is logged in: read from this device, without a request. */
export function loggedInUser(): Promise<User | null> {
  return CometChat.getLoggedinUser();
}

export function sessionFacts(): { persistence: string | null; appId: string | null } {
  return { persistence: CometChat.persistence, appId: CometChat.getAppId() ?? null };
}
