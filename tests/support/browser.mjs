/** A headless Chromium of the machine, driven by playwright-core (which brings no browser of its own). */
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

/** Where it is and what goes on its command line; the same for everybody who starts one. */
function options({ args = [], ...more }) {
  const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(
      `No Chromium at ${executablePath}. Install it ("apt-get install chromium"), or set CHROMIUM to where it is.`,
    );
  }
  // Root has no user namespace to put the sandbox in; everybody else keeps it.
  return {
    executablePath,
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...ARGS, ...args],
    ...more,
  };
}

/**
 * Starts it; `CHROMIUM` says where it is if not at /usr/bin/chromium. Its contexts are off the record, as incognito windows are.
 *
 * @param {{args?: string[]}} [given] what goes on its command line besides
 */
export const launchBrowser = async (given = {}) => chromium.launch(options(given));

/**
 * Starts one with an ordinary profile, new and in a folder of its own that goes when it is closed. Needed where it matters what visitors have: Chromium
 * follows `<link rel="preconnect">` in such profiles only, not off the record.
 *
 * @param {{args?: string[]} & import("playwright-core").BrowserContextOptions} [given] what goes on its command line besides, and what contexts take
 */
export const launchProfile = async (given = {}) =>
  chromium.launchPersistentContext("", options(given));
