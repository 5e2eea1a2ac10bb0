import { CometChat } from "cometchat-auth";

const { VITE_APP_ID, VITE_REGION, VITE_EMULATOR_URL, VITE_AUTH_KEY } = import.meta.env;
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
    await CometChat.login(event.target.uid.value, VITE_AUTH_KEY);
  } catch (error) {
    problem.textContent = error.message;
  }
};
find("#logout").onclick = () => CometChat.logout().catch(console.warn);

CometChat.addLoginListener(
  "page",
  new CometChat.LoginListener({ loginSuccess: show, logoutSuccess: () => show(null) }),
);

const settings = new CometChat.AppSettingsBuilder().setRegion(VITE_REGION);
if (VITE_EMULATOR_URL) settings.useEmulator(VITE_EMULATOR_URL);
await CometChat.init(VITE_APP_ID, settings.build());
show(await CometChat.getLoggedinUser());
