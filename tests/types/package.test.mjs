/** What the packed package promises before anybody runs it: its shape, and its types. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { install, pack, run } from "../support/packed.mjs";

const HERE = fileURLToPath(new URL("./", import.meta.url));
const INSTALLED = join(HERE, "node_modules", "cometchat-auth");
const node = (program, ...args) =>
  run(process.execPath, [join(HERE, "node_modules", program), ...args], { cwd: HERE });

let packed;
before(async () => {
  packed = await pack();
  await install(HERE, packed);
});
after(() => packed?.remove());

test("publint finds nothing to say", async () => {
  const { publint } = await import("publint");
  const { formatMessage } = await import("publint/utils");
  const manifest = JSON.parse(readFileSync(join(INSTALLED, "package.json"), "utf8"));
  const bytes = readFileSync(packed.file);
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages } = await publint({ strict: true, pack: { tarball } });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, manifest)),
    [],
  );
});

test("are the types wrong? no", async () => {
  const said = await node(
    "@arethetypeswrong/cli/dist/index.js",
    packed.file,
    "--profile",
    "esm-only",
    "--no-color",
    "--no-emoji",
  );
  // It fails where it finds a problem; that CommonJS has to import dynamically, or be Node 20.19 and later, is none.
  for (const entry of [
    "cometchat-auth",
    "cometchat-auth/lazy",
    "cometchat-auth/wasm-url",
    "cometchat-auth/react",
  ]) {
    assert.match(said, new RegExp(`"${entry}" +│ OK \\(ESM\\) +│ OK `), said);
  }
});

test("the public types hold what they promise (tsd)", async () => {
  const { default: tsd, formatter } = createRequire(import.meta.url)("tsd");
  const diagnostics = await tsd({
    cwd: HERE,
    typingsFile: "./node_modules/cometchat-auth/facade.d.ts",
    testFiles: ["*.test-d.ts"],
  });
  assert.equal(diagnostics.length, 0, formatter(diagnostics));
});

for (const compiler of ["typescript", "typescript-5"]) {
  for (const [module, moduleResolution] of [
    ["esnext", "bundler"],
    ["node16", "node16"],
    ["nodenext", "nodenext"],
  ]) {
    test(`${compiler} --strict takes them with moduleResolution ${moduleResolution}`, async () => {
      const read = await node(
        `${compiler}/bin/tsc`,
        "--project",
        "tsconfig.json",
        "--listFiles",
        "--module",
        module,
        "--moduleResolution",
        moduleResolution,
      );
      for (const entry of ["facade", "react"]) {
        assert.ok(
          read.split("\n").includes(join(INSTALLED, `${entry}.d.ts`)),
          `${entry}.d.ts is the installed package's`,
        );
      }
    });
  }
}

test("no type is `any`", () => {
  const declarations = readdirSync(INSTALLED).filter((name) => name.endsWith(".d.ts"));
  assert.ok(declarations.length >= 3);
  for (const name of declarations) {
    const code = readFileSync(join(INSTALLED, name), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
    assert.doesNotMatch(code, /\bany\b/, name);
  }
});

test("the public types are those of the committed report", async () => {
  const { ENTRIES, report } = await import("./api-report.mjs");
  for (const entry of ENTRIES) {
    const { same, said } = report(entry, false);
    assert.deepEqual(said, [], entry);
    assert.ok(
      same,
      `The public types of ${entry} are not those in tests/types/api/${entry}.api.md. If that is meant, run "node tests/types/api-report.mjs" and commit what it writes.`,
    );
  }
});

for (const entry of ["lazy", "wasm-url"]) {
  test(`./${entry} exports what the main entry does, the same classes`, async () => {
    const [main, other] = await Promise.all(
      ["index.js", `${entry}.js`].map((file) => import(join(INSTALLED, file))),
    );
    assert.deepEqual({ ...other }, { ...main });
  });
}

test("the package has no dependencies, and react is optional", () => {
  const manifest = JSON.parse(readFileSync(join(INSTALLED, "package.json"), "utf8"));
  assert.equal(manifest.dependencies, undefined);
  assert.deepEqual(Object.keys(manifest.peerDependencies), ["react"]);
  assert.equal(manifest.peerDependenciesMeta.react.optional, true);
  assert.equal(manifest.sideEffects, false);
  for (const [name, target] of Object.entries(manifest.exports)) {
    if (name !== "./package.json") {
      assert.equal(Object.keys(target)[0], "types", name);
    }
  }
});
