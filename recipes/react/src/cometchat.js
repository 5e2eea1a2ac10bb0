import { CometChat } from "cometchat-auth";

const { VITE_APP_ID, VITE_REGION, VITE_EMULATOR_URL } = import.meta.env;
const settings = new CometChat.AppSettingsBuilder().setRegion(VITE_REGION);
if (VITE_EMULATOR_URL) settings.useEmulator(VITE_EMULATOR_URL);

// No `await` is needed: every call waits for `init`, and rejects with its error.
CometChat.init(VITE_APP_ID, settings.build()).catch(console.error);
