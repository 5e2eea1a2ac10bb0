/**
 * An app's module, compiled strictly against the installed package under each way of resolving
 * modules (package.test.mjs).
 */
import {
  CometChat,
  type CometChatException,
  isCometChatException,
  type User,
} from "cometchat-auth";
import { useLoggedinUser } from "cometchat-auth/react";
import { CometChat as Lazy } from "cometchat-auth/lazy";
import { CometChat as Streamed } from "cometchat-auth/wasm-url";

export async function start(token: string): Promise<User> {
  await Lazy.init("app", { region: "us" });
  await Streamed.init("app", new CometChat.AppSettingsBuilder().setRegion("us").build());
  return (await CometChat.getLoggedinUser()) ?? (await CometChat.login({ authToken: token }));
}

export const codeOf = (error: unknown): CometChatException["code"] | undefined =>
  isCometChatException(error) ? error.code : undefined;

export const title = (): string => useLoggedinUser()?.getName() ?? "no user";

/** Uses the types as an app of the official SDK does. */
export async function asOfficialSdk(user: CometChat.User): Promise<string | undefined> {
  const settings: CometChat.AppSettings = new CometChat.AppSettingsBuilder().build();
  await CometChat.init("app", settings);
  const listener: CometChat.LoginListener = new CometChat.LoginListener({});
  CometChat.addLoginListener("id", listener);
  return CometChat.logout().then(
    () => user.getName(),
    (error: CometChat.CometChatException) => error.code,
  );
}

export const unsubscribe: () => void = CometChat.session.subscribe(({ status, user }) => {
  if (status === "in") console.log(user.getName());
});

// @ts-expect-error a number is no token
void CometChat.login(1);
