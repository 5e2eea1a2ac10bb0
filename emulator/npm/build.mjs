/**
 * Prepares the package for packing: optimises the WebAssembly in `core/`, compiles the TypeScript,
 * and copies the dashboard and the seed files. `cargo xtask emulator-package` runs it after
 * wasm-bindgen.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const run = (program, args) =>
  execFileSync(process.execPath, [here(`node_modules/${program}`), ...args], { stdio: "inherit" });

const wasm = here("core/emulator_bg.wasm");
run("binaryen/bin/wasm-opt", [wasm, "-O3", "--strip-debug", "-o", wasm]);

rmSync(here("dist"), { recursive: true, force: true });
run("typescript/bin/tsc", ["--project", here("tsconfig.json")]);
chmodSync(here("dist/cli.js"), 0o755);

for (const file of ["seed.schema.json", "seed.starter.json"])
  cpSync(here(`../${file}`), here(file));
for (const file of ["LICENSE-APACHE", "LICENSE-MIT"]) cpSync(here(`../../${file}`), here(file));
rmSync(here("dashboard"), { recursive: true, force: true });
if (existsSync(here("../dashboard/dist"))) {
  cpSync(here("../dashboard/dist"), here("dashboard"), { recursive: true });
} else {
  console.warn("The dashboard is not built: this package shows a plain page in its place.");
}
