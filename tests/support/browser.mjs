/** The headless Chromium of this machine, driven by playwright-core, which has no browser. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const ARGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The options of every start: path of the browser and command line. */
function options({ args = [], ...more }) {
  const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(
      `No Chromium at ${executablePath}. Install it ("apt-get install chromium"), ` +
        "or set CHROMIUM to its path.",
    );
  }
  // The sandbox needs a user namespace, which root does not have.
  return {
    executablePath,
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...ARGS, ...args],
    ...more,
  };
}

/**
 * Starts Chromium from `CHROMIUM` or /usr/bin/chromium. Its contexts are like incognito windows.
 *
 * @param {{args?: string[]}} [given] additional arguments for the command line
 */
export const launchBrowser = async (given = {}) => chromium.launch(options(given));

/**
 * Starts Chromium with a new ordinary profile, in a temporary folder. Chromium follows
 * `<link rel="preconnect">` in such profiles only.
 *
 * @param {{args?: string[]} & import("playwright-core").BrowserContextOptions} [given] additional
 *   arguments for the command line, and options of the context
 */
export const launchProfile = async (given = {}) =>
  chromium.launchPersistentContext("", options(given));
