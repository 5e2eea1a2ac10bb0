/** `cometchat-emulator init`: a seed file to start from. */
import { readFileSync, writeFileSync } from "node:fs";

/** Writes the file, unless it is there. Returns the exit code. */
export function init(file: string): number {
  const starter = readFileSync(new URL("../seed.starter.json", import.meta.url));
  try {
    writeFileSync(file, starter, { flag: "wx" });
  } catch (error) {
    const there = (error as NodeJS.ErrnoException).code === "EEXIST";
    const reason = there ? "it is there already" : (error as Error).message;
    process.stderr.write(`cometchat-emulator: cannot write ${file}: ${reason}.\n`);
    return 1;
  }
  process.stdout.write(`Wrote ${file}. Start with: cometchat-emulator --seed ${file}\n`);
  return 0;
}
