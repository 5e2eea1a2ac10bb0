import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // All workers share one emulator. Each test file creates its own app.
    globalSetup: "cometchat-emulator/vitest/setup",
    pool: "forks",
    poolOptions: { forks: { minForks: 4, maxForks: 4 } },
  },
});
