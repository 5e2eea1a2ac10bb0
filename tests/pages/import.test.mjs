/** Importing the package runs nothing. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { packageFolder } from "../support/package.mjs";

/** Built-ins that a page, a test environment or an edge runtime may lack. */
const MISSING = ["TextDecoder", "TextEncoder", "WebAssembly", "FinalizationRegistry", "fetch"];

for (const file of ["index.js", "lazy.js", "wasm-url.js", "core.js", "stream.js", "facade.js"]) {
  test(`b28 ${file} can be imported without ${MISSING.join(", ")}`, () => {
    const { href } = pathToFileURL(join(packageFolder(), file));
    const script = `
      for (const name of ${JSON.stringify(MISSING)}) delete globalThis[name];
      await import(${JSON.stringify(href)});
      process.stdout.write("imported");
    `;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
    });
    assert.equal(stdout, "imported", stderr);
  });
}
