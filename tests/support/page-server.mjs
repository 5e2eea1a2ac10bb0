/**
 * The demo page, served by its own Vite: the built page (`preview`, the default) or the development
 * server (`dev`).
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChild } from "./child.mjs";

const WWW = fileURLToPath(new URL("../../www/", import.meta.url));
const VITE = join(WWW, "node_modules", "vite", "bin", "vite.js");

/**
 * @param {{url: string, appId: string, region: string, authKey: string, restApiKey: string}}
 *   emulator the result of `startEmulator`
 * @param {{mode?: "preview" | "dev", env?: Record<string, string>, built?: {outDir?: string}}}
 *   [options] `env` overrides the emulator's values, e.g. `{VITE_AUTH_KEY: "wrong"}`; `built` is
 *   another page server whose build is used, if only the settings of the server differ
 * @returns {Promise<{url: string, outDir: string | undefined, stop: () => Promise<void>}>} `url`
 *   ends with a slash
 */
export async function startPageServer(emulator, { mode = "preview", env: over = {}, built } = {}) {
  if (!existsSync(VITE)) {
    throw new Error('www/ has no node_modules: run "npm ci" there (cargo xtask test does it).');
  }
  const env = {
    VITE_EMULATOR_URL: emulator.url,
    VITE_APP_ID: emulator.appId,
    VITE_REGION: emulator.region,
    VITE_AUTH_KEY: emulator.authKey,
    EMULATOR_REST_API_KEY: emulator.restApiKey,
    NO_COLOR: "1",
    FORCE_COLOR: undefined,
    ...over,
  };
  // A separate folder, because the build contains the emulator's address and test files run in
  // parallel.
  const own =
    mode === "preview" && built === undefined
      ? mkdtempSync(join(tmpdir(), "cometchat-auth-www-"))
      : undefined;
  const outDir = own ?? built?.outDir;
  const clean = () => own !== undefined && rmSync(own, { recursive: true, force: true });
  try {
    if (own !== undefined) {
      build(own, env);
    }
    const port = await freePort();
    const command = outDir === undefined ? [] : ["preview", "--outDir", outDir];
    const child = await startChild({
      name: "the page server",
      command: process.execPath,
      args: [VITE, ...command, "--host", "127.0.0.1", "--port", String(port), "--strictPort"],
      cwd: WWW,
      env,
      ready: (stdout) => /http:\/\/127\.0\.0\.1:\d+\//.exec(stdout)?.[0],
    });
    return {
      url: child.ready,
      outDir,
      async stop() {
        await child.stop();
        clean();
      },
    };
  } catch (error) {
    clean();
    throw error;
  }
}

function build(outDir, env) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [VITE, "build", "--outDir", outDir, "--emptyOutDir"],
    {
      cwd: WWW,
      env: { ...process.env, ...env },
      encoding: "utf8",
    },
  );
  if (status !== 0) {
    throw new Error(`The build of the demo page failed.\n${stdout}${stderr}`);
  }
}

/** A port that is free at the moment. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve, reject) =>
    server.once("error", reject).listen(0, "127.0.0.1", resolve),
  );
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
