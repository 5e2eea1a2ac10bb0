import { CometChat } from "cometchat-auth";
import { NextResponse } from "next/server";

export const config = { matcher: "/edge" };

/** Runs at the edge, before the route of the same name. */
export function middleware() {
  const response = NextResponse.next();
  response.headers.set("x-cometchat", CometChat.isInitialized() ? "initialised" : "imported");
  return response;
}
