import { CometChat, isCometChatException, type User } from "cometchat-auth";

const { VITE_APP_ID, VITE_REGION, VITE_EMULATOR_URL, VITE_AUTH_KEY } = import.meta.env;

const form = document.querySelector<HTMLFormElement>("#login")!;
const account = document.querySelector<HTMLElement>("#account")!;

function show(user: User | null) {
  form.hidden = user !== null;
  account.hidden = user === null;
  document.querySelector("#user")!.textContent = user?.getName() ?? "";
}

/** The message for the user. */
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

// The local session ends even if the request fails, and the listener is called.
document.querySelector<HTMLButtonElement>("#logout")!.onclick = () =>
  CometChat.logout().catch(console.warn);

// The listener is also called for other tabs.
CometChat.addLoginListener(
  "page",
  new CometChat.LoginListener({ loginSuccess: show, logoutSuccess: () => show(null) }),
);

const settings = new CometChat.AppSettingsBuilder().setRegion(VITE_REGION);
if (VITE_EMULATOR_URL) settings.useEmulator(VITE_EMULATOR_URL);
await CometChat.init(VITE_APP_ID, settings.build());
show(await CometChat.getLoggedinUser());
