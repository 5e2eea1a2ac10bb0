/**
 * Playwright fixtures: each worker has an app of its own. The emulator is the one at
 * `COMETCHAT_EMULATOR_URL`, or else one in the process of the worker.
 *
 * @example
 * import { expect, test } from "cometchat-emulator/playwright";
 * test("Ann sees her name", async ({ page, loggedInAs }) => {
 *   await loggedInAs("superhero1");
 *   await page.goto("/");
 *   await expect(page.getByText("Iron Man")).toBeVisible();
 * });
 */
import { test as base, type Page } from "@playwright/test";
import { connectEmulator, type App, type EmulatorClient } from "./client.js";
import { createEmulator } from "./index.js";
import { sessionOf } from "./session.js";

export { expect } from "@playwright/test";

interface WorkerFixtures {
  /** The emulator. */
  emulator: EmulatorClient;
  /** The app of this worker. Other workers do not use it. */
  app: App;
}

interface TestFixtures {
  /** Logs this user in on the test's page. Call it before `page.goto`. */
  loggedInAs: (uid: string) => Promise<void>;
}

/**
 * Playwright's `test` with the fixtures `emulator`, `app` and `loggedInAs`. Pages find the app in
 * `window.COMETCHAT_EMULATOR`.
 */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  emulator: [
    // eslint-disable-next-line no-empty-pattern -- Playwright parses this pattern
    async ({}, use) => {
      if (process.env["COMETCHAT_EMULATOR_URL"] !== undefined) {
        await use(await connectEmulator());
        return;
      }
      const emulator = await createEmulator();
      await use(emulator);
      await emulator.close();
    },
    { scope: "worker" },
  ],
  app: [
    async ({ emulator }, use) => {
      const app = await emulator.createApp();
      await use(app);
      await app.remove();
    },
    { scope: "worker" },
  ],
  page: async ({ page, app }, use) => {
    const { url, appId, region, authKey } = app;
    await page.addInitScript(
      (emulator) => {
        Object.assign(globalThis, { COMETCHAT_EMULATOR: emulator });
      },
      { url, appId, region, authKey },
    );
    await use(page);
  },
  loggedInAs: async ({ page, app }, use) => {
    await use((uid) => loggedInAs(page, uid, app));
  },
});

/**
 * Logs a user in on a page, without a login form. Call it before `page.goto`.
 * @param page The page.
 * @param uid The user.
 * @param app The app that the page uses.
 */
export async function loggedInAs(
  page: Page,
  uid: string,
  app: App | EmulatorClient,
): Promise<void> {
  const entries = await sessionOf(app, uid);
  await page.addInitScript(
    ({ entries, mark }) => {
      try {
        // Only once for each page, so that the next navigation does not undo a logout.
        if (sessionStorage.getItem(mark) !== null) return;
        sessionStorage.setItem(mark, "1");
        for (const [key, value] of entries) localStorage.setItem(key, value);
      } catch {
        // A document without storage, such as about:blank.
      }
    },
    { entries, mark: `cometchat-emulator:${crypto.randomUUID()}` },
  );
}
