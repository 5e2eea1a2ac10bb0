/** Records what `cargo xtask test` starts, by fake programs. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { xtaskBinary } from "../support/binaries.mjs";
import { run } from "../support/packed.mjs";
import { ROOT } from "./markdown.mjs";

/** The folder that pins wasm-bindgen-cli. */
export const WASM_BINDGEN_CLI = "tools/wasm-bindgen-cli";

/** The version that it pins. */
export function wasmBindgenVersion() {
  const manifest = readFileSync(join(ROOT, WASM_BINDGEN_CLI, "Cargo.toml"), "utf8");
  return /^wasm-bindgen-cli = .*"=([^"]+)"/m.exec(manifest)[1];
}

/** A program for Node.js. `replies`: what it prints, by its name and first argument. */
const program = (log, replies) => `#!${process.execPath}
const { appendFileSync, mkdirSync } = require("node:fs");
const { basename } = require("node:path");
const [, file, ...args] = process.argv;
const called = basename(file) + " " + args.join(" ");
appendFileSync(${JSON.stringify(log)}, called + "\\n");
const replies = ${JSON.stringify(replies)};
console.log(replies[basename(file) + " " + args[0]] ?? "");
if (called.startsWith("cargo install"))
  mkdirSync(args[args.indexOf("--target-dir") + 1], { recursive: true });
`;

/**
 * Runs `cargo xtask test --only browser` with a PATH of fake programs. `id` says that the user is
 * root. It fails before it builds anything.
 *
 * @param {string[]} options
 * @param {Record<string, string>} env
 * @returns {Promise<{commands: string[], error: string}>} what it started, and why it failed
 */
export async function testWithFakePrograms(options, env) {
  const folder = mkdtempSync(join(tmpdir(), "cometchat-auth-fake-programs-"));
  try {
    const programs = join(folder, "bin");
    const rustlib = join(folder, "lib/rustlib");
    for (const path of [
      programs,
      `${rustlib}/wasm32-unknown-unknown`,
      `${rustlib}/src/rust/library`,
    ])
      mkdirSync(path, { recursive: true });
    const log = join(folder, "log");
    const replies = {
      "cargo metadata": JSON.stringify({ target_directory: join(folder, "target") }),
      "cargo pkgid": `registry#wasm-bindgen@${wasmBindgenVersion()}`,
      "rustc --print": folder,
      "id -u": "0",
    };
    for (const name of ["apt-get", "cargo", "id", "rustc", "rustup"])
      writeFileSync(join(programs, name), program(log, replies), { mode: 0o755 });
    const all = { PATH: programs, CARGO: undefined, XDG_CACHE_HOME: join(folder, "cache"), ...env };
    const error = await run(xtaskBinary(), ["test", "--only", "browser", ...options], {
      cwd: ROOT,
      env: all,
    }).then(
      () => "",
      (error) => error.message,
    );
    return { commands: readFileSync(log, "utf8").trim().split("\n"), error };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
