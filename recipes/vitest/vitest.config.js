import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // One emulator for all workers; each test file makes an app of its own in it.
    globalSetup: "cometchat-emulator/vitest/setup",
    pool: "forks",
    poolOptions: { forks: { minForks: 4, maxForks: 4 } },
  },
});
