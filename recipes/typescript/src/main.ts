import { CometChat, isCometChatException, type User } from "cometchat-auth";

const { VITE_APP_ID, VITE_REGION, VITE_EMULATOR_URL, VITE_AUTH_KEY } = import.meta.env;

const form = document.querySelector<HTMLFormElement>("#login")!;
const account = document.querySelector<HTMLElement>("#account")!;

function show(user: User | null) {
  form.hidden = user !== null;
  account.hidden = user === null;
  document.querySelector("#user")!.textContent = user?.getName() ?? "";
}

/** What to tell the person in front of the page. */
function inWords(error: unknown) {
  if (!isCometChatException(error)) throw error;
  return error.code === "ERR_UID_NOT_FOUND" ? "Nobody is called that here." : error.message;
}

form.onsubmit = async (event) => {
  event.preventDefault();
  const problem = form.querySelector("[role=alert]")!;
  problem.textContent = "";
  try {
    await CometChat.login(form.uid.value, VITE_AUTH_KEY);
  } catch (error) {
    problem.textContent = inWords(error);
  }
};

// It ends the session here even where the service cannot be told; the listener hears of it.
document.querySelector<HTMLButtonElement>("#logout")!.onclick = () =>
  CometChat.logout().catch(console.warn);

// It also hears of other tabs.
CometChat.addLoginListener(
  "page",
  new CometChat.LoginListener({ loginSuccess: show, logoutSuccess: () => show(null) }),
);

const settings = new CometChat.AppSettingsBuilder().setRegion(VITE_REGION);
if (VITE_EMULATOR_URL) settings.useEmulator(VITE_EMULATOR_URL);
await CometChat.init(VITE_APP_ID, settings.build());
show(await CometChat.getLoggedinUser());
