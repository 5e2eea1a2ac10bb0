/** The emulator as a process, on a free port. */
import { emulatorBinary } from "./binaries.mjs";
import { startChild } from "./child.mjs";

/**
 * Starts the emulator with its default seed, in memory.
 *
 * @param {{port?: number, args?: string[]}} [options] port 0, the default, is any free one; `args`
 *   are passed to the emulator
 * @returns {Promise<{url: string, port: number, appId: string, region: string, authKey: string,
 *   restApiKey: string, users: string[], stop: () => Promise<void>, log: () => string}>} the data
 *   of the emulator's ready line
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

/** The JSON line on stdout that reports that the emulator is ready. */
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
