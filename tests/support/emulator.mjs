/** The emulator, as its own process on a free port. */
import { emulatorBinary } from "./binaries.mjs";
import { startChild } from "./child.mjs";

/**
 * Starts the emulator with its default seed, in memory.
 *
 * @param {{port?: number, args?: string[]}} [options] port 0, the default, is any free one; `args` go to the emulator as they are
 * @returns {Promise<{url: string, port: number, appId: string, region: string, authKey: string, restApiKey: string, users: string[],
 *   stop: () => Promise<void>, log: () => string}>} the seed as the emulator itself announces it
 */
export async function startEmulator({ port = 0, args = [] } = {}) {
  const child = await startChild({
    name: "the emulator",
    command: emulatorBinary(),
    // The tests' pages have origins such as https://t1.lab.test.
    args: ["--port", String(port), "--allow-origin", "*", ...args],
    ready: readyLine,
  });
  return {
    ...child.ready,
    port: Number(new URL(child.ready.url).port),
    stop: child.stop,
    log: child.stderr,
  };
}

/** The one JSON line on stdout that says it is ready. */
function readyLine(stdout) {
  const complete = stdout.slice(0, stdout.lastIndexOf("\n") + 1);
  for (const line of complete.split("\n")) {
    if (line.startsWith("{")) {
      const value = JSON.parse(line);
      if (value.ready === true) {
        return value;
      }
    }
  }
  return undefined;
}
