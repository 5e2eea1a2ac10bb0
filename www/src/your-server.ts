/** The page's side of “your server”: asking for an auth token. The REST API key is on the other side (`server/your-server.ts`). */
import { YourServerError } from "./errors.ts";

/** A fresh auth token for `uid`. Throws `YourServerError`. */
export async function mintToken(uid: string): Promise<string> {
  let reply: Response;
  let body: unknown;
  try {
    reply = await fetch("/your-server/token", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ uid }),
    });
    body = await reply.json().catch(() => undefined);
  } catch {
    throw new YourServerError(
      "YOUR_SERVER_NOT_REACHED",
      "The server this page came from does not answer any more.",
      undefined,
    );
  }
  const { authToken, error } = (body ?? {}) as {
    authToken?: unknown;
    error?: { code?: unknown; message?: unknown };
  };
  if (reply.ok && typeof authToken === "string") {
    return authToken;
  }
  if (typeof error?.code === "string" && typeof error.message === "string") {
    throw new YourServerError(error.code, error.message, reply.status);
  }
  throw new YourServerError(
    "YOUR_SERVER_MISSING",
    "There is no token server at /your-server/token.",
    reply.status,
  );
}
