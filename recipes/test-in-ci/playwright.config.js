import { defineConfig } from "@playwright/test";

// `cometchat-emulator exec` passes its address and keys in these variables.
const { CHROMIUM, PORT = "4173", ...env } = process.env;
if (!env.COMETCHAT_EMULATOR_URL)
  throw new Error("run it by `npm test`, which starts the emulator around it");

const url = `http://127.0.0.1:${PORT}/`;

export default defineConfig({
  testDir: "tests",
  // All tests share one emulator. Each test starts with a reset.
  workers: 1,
  forbidOnly: Boolean(env.CI),
  // CHROMIUM: an installed browser, instead of that of `npx playwright install chromium`.
  use: { baseURL: url, launchOptions: { executablePath: CHROMIUM } },
  webServer: {
    command: `npx vite build && npx vite preview --host 127.0.0.1 --port ${PORT} --strictPort`,
    url,
    env: {
      VITE_EMULATOR_URL: env.COMETCHAT_EMULATOR_URL,
      VITE_APP_ID: env.COMETCHAT_EMULATOR_APP_ID,
      VITE_REGION: env.COMETCHAT_EMULATOR_REGION,
      VITE_AUTH_KEY: env.COMETCHAT_EMULATOR_AUTH_KEY,
    },
  },
});
