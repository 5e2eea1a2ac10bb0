/**
 * A minimal client written by hand, for comparison. It sends the same requests and stores the same
 * entries as the package (docs/reference/rules.md, B12 and B16). It is not complete: no timeouts,
 * other tabs, listeners, concurrent calls, checks of responses, or handling of refused storage.
 */
const VERSION = "4.2.0";
const API = "v3.0";

let app;

const stored = (key) => {
  const text = localStorage.getItem(app.id + key);
  return text === null ? null : JSON.parse(JSON.parse(text));
};
const store = (key, value) =>
  localStorage.setItem(app.id + key, JSON.stringify(JSON.stringify(value)));
const forget = () => {
  localStorage.removeItem(app.id + ":common_store/user");
  localStorage.removeItem(app.id + ":common_store/app_settings");
};

class CometChatException extends Error {
  constructor({ code, message, details }) {
    super(message);
    Object.assign(this, { code, name: code, details });
  }
}

class User {
  constructor(from) {
    Object.assign(this, from);
    delete this.wsChannel;
    delete this.jwt;
  }
  getUid() {
    return this.uid;
  }
  getName() {
    return this.name;
  }
  getAvatar() {
    return this.avatar;
  }
  getAuthToken() {
    return this.authToken;
  }
  getMetadata() {
    return this.metadata;
  }
  getRole() {
    return this.role;
  }
  getStatus() {
    return this.status;
  }
  getTags() {
    return this.tags;
  }
}

/** The stored fields of a user, if truthy. */
const FIELDS = [
  "uid",
  "name",
  "authToken",
  "avatar",
  "lastActiveAt",
  "link",
  "metadata",
  "role",
  "statusMessage",
  "tags",
  "wsChannel",
  "jwt",
];

function entry(data, authToken) {
  const user = { hasBlockedMe: false, blockedByMe: false, deactivatedAt: 0 };
  for (const field of FIELDS) if (data[field]) user[field] = data[field];
  return { ...user, authToken, status: "online" };
}

async function send(method, host, path, credential, body, keepalive = false) {
  let reply;
  try {
    const response = await fetch(`https://${host}/${API}${path}`, {
      method,
      keepalive,
      body: body && JSON.stringify(body),
      headers: {
        appId: app.id,
        Accept: "application/json",
        "Content-Type": "application/json",
        sdk: "javascript@" + VERSION,
        resource: sessionStorage.getItem("sessionId"),
        ...credential,
      },
    });
    reply = await response.json();
  } catch (cause) {
    throw new CometChatException({ code: "FAILED_TO_FETCH", message: String(cause) });
  }
  if (!reply.data) throw new CometChatException(reply.error);
  return reply.data;
}

const adminHost = () => `${app.id}.api-${app.region}.cometchat.io`;
const clientHost = () =>
  stored(":common_store/app_settings")?.CLIENT_API_HOST ??
  `${app.id}.apiclient-${app.region}.cometchat.io`;

export const CometChat = {
  async init(id, { region = "eu" } = {}) {
    app = { id, region };
    store(":common_store/appId", id);
    const key = id + ":keys_store/deviceId";
    app.device = JSON.parse(localStorage.getItem(key));
    if (!app.device) {
      app.device = `${id}_${crypto.randomUUID()}_${Date.now()}`;
      localStorage.setItem(key, JSON.stringify(app.device));
    }
    localStorage.setItem(id + ":keys_store/integrationSource", '"manual"');
    if (!sessionStorage.getItem("sessionId")) {
      sessionStorage.setItem(
        "sessionId",
        `WEB-${VERSION.replaceAll(".", "_")}-${crypto.randomUUID()}-${Date.now()}`,
      );
    }
    return true;
  },

  async login(uidOrToken, authKey) {
    const there = stored(":common_store/user");
    const same =
      authKey === undefined
        ? there?.authToken === uidOrToken
        : there?.uid.toLowerCase() === uidOrToken.toLowerCase();
    if (there && same) return new User(there);

    const device = {
      platform: "WEB",
      deviceId: app.device,
      appInfo: { version: "v" + VERSION, apiVersion: API, userAgent: navigator.userAgent },
    };
    let token = uidOrToken;
    if (authKey !== undefined) {
      const path = `/users/${encodeURIComponent(uidOrToken)}/auth_tokens`;
      token = (await send("POST", adminHost(), path, { apiKey: authKey }, device)).authToken;
    }
    const data = await send("PUT", clientHost(), "/me", { authToken: token }, device);
    const user = entry(data, token);
    forget();
    if (data.settings) store(":common_store/app_settings", data.settings);
    store(":common_store/user", user);
    return new User(user);
  },

  async getLoggedinUser() {
    const user = stored(":common_store/user");
    return user && new User(user);
  },

  async logout() {
    const user = stored(":common_store/user");
    if (!user)
      throw new CometChatException({ code: "USER_NOT_LOGGED_IN", message: "Nobody is logged in." });
    const host = clientHost();
    forget();
    sessionStorage.removeItem("sessionId");
    return send("DELETE", host, "/me", { authToken: user.authToken }, undefined, true);
  },
};
