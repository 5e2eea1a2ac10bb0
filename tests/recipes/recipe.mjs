/**
 * Runs a recipe as a user would: with its own dependencies, its own build, and the packed package.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchBrowser } from "../support/browser.mjs";
import { startEmulator } from "../support/emulator.mjs";
import { install, pack, run } from "../support/packed.mjs";
import { SERVICE_DOMAINS } from "../support/service-domains.mjs";

const RECIPES = fileURLToPath(new URL("../../recipes/", import.meta.url));

export const folderOf = (name) => join(RECIPES, name);

/**
 * The test environment: the packed package, the emulator (also as the service's hosts, by TLS) and
 * Chromium.
 */
export async function startEnvironment() {
  const ends = [];
  const close = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const packed = await pack();
    ends.push(packed.remove);
    const announced = await startEmulator({ args: ["--tls", "--log", "warn"] });
    ends.push(announced.stop);
    // Its port accepts both; developers use it without TLS.
    const emulator = { ...announced, url: `http://127.0.0.1:${announced.port}` };
    const rules = SERVICE_DOMAINS.map((domain) => `MAP *.${domain} 127.0.0.1:${emulator.port}`);
    const browser = await launchBrowser({
      args: [
        `--host-resolver-rules=${rules.join(", ")}`,
        `--ignore-certificate-errors-spki-list=${emulator.tls.spki}`,
      ],
    });
    ends.push(() => browser.close());
    return { packed, emulator, browser, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Installs a recipe and builds it by its own script, if it has one, for this emulator. */
export async function prepare({ packed, emulator }, name, { build = true } = {}) {
  const folder = folderOf(name);
  const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  await install(folder, "cometchat-auth" in dependencies ? packed : undefined);
  if (build) {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    await run(npm, ["run", "build"], {
      cwd: folder,
      env: emulator && { VITE_EMULATOR_URL: emulator.url },
    });
  }
  return folder;
}

/**
 * Runs `work` on a page in its own browser context. Uncaught errors and console errors fail the
 * test, unless they match `expected`.
 *
 * @template T
 * @param {(page: import("playwright-core").Page, context: import("playwright-core").BrowserContext)
 *   => Promise<T>} work
 * @param {{expected?: RegExp}} [options]
 */
export async function onPage({ browser }, work, { expected } = {}) {
  const context = await browser.newContext();
  context.setDefaultTimeout(10_000);
  const faults = [];
  const note = (text) => expected?.test(text) || faults.push(text);
  try {
    context.on("weberror", (error) => note(`uncaught: ${error.error()}`));
    context.on(
      "console",
      (message) => message.type() === "error" && note(`console: ${message.text()}`),
    );
    const result = await work(await context.newPage(), context);
    if (faults.length > 0) throw new Error(faults.join("; "));
    return result;
  } catch (error) {
    throw faults.length > 0
      ? new AggregateError(
          [error, ...faults],
          `${error.message}; on the page: ${faults.join("; ")}`,
        )
      : error;
  } finally {
    await context.close();
  }
}

/** Calls of the emulator's `/emulator/v1`. */
export const control = (emulator) => async (method, path, body) => {
  const reply = await fetch(`${emulator.url}/emulator/v1/${path}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  if (!reply.ok) throw new Error(`the emulator refuses ${method} ${path}: ${await reply.text()}`);
  return (await reply.json()).data;
};

/**
 * The requests in the journal without preflights, as `POST /v3.0/users/superhero1/auth_tokens 200`.
 */
export async function asked(emulator) {
  const journal = await control(emulator)("GET", "requests");
  return journal
    .filter(({ method, socket }) => method !== "OPTIONS" && !socket)
    .map(({ method, path, status }) => `${method} ${path} ${status}`);
}
