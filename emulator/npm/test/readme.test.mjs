/** Runs the programs in the READMEs that use this package, and checks them against its types. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const FOLDER = here("./.readme/");
const PACKAGE = here("..");
const TSC = here("../node_modules/typescript/bin/tsc");

const programs = ["../README.md", "../../README.md"].flatMap((readme) => {
  const blocks = readFileSync(here(readme), "utf8").matchAll(/^```ts\n(.*?)^```$/gms);
  return [...blocks]
    .map(([, code]) => code)
    .filter((code) => /from "cometchat-emulator/.test(code));
});

after(() => rmSync(FOLDER, { recursive: true, force: true }));

test("the programs of the READMEs compile, run and end", { timeout: 120_000 }, () => {
  assert.ok(programs.length >= 2, `${programs.length} programs`);
  mkdirSync(FOLDER, { recursive: true });
  const files = programs.map((code, at) => {
    const file = `${FOLDER}program-${at}.mts`;
    writeFileSync(file, code);
    return file;
  });
  const strict = ["--strict", "--target", "es2022", "--module", "nodenext", "--types", "node"];
  // tsc looks for the types of Node in the folder that it runs in.
  const options = { cwd: PACKAGE, stdio: "pipe", encoding: "utf8" };
  execFileSync(process.execPath, [TSC, ...strict, ...files], options);
  for (const file of files) {
    execFileSync(process.execPath, [file.replace(/\.mts$/, ".mjs")], { timeout: 30_000 });
  }
});
