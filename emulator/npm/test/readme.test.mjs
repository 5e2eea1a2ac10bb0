/**
 * Runs the programs in the READMEs that use this package, and checks them against its types. Some
 * use cometchat-auth as well: `CCA_PKG`, or `pkg/`, is that package, built.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const FOLDER = here("./.readme/");
const PACKAGE = here("..");
const AUTH = process.env.CCA_PKG ?? here("../../../pkg");
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
  mkdirSync(`${FOLDER}node_modules`, { recursive: true });
  symlinkSync(AUTH, `${FOLDER}node_modules/cometchat-auth`, "junction");
  const files = programs.map((code, at) => {
    const file = `${FOLDER}program-${at}.mts`;
    writeFileSync(file, code);
    return file;
  });
  const strict = ["--strict", "--target", "es2022", "--module", "nodenext", "--types", "node"];
  // tsc looks for the types of Node in the folder that it runs in.
  const options = { cwd: PACKAGE, stdio: "pipe", encoding: "utf8" };
  execFileSync(process.execPath, [TSC, ...strict, ...files], options);
  // The tests of a program are not tests of this file.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  for (const [at, file] of files.entries()) {
    const program = [file.replace(/\.mts$/, ".mjs")];
    const output = execFileSync(process.execPath, program, { timeout: 30_000, env, stdio: "pipe" });
    if (programs[at].includes('"node:test"')) assert.match(String(output), /pass [1-9]/);
  }
});
