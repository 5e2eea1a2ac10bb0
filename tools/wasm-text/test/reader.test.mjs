/** The reader, compiled to WebAssembly and called by `reader.ts`, against texts of the encoder. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
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
  const reader = compiledReader();
  cases = randomModules().map(({ module, ...encoded }) => ({
    module,
    encoded: { ...encoded, reader },
  }));
});

/** The output of cargo. */
function cargo(...args) {
  const options = { cwd: FOLDER, encoding: "utf8", maxBuffer: 1 << 28 };
  const { status, stdout, stderr, error } = spawnSync("cargo", args, options);
  assert.equal(status, 0, stderr || String(error));
  return stdout;
}

/** The bytes of the reader. */
function compiledReader() {
  const messages = cargo(
    ...["rustc", "--quiet", "--release", "--package", "wasm-text-reader", "--lib"],
    ...["--target", "wasm32-unknown-unknown", "--message-format", "json", "--crate-type", "cdylib"],
  );
  const artifacts = messages
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const files = artifacts.flatMap(({ filenames }) => filenames ?? []);
  return readFileSync(files.find((file) => file.endsWith(".wasm")));
}

/** Random modules and their texts, new ones in each run. */
function randomModules() {
  const args = ["run", "--quiet", "--package", "wasm-text", "--example", "random_modules"];
  const lines = cargo(...args, "--", String(MODULES));
  return lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("browsers that refuse to compile more than 4 KB at once compile the reader", () => {
  const [{ encoded }] = cases;
  assert.ok(encoded.reader.length <= 4096, `${encoded.reader.length} bytes`);
});

test("any module is restored", () => {
  assert.equal(cases.length, MODULES);
  for (const { encoded, module } of cases) {
    assert.deepEqual([...decode(encoded)], module, encoded.text);
  }
});

/** Asserts that changed texts are refused. `change` takes a text and a random index in it. */
function assertRefused(change) {
  for (const { encoded } of cases) {
    const at = Math.floor(Math.random() * encoded.text.length);
    const text = change(encoded.text, at);
    assert.throws(() => decode({ ...encoded, text }), /was changed after the build/);
  }
}

test("a changed character is an error", () => {
  assertRefused(
    (text, at) => text.slice(0, at) + (text[at] === "a" ? "b" : "a") + text.slice(at + 1),
  );
});

test("a character that is not ASCII is an error", () => {
  assertRefused((text, at) => `${text.slice(0, at)}\u20ac${text.slice(at + 1)}`);
});

test("a truncated text is an error", () => {
  assertRefused((text, at) => text.slice(0, at));
});
