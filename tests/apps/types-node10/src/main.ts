import { CometChat, isCometChatException } from "cometchat-auth";
import { CometChat as Lazy } from "cometchat-auth/lazy";
import { CometChat as Streaming } from "cometchat-auth/wasm-url";
import { useLoggedinUser } from "cometchat-auth/react";

export const same: (typeof CometChat)[] = [Lazy, Streaming];
export const hook: () => { getName(): string | undefined } | null | undefined = useLoggedinUser;

export async function name(): Promise<string> {
  try {
    return (await CometChat.login("token")).getName() ?? "";
  } catch (error) {
    return isCometChatException(error) ? error.code : "";
  }
}
