import { CometChat, isCometChatException } from "cometchat-auth";

export const runtime = "edge";

/** The edge runtime compiles no WebAssembly: importing is harmless, and a call says so. */
export async function GET() {
  try {
    await CometChat.init("emulator-app", { region: "us" });
    return new Response("initialised");
  } catch (error) {
    return new Response(isCometChatException(error) ? error.code : String(error));
  }
}
