/**
 * The Vitest and the Playwright recipe at the same time, with four workers each, in one emulator:
 * 200 tests whose apps must not affect each other. `CCA_EMULATOR_PACKAGE` names the emulator's
 * package if it is built already; else it is built first.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startEmulator } from "../support/emulator.mjs";
import { pack, run } from "../support/packed.mjs";
import { prepare } from "./recipe.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const TEST = { timeout: 600_000 };
const timeoutMs = 400_000;

test("200 tests of two runners share one emulator without interference", TEST, async () => {
  if (process.env.CCA_EMULATOR_PACKAGE === undefined) {
    execFileSync("cargo", ["xtask", "emulator-package"], { cwd: ROOT, stdio: "pipe" });
  }
  const packed = await pack();
  const folders = {};
  try {
    for (const name of ["vitest", "playwright"]) {
      folders[name] = await prepare({ packed }, name, { build: false });
    }
  } finally {
    packed.remove();
  }
  const emulator = await startEmulator({ args: ["--log", "warn"] });
  try {
    const env = { COMETCHAT_EMULATOR_URL: emulator.url, CHROMIUM, NODE_TEST_CONTEXT: undefined };
    const runner = (name, program, ...args) =>
      run(process.execPath, [`node_modules/${program}`, ...args], {
        cwd: folders[name],
        env,
        timeoutMs,
      });
    const [vitest, playwright] = await Promise.all([
      runner("vitest", "vitest/vitest.mjs", "run"),
      runner("playwright", "@playwright/test/cli.js", "test", "--reporter=line"),
    ]);
    assert.match(vitest, /Tests\s+100 passed \(100\)/);
    assert.match(playwright, /^\s*100 passed/m);
    assert.doesNotMatch(playwright, /flaky|failed/);
    const apps = await fetch(`${emulator.url}/emulator/v1/apps`);
    const left = (await apps.json()).data.map(({ id }) => id);
    assert.deepEqual(left, ["emulator-app"], "every runner removed its apps");
  } finally {
    await emulator.stop();
  }
});
