/**
 * The environment of the page tests: emulator, page server and browser for the file, a new browser
 * context for each test.
 */
import { after, before, test } from "node:test";
import { launchBrowser } from "./browser.mjs";
import { startEmulator } from "./emulator.mjs";
import { startPageServer } from "./page-server.mjs";

const WAIT_MS = 8_000;

/**
 * Registers start and stop with the test runner, and returns what tests use.
 *
 * @param {Parameters<typeof startPageServer>[1]} [pageOptions]
 */
export function demoSuite(pageOptions) {
  const demo = {
    /** @type {Awaited<ReturnType<typeof startEmulator>>} */
    emulator: undefined,
    /** @type {Awaited<ReturnType<typeof startPageServer>>} */
    server: undefined,
    /** @type {import("playwright-core").Browser} */
    browser: undefined,

    /**
     * A test in its own browser context. An uncaught exception and a violation of the
     * Content-Security-Policy fail it.
     *
     * @param {string} name the promise
     * @param {(given: {context: import("playwright-core").BrowserContext,
     *   open: () => Promise<import("playwright-core").Page>}) => Promise<void>} body
     * @param {import("playwright-core").BrowserContextOptions} [contextOptions]
     */
    test(name, body, contextOptions) {
      test(name, { timeout: 30_000 }, async () => {
        const context = await demo.browser.newContext(contextOptions);
        context.setDefaultTimeout(WAIT_MS);
        const problems = [];
        context.on("weberror", (error) => problems.push(error.error()));
        context.on("console", (message) => {
          if (/Content Security Policy|TrustedScript|TrustedHTML/.test(message.text())) {
            problems.push(new Error(message.text()));
          }
        });
        /** Opens the demo in a new tab of the context and waits until it has started. */
        const open = async () => {
          const page = await context.newPage();
          await page.goto(demo.server.url, { waitUntil: "commit" });
          await page.locator("main:not([aria-busy])").waitFor();
          return page;
        };
        try {
          await body({ context, open });
          if (problems.length > 0) {
            throw new AggregateError(
              problems,
              `the page reported ${problems.length} problem(s): ${problems.map(String).join("; ")}`,
            );
          }
        } finally {
          await context.close();
        }
      });
    },
  };

  before(async () => {
    // Stored one by one, so that `after` stops them even if a later one does not start.
    demo.emulator = await startEmulator();
    demo.browser = await launchBrowser();
    demo.server = await startPageServer(demo.emulator, pageOptions);
  });
  after(async () => {
    await demo.browser?.close();
    await demo.server?.stop();
    await demo.emulator?.stop();
  });
  return demo;
}

/** The card of a seeded user. */
export function card(page, name) {
  return page.getByRole("button", { name: new RegExp(`^Log in as ${name}\\b`) });
}

/** Logs in by card and waits for the session card. */
export async function logInByCard(page, name) {
  await card(page, name).click();
  await sessionOf(page, name).waitFor();
}

/** The session card of a logged-in user. */
export function sessionOf(page, name) {
  return page.getByRole("region", { name, exact: true });
}

/** The view without a session. */
export function loggedOut(page) {
  return page.getByRole("region", { name: "Pick a user" });
}

/** The problem box. */
export function problem(page) {
  return page.getByRole("alert");
}

/**
 * The events that the listeners received, oldest first, e.g. `["loginSuccess", "logoutSuccess"]`,
 * without the page's own notes.
 */
export async function heard(page) {
  const titles = await page
    .locator("[role=log] li:not([data-kind=note]) .log-title")
    .allTextContents();
  return titles.reverse();
}
