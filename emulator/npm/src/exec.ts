/** `cometchat-emulator exec -- COMMAND` runs a command with an emulator of its own. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { Emulator } from "./index.js";

/** Runs the command with the emulator's addresses in its environment. Returns its exit code. */
export async function run(emulator: Emulator, [program = "", ...args]: string[]): Promise<number> {
  const child = spawn(program, args, {
    stdio: "inherit",
    // On Windows, the commands of npm packages are scripts.
    shell: process.platform === "win32",
    env: {
      ...process.env,
      COMETCHAT_EMULATOR_URL: emulator.url,
      COMETCHAT_EMULATOR_APP_ID: emulator.appId,
      COMETCHAT_EMULATOR_REGION: emulator.region,
      COMETCHAT_EMULATOR_AUTH_KEY: emulator.authKey,
      COMETCHAT_EMULATOR_REST_API_KEY: emulator.restApiKey,
    },
  });
  // A terminal sends Ctrl-C to the command too. The emulator runs until the command ends.
  const forward = (signal: NodeJS.Signals): void => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, forward);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", (error: NodeJS.ErrnoException) => {
        const message =
          error.code === "ENOENT"
            ? `there is no command "${program}". Write a program and its arguments after --, ` +
              "or sh -c '…' for shell syntax."
            : `cannot start "${program}": ${error.message}.`;
        reject(new Error(message, { cause: error }));
      });
      child.once("exit", (code, signal) => {
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    });
  } finally {
    for (const signal of signals) process.off(signal, forward);
  }
}
