/** The page's side of “your server”. The REST API key is in `server/your-server.ts`. */
import { YourServerError } from "./errors.ts";

/** Requests a fresh auth token for `uid`. Throws `YourServerError`. */
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
      "The server of this page does not respond any more.",
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
