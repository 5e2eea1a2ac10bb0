/**
 * Vitest's global set-up: one emulator for all files.
 *
 * @example
 * export default defineConfig({ test: { globalSetup: "cometchat-emulator/vitest/setup" } });
 */
import { createEmulator } from "./index.js";

/**
 * Starts the emulator, unless `COMETCHAT_EMULATOR_URL` names one.
 * @returns The function that stops it.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env["COMETCHAT_EMULATOR_URL"] !== undefined) return undefined;
  const emulator = await createEmulator();
  // Vitest's workers inherit the environment of this process.
  process.env["COMETCHAT_EMULATOR_URL"] = emulator.url;
  return async () => {
    delete process.env["COMETCHAT_EMULATOR_URL"];
    await emulator.close();
  };
}
