/**
 * The service in a few lines, in place of `fetch`: what the cells of patched-platforms.test.mjs
 * talk to.
 */

const KEY = "some-auth-key";

const envelope = (status, body) => ({ status, body: JSON.stringify(body) });
const refusal = (status, code) =>
  envelope(status, { error: { code, message: `Refused: ${code}.` } });

/**
 * @param {string} domain where the settings of a login say that the app's hosts are
 * @returns {(request: Request) => Promise<{status: number, body: string}>}
 */
export function service(domain) {
  const names = new Map([
    ["alice", "Alice"],
    ["bob", "Bob"],
  ]);
  const owners = new Map([
    ["alice_token_0001", "alice"],
    ["bob_token_0001", "bob"],
  ]);
  const user = (uid, more) => ({
    data: { uid, name: names.get(uid), status: "offline", role: "default", ...more },
  });
  const own = (uid, authToken) =>
    user(uid, {
      authToken,
      jwt: "a.b.c",
      settings: {
        CLIENT_API_HOST: `app.apiclient-us.${domain}`,
        CHAT_API_VERSION: "v3.0",
        APP_VERSION: 4,
      },
    });

  return async (request) => {
    const [, first, uid, last] = new URL(request.url).pathname.replace(/^\/v3\.0/, "").split("/");
    const { method } = request;
    const body = await request.text();
    const fields = body === "" ? {} : JSON.parse(body);
    if (first === "me") {
      const token = request.headers.get("authToken");
      const owner = owners.get(token);
      if (owner === undefined) return refusal(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
      if (method === "DELETE") {
        owners.delete(token);
        return envelope(200, { data: { success: true, message: "Logged out." } });
      }
      if (method === "PUT" && typeof fields.name === "string") names.set(owner, fields.name);
      return envelope(200, own(owner, token));
    }
    if (method === "GET") {
      if (!owners.has(request.headers.get("authToken")))
        return refusal(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
      return names.has(uid) ? envelope(200, user(uid)) : refusal(404, "ERR_UID_NOT_FOUND");
    }
    if (request.headers.get("apiKey") !== KEY) return refusal(401, "AUTH_ERR_APIKEY_NOT_FOUND");
    if (last === "auth_tokens") {
      if (!names.has(uid)) return refusal(404, "ERR_UID_NOT_FOUND");
      const authToken = `${uid}_token_${owners.size + 1}000`;
      owners.set(authToken, uid);
      return envelope(200, { data: { uid, authToken } });
    }
    names.set(uid ?? fields.uid, fields.name);
    return envelope(200, user(uid ?? fields.uid));
  };
}
