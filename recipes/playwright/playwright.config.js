import { defineConfig } from "@playwright/test";

// CHROMIUM: an installed browser, instead of that of `npx playwright install chromium`.
const { CHROMIUM, CI, PORT = "4173" } = process.env;
const url = `http://127.0.0.1:${PORT}/`;

export default defineConfig({
  testDir: "tests",
  fullyParallel: true,
  workers: 4,
  forbidOnly: Boolean(CI),
  use: {
    baseURL: url,
    // Chromium has no sandbox for root, the usual user in a container.
    launchOptions: { executablePath: CHROMIUM, chromiumSandbox: process.getuid?.() !== 0 },
  },
  webServer: {
    command: `npx vite build && npx vite preview --host 127.0.0.1 --port ${PORT} --strictPort`,
    url,
  },
});
