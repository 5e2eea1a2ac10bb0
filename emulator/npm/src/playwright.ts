/**
 * Playwright with an app of its own for each worker, in the emulator at `COMETCHAT_EMULATOR_URL` or else in one of the worker's.
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
  /** The app of this worker: no other worker sees it. */
  app: App;
}

interface TestFixtures {
  /** Begins the test's page with a session of this user. To be called before `page.goto`. */
  loggedInAs: (uid: string) => Promise<void>;
}

/** Playwright's `test` with the fixtures `emulator`, `app` and `loggedInAs`; pages find the app in `window.COMETCHAT_EMULATOR`. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  emulator: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads from this pattern which fixtures are used.
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
 * Begins a page with a session of a user, without a login form. To be called before `page.goto`.
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
        // Once for each page: a logout is not to be undone by the next navigation.
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
