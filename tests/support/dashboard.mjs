/**
 * What a test of the emulator's dashboard starts from: emulator and browser for the file, an app
 * and a browser context for each test.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser } from "./browser.mjs";
import { startEmulator } from "./emulator.mjs";

const WAIT_MS = 8_000;

/**
 * Registers start and stop with the test runner and gives back the means to write tests with.
 *
 * @param {{args?: string[]}} [options] what goes on the emulator's command line besides
 */
export function dashboardSuite({ args = [] } = {}) {
  const suite = {
    /** @type {Awaited<ReturnType<typeof startEmulator>>} */
    emulator: undefined,
    /** @type {import("playwright-core").Browser} */
    browser: undefined,

    /**
     * A test with an app of its own. An uncaught error of the page, a violation of the
     * Content-Security-Policy and a request to another origin fail it.
     *
     * @param {string} name what is promised
     * @param {(given: Given) => Promise<void>} body
     * @param {import("playwright-core").BrowserContextOptions} [contextOptions]
     *
     * @typedef {{
     *   app: {id: string, authKey: string, restApiKey: string},
     *   context: import("playwright-core").BrowserContext,
     *   open: (view?: string) => Promise<import("playwright-core").Page>,
     *   service: (
     *     method: string,
     *     path: string,
     *     options?: {body?: unknown, headers?: Record<string, string>},
     *   ) => Promise<Response>,
     *   control: (method: string, path: string, body?: unknown) => Promise<any>,
     *   createToken: (uid?: string) => Promise<string>,
     *   logIn: (token: string) => Promise<Response>,
     * }} Given
     * `open`: the dashboard in a new tab, at a view such as `users`. `service`: a call as a server
     * makes it. `control`: a call of the control API, and its data. `createToken` and `logIn`: what
     * server and client do.
     */
    test(name, body, contextOptions) {
      test(name, { timeout: 120_000 }, async () => {
        const { url } = suite.emulator;
        const control = async (method, path, content) => {
          const response = await fetch(`${url}/emulator/v1${path}`, {
            method,
            body: content === undefined ? undefined : JSON.stringify(content),
          });
          const answer = await response.json();
          assert.ok(response.ok, `${method} ${path}: ${JSON.stringify(answer)}`);
          return answer.data;
        };
        const app = await control("POST", "/apps", {});
        const service = (method, path, { body: content, headers = {} } = {}) =>
          fetch(`${url}${path}`, {
            method,
            headers: {
              appId: app.id,
              apiKey: app.restApiKey,
              "content-type": "application/json",
              ...headers,
            },
            body: content === undefined ? undefined : JSON.stringify(content),
          });
        const context = await suite.browser.newContext(contextOptions);
        context.setDefaultTimeout(WAIT_MS);
        const problems = [];
        context.on("weberror", (error) => problems.push(error.error()));
        context.on("console", (message) => {
          if (/Content Security Policy|TrustedScript|TrustedHTML/.test(message.text())) {
            problems.push(new Error(message.text()));
          }
        });
        context.on("request", (request) => {
          if (!request.url().startsWith(`${url}/`) && !/^(blob|data):/.test(request.url())) {
            problems.push(new Error(`a request to ${request.url()}`));
          }
        });
        try {
          await body({
            app,
            context,
            control,
            service,
            async open(view = "overview") {
              const page = await context.newPage();
              await page.goto(`${url}/#/${app.id}/${view}`);
              await page.getByRole("main").getByRole("heading", { level: 2 }).waitFor();
              return page;
            },
            async createToken(uid = "cometchat-uid-1") {
              const response = await service("POST", `/v3/users/${uid}/auth_tokens`, { body: {} });
              return (await response.json()).data.authToken;
            },
            logIn: (token) =>
              fetch(`${url}/v3.0/me`, {
                method: "PUT",
                headers: { appId: app.id, authToken: token, "content-type": "application/json" },
                body: "{}",
              }),
          });
          if (problems.length > 0) {
            throw new AggregateError(problems, problems.map(String).join("; "));
          }
        } finally {
          await context.close();
        }
      });
    },
  };

  before(async () => {
    suite.emulator = await startEmulator({ args });
    const page = await fetch(`${suite.emulator.url}/`, { headers: { accept: "text/html" } });
    assert.match(
      await page.text(),
      /id="dashboard"/,
      "This emulator was built without its dashboard. Run `npm ci && npm run build` in " +
        "emulator/dashboard, then build the emulator again.",
    );
    suite.browser = await launchBrowser();
  });
  after(async () => {
    await suite.browser?.close();
    await suite.emulator?.stop();
  });
  return suite;
}

/** The message that tells what was just done. */
export const said = (page, text) => page.getByRole("status").getByText(text).last().waitFor();

/** Name and place of what has the focus. */
export const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const overlay = getComputedStyle(element, "::after");
    return {
      name: (element.getAttribute("aria-label") ?? element.textContent).trim().replace(/\s+/g, " "),
      tag: element.tagName.toLowerCase(),
      label: element.labels?.[0]?.textContent ?? "",
      // Rows of a table show the focus around the whole row.
      shown: style.outlineStyle !== "none" || overlay.outlineStyle !== "none",
    };
  });

/** What the clipboard has; the context needs the permission to read it. */
export const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

export const CLIPBOARD = { permissions: ["clipboard-read", "clipboard-write"] };
