import { CometChat } from "cometchat-auth";

const { VITE_APP_ID, VITE_REGION, VITE_EMULATOR_URL } = import.meta.env;
const settings = new CometChat.AppSettingsBuilder().setRegion(VITE_REGION);
if (VITE_EMULATOR_URL) settings.useEmulator(VITE_EMULATOR_URL);

// Nobody has to wait for it: every call does so by itself, and rejects as it does.
CometChat.init(VITE_APP_ID, settings.build()).catch(console.error);
