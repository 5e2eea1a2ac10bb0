import { CometChat } from "cometchat-auth";

const find = (selector) => document.querySelector(selector);

async function ask(path, method = "GET", body) {
  const headers = body && { "Content-Type": "application/json" };
  const reply = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status}`);
  return reply.status === 204 ? null : reply.json();
}

/** Called only if no user is logged in to CometChat, so most visits need no token. */
const freshToken = async () => (await ask("/token", "POST")).authToken;

/**
 * Logs the app's user in to CometChat. With `uid`, a stored session of another user is replaced.
 */
async function follow({ uid }) {
  const user = uid === null ? null : await CometChat.login({ uid, authToken: freshToken });
  find("#login").hidden = user !== null;
  find("#account").hidden = user === null;
  find("#user").textContent = user?.getName() ?? "";
}

/** An event handler that shows its error. */
const handled = (work) => async (event) => {
  event?.preventDefault();
  find("[role=alert]").textContent = "";
  try {
    await work(event);
  } catch (error) {
    find("[role=alert]").textContent = error.message;
  }
};

find("#login").onsubmit = handled(async ({ target }) =>
  follow(await ask("/session", "POST", { uid: target.uid.value })),
);

find("#logout").onclick = handled(async () => {
  // First CometChat, which revokes the token. Then the app, also if the first logout failed.
  await CometChat.logout().catch(console.warn);
  await follow(await ask("/session", "DELETE"));
});

await handled(async () => {
  const { appId, region, emulatorUrl, ...session } = await ask("/session");
  const settings = new CometChat.AppSettingsBuilder().setRegion(region);
  if (emulatorUrl) settings.useEmulator(emulatorUrl);
  await CometChat.init(appId, settings.build());
  await follow(session);
})();
