/** Child processes that are killed at the latest when the tests exit. */
import { spawn } from "node:child_process";
import { once } from "node:events";

const running = new Set();
process.on("exit", () => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
});

/**
 * Starts `command` and resolves with the first result of `ready(stdoutSoFar)` that is not
 * `undefined`. Rejects with the end of the output if the process exits or is not ready in time.
 *
 * @template T
 * @param {{name: string, command: string, args: string[], cwd?: string,
 *   env?: Record<string, string | undefined>, ready: (stdout: string) => T | undefined,
 *   timeoutMs?: number}} options
 * @returns {Promise<{ready: T, stop: () => Promise<void>, stderr: () => string,
 *   stdout: () => string}>} `stop` ends it with SIGTERM, after 3 s with SIGKILL
 */
export async function startChild({ name, command, args, cwd, env, ready, timeoutMs = 20_000 }) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let stdout = "";
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const exited = once(child, "exit").finally(() => running.delete(child));
  exited.catch(() => undefined);

  const said = () => `\n--- ${name} said ---\n${(stdout + stderr).slice(-2000)}`;
  const value = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${name} was not ready after ${timeoutMs / 1000} s (${command}).${said()}`));
    }, timeoutMs);
    child.once("error", (cause) => {
      clearTimeout(timer);
      running.delete(child);
      reject(new Error(`${name} did not start (${command}): ${cause.message}`, { cause }));
    });
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      reject(
        new Error(`${name} ended before it was ready (${signal ?? `exit code ${code}`}).${said()}`),
      );
    });
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      const found = ready(stdout);
      if (found !== undefined) {
        clearTimeout(timer);
        resolve(found);
      }
    });
  });

  return {
    ready: value,
    stdout: () => stdout,
    stderr: () => stderr,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) {
        return;
      }
      child.kill("SIGTERM");
      const hard = setTimeout(() => child.kill("SIGKILL"), 3_000);
      await exited;
      clearTimeout(hard);
    },
  };
}
