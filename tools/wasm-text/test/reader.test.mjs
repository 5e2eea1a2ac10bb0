/** The TypeScript reader against texts of the Rust encoder. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const FOLDER = fileURLToPath(new URL("../", import.meta.url));
const MODULES = 300;

let decode;
let cases;
before(async () => {
  const { outputFiles } = buildSync({
    entryPoints: [`${FOLDER}reader.ts`],
    format: "esm",
    write: false,
  });
  const source = Buffer.from(outputFiles[0].contents).toString("base64");
  ({ decode } = await import(`data:text/javascript;base64,${source}`));
  cases = randomModules();
});

/** Random modules and their texts, new ones in each run. */
function randomModules() {
  const args = ["run", "--quiet", "--package", "wasm-text", "--example", "random_modules"];
  const { status, stdout, stderr, error } = spawnSync("cargo", [...args, "--", String(MODULES)], {
    cwd: FOLDER,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  assert.equal(status, 0, stderr || String(error));
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("any module is restored", () => {
  assert.equal(cases.length, MODULES);
  for (const { text, checksum, module } of cases) {
    assert.deepEqual([...decode(text, checksum)], module, text);
  }
});

test("a changed character is an error", () => {
  for (const { text, checksum } of cases) {
    const at = Math.floor(Math.random() * text.length);
    const other = text[at] === "a" ? "b" : "a";
    assert.throws(
      () => decode(text.slice(0, at) + other + text.slice(at + 1), checksum),
      /was changed after the build/,
    );
  }
});

test("a truncated text is an error", () => {
  for (const { text, checksum } of cases) {
    const end = Math.floor(Math.random() * text.length);
    assert.throws(() => decode(text.slice(0, end), checksum), /was changed after the build/);
  }
});
