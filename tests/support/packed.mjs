/** The package as npm packs it, installed as an app installs it. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageFolder } from "./package.mjs";

/** Runs a program to its end and returns its output. Rejects with the output if it fails. */
export function run(command, args, { cwd, env, timeoutMs = 300_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: timeoutMs,
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (said += text));
    }
    child.once("error", reject);
    child.once("close", (status, signal) =>
      status === 0
        ? resolve(said)
        : reject(
            new Error(
              `${[command, ...args].join(" ")} failed (${signal ?? status}):\n${said.slice(-4000)}`,
            ),
          ),
    );
  });
}

const npm = (args, cwd) =>
  run(
    process.platform === "win32" ? "npm.cmd" : "npm",
    [...args, "--ignore-scripts", "--no-audit", "--no-fund"],
    { cwd },
  );

const sha256 = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");

/**
 * Packs the built package. `CCA_TARBALL` names a packed one instead: a release is tested as the
 * file that is published.
 *
 * @returns {Promise<{file: string, hash: string, remove: () => void}>}
 */
export async function pack() {
  const given = process.env.CCA_TARBALL;
  if (given) return { file: given, hash: sha256(given), remove: () => {} };
  const folder = mkdtempSync(join(tmpdir(), "cometchat-auth-packed-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    await npm(["pack", "--pack-destination", folder], packageFolder());
    const file = join(
      folder,
      readdirSync(folder).find((name) => name.endsWith(".tgz")),
    );
    return { file, hash: sha256(file), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * Installs the folder's locked dependencies and the packed package, if there is one. Does nothing
 * if they are installed.
 */
export async function install(folder, packed) {
  const file = join(folder, "node_modules", ".installed-by-tests");
  const lock = ["package.json", "package-lock.json"]
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("");
  const there = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  if (there.lock !== lock) {
    await npm(["ci"], folder);
  }
  if (packed !== undefined && (there.lock !== lock || there.packed !== packed.hash)) {
    await npm(["install", "--no-save", packed.file], folder);
  }
  writeFileSync(file, JSON.stringify({ lock, packed: packed?.hash ?? there.packed }));
}
