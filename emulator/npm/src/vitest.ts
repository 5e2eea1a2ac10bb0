/**
 * Vitest support: each file has an app of its own. `cometchat-emulator/vitest/setup` starts the
 * emulator.
 *
 * @example
 * import { useApp } from "cometchat-emulator/vitest";
 * const app = useApp();
 * test("a user can be created", async () => {
 *   await app().createUser({ uid: "ann", name: "Ann" });
 * });
 */
import { afterAll, beforeAll } from "vitest";
import { connectEmulator, type App } from "./client.js";
import type { AppContent } from "./types.js";

/**
 * Creates a fresh app before the first test of a file, and removes it after the last.
 * @param content The content of the app. The default is the ten test users.
 * @returns A function that returns the app, for tests and hooks.
 */
export function useApp(content: AppContent = {}): () => App {
  let app: App | undefined;
  beforeAll(async () => {
    const emulator = await connectEmulator();
    app = await emulator.createApp(content);
  });
  afterAll(async () => {
    await app?.remove();
  });
  return () => {
    if (app === undefined) {
      throw new TypeError(
        "The app is created before the first test. Call this in a test or a hook.",
      );
    }
    return app;
  };
}
