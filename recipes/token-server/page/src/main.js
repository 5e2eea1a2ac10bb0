import { CometChat } from "cometchat-auth";

const find = (selector) => document.querySelector(selector);

async function ask(path, method = "GET", body) {
  const headers = body && { "Content-Type": "application/json" };
  const reply = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status}`);
  return reply.status === 204 ? null : reply.json();
}

/** Asked for only where nobody is logged in to CometChat, so that most visits cost your server nothing. */
const freshToken = async () => (await ask("/token", "POST")).authToken;

/** Makes CometChat's session that of the app: with `uid`, so that one of somebody else, left in this browser, does not count. */
async function follow({ uid }) {
  const user = uid === null ? null : await CometChat.login({ uid, authToken: freshToken });
  find("#login").hidden = user !== null;
  find("#account").hidden = user === null;
  find("#user").textContent = user?.getName() ?? "";
}

/** An event handler whose failure is shown. */
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
  // First CometChat's, whose token is revoked by it; then the app's own, whatever came of the first.
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
