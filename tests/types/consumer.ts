/** An app's module, compiled strictly against the installed package under each way of resolving modules (package.test.mjs). */
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

export const why = (error: unknown): CometChatException["code"] | undefined =>
  isCometChatException(error) ? error.code : undefined;

export const title = (): string => useLoggedinUser()?.getName() ?? "nobody";

// @ts-expect-error a number is no token
void CometChat.login(1);
