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

/**
 * Starts it; `CHROMIUM` says where it is if not at /usr/bin/chromium.
 *
 * @param {{args?: string[]}} [options] what goes on its command line besides
 */
export async function launchBrowser({ args = [] } = {}) {
  const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(`No Chromium at ${executablePath}. Install it ("apt-get install chromium"), or set CHROMIUM to where it is.`);
  }
  // Root has no user namespace to put the sandbox in; everybody else keeps it.
  return chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0, args: [...ARGS, ...args] });
}
