/** `cometchat-emulator init` writes a seed file to start from. */
import { readFileSync, writeFileSync } from "node:fs";

/** Writes the file, unless it exists. Returns the exit code. */
export function init(file: string): number {
  const starter = readFileSync(new URL("../seed.starter.json", import.meta.url));
  try {
    writeFileSync(file, starter, { flag: "wx" });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === "EEXIST";
    const reason = exists ? "the file exists already" : (error as Error).message;
    process.stderr.write(`cometchat-emulator: cannot write ${file}: ${reason}.\n`);
    return 1;
  }
  process.stdout.write(`Wrote ${file}. Start with: cometchat-emulator --seed ${file}\n`);
  return 0;
}
