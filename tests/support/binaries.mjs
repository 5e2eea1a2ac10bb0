/** The programs that the tests start, from cargo's target folder. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** `CCA_EMULATOR_BIN`, or the output of `cargo build -p cometchat-emulator`. */
export function emulatorBinary() {
  return binary(
    "cometchat-emulator",
    process.env.CCA_EMULATOR_BIN,
    'Run "cargo build -p cometchat-emulator", or set CCA_EMULATOR_BIN to its path.',
  );
}

/** The output of `cargo build -p xtask`, which every `cargo xtask` command writes too. */
export function xtaskBinary() {
  return binary("xtask", undefined, 'Run "cargo build -p xtask".');
}

function binary(name, given, advice) {
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
  const candidates = given
    ? [given]
    : ["debug", "release"].map((profile) => join(target, profile, name));
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(`No program at ${candidates.join(" or ")}. ${advice}`);
  }
  return found;
}
