/** A session as the browser stores it, created without a page. */
import type { App, EmulatorClient } from "./client.js";

/** The entries of localStorage, in the order in which the client writes them. */
export type Entries = [key: string, value: string][];

/**
 * Logs a user in.
 * @param app The app, or the emulator for its default app.
 * @param uid The user.
 * @returns The entries that the client would have stored.
 */
export async function sessionOf(app: App | EmulatorClient, uid: string): Promise<Entries> {
  const authToken = await app.createAuthToken(uid);
  const response = await fetch(`${app.url}/v3.0/me`, {
    method: "PUT",
    headers: {
      appid: app.appId,
      authtoken: authToken,
      "content-type": "application/json",
      "x-emulator-client": "cometchat-emulator",
    },
    body: JSON.stringify({ platform: "WEB", deviceId: `${app.appId}_${crypto.randomUUID()}` }),
  });
  const reply = (await response.json()) as { data?: Record<string, unknown> };
  if (!response.ok || reply.data === undefined) {
    throw new Error(`"${uid}" could not be logged in: HTTP ${String(response.status)}.`);
  }
  const { settings, ...user } = reply.data;
  delete user["createdAt"];
  delete user["updatedAt"];
  const twice = (value: unknown): string => JSON.stringify(JSON.stringify(value));
  const store = `${app.appId}:common_store`;
  // The user must come last: it tells the client and other tabs that the session is complete.
  return [
    [`${store}/appId`, twice(app.appId)],
    [`${store}/app_settings`, twice(settings)],
    [`${store}/user`, twice({ ...user, authToken, status: "online" })],
  ];
}
