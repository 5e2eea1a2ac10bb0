/**
 * Vitest with an app of its own for each file. `cometchat-emulator/vitest/setup` starts the emulator.
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
 * Makes a fresh app before the first test of a file, and removes it after the last.
 * @param content What the app begins with; the ten test users if left out.
 * @returns What gives the app, in tests and hooks.
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
      throw new TypeError("The app is made before the first test. Ask for it in a test or a hook.");
    }
    return app;
  };
}
