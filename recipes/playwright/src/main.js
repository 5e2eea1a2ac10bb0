import { CometChat } from "cometchat-auth";

// The fixture of the tests sets the app and the emulator. Otherwise the build's values are used.
const { VITE_APP_ID, VITE_REGION, VITE_AUTH_KEY } = import.meta.env;
const production = { appId: VITE_APP_ID, region: VITE_REGION, authKey: VITE_AUTH_KEY };
const { url, appId, region, authKey } = globalThis.COMETCHAT_EMULATOR ?? production;

const find = (selector) => document.querySelector(selector);

function show(user) {
  find("#login").hidden = user !== null;
  find("#account").hidden = user === null;
  find("#user").textContent = user?.getName() ?? "";
}

find("#login").onsubmit = async (event) => {
  event.preventDefault();
  const problem = find("[role=alert]");
  problem.textContent = "";
  try {
    await CometChat.login(event.target.uid.value, authKey);
  } catch (error) {
    problem.textContent = error.message;
  }
};
find("#logout").onclick = () => CometChat.logout().catch(console.warn);

CometChat.addLoginListener(
  "page",
  new CometChat.LoginListener({ loginSuccess: show, logoutSuccess: () => show(null) }),
);

const settings = new CometChat.AppSettingsBuilder().setRegion(region);
if (url) settings.useEmulator(url);
await CometChat.init(appId, settings.build());
show(await CometChat.getLoggedinUser());
