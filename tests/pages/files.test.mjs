/** The files of the built package: what pages, bundlers and policies require of them. */
import assert from "node:assert/strict";
import { isAscii } from "node:buffer";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { packageFolder } from "../support/package.mjs";

const FOLDER = packageFolder();
const FILES = readdirSync(FOLDER);
const read = (file) => readFileSync(join(FOLDER, file), "utf8");

/** Syntax that breaks in some page, bundler or Content Security Policy. */
const FORBIDDEN = ["</script", "<!--", "import.meta", "import(", "eval(", "new Function"];
/** Syntax that the consumers of a file understand although other bundlers or pages would not. */
const ALLOWED = { "lazy.js": ["import("], "wasm-url.js": ["import.meta", "import("] };

for (const file of FILES.filter((name) => name.endsWith(".js"))) {
  test(`b28 ${file} is ASCII, without syntax that breaks in some page or bundler`, () => {
    const script = read(file);
    assert.ok(isAscii(Buffer.from(script)));
    assert.deepEqual(
      FORBIDDEN.filter((syntax) => script.includes(syntax)),
      ALLOWED[file] ?? [],
    );
  });
}

/** The WebAssembly as `core.js` contains it. */
const text = /"([^"\\]{10000,})"/.exec(read("core.js"))?.[1];

for (const [file, needle] of Object.entries({
  "cometchat-auth.global.js": `"${text}"`,
  "lazy.js": 'import("./core.js")',
  "wasm-url.js": 'new URL("./cometchat_auth.wasm",import.meta.url)',
  "react.js": '"use client"',
})) {
  test(`${file} contains the text by which it works`, () =>
    assert.ok(read(file).includes(needle), needle.slice(0, 60)));
}

test("core.js loads two instances, and refuses a text that was changed", async () => {
  const loader = async (script) => {
    const { load } = await import(`data:text/javascript;base64,${btoa(script)}`);
    return load;
  };
  const core = read("core.js");
  const load = await loader(core);
  await load(false);
  await load(true);
  const changed = text.slice(0, -1) + (text.endsWith("a") ? "b" : "a");
  const loadChanged = await loader(core.replace(text, () => changed));
  await assert.rejects(async () => loadChanged(false), /was changed after the build/);
});

test("no file contains a path of the machine that built it", () => {
  const sysroot = execFileSync("rustc", ["--print", "sysroot"], { encoding: "utf8" }).trim();
  const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
  const folders = [homedir(), process.env.CARGO_HOME, sysroot, root]
    .filter((folder) => folder !== undefined && folder !== "/")
    .map((folder) => `${folder}/`);
  for (const file of FILES) {
    const content = readFileSync(join(FOLDER, file));
    assert.deepEqual(
      folders.filter((folder) => content.includes(folder)),
      [],
      file,
    );
  }
});
