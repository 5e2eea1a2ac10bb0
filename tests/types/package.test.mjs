/** The packed package: its files, its manifest and its types. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { tmpdir } from "node:os";
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

test("publint reports nothing", async () => {
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

test("attw finds no problem in the types", async () => {
  const output = await node(
    "@arethetypeswrong/cli/dist/index.js",
    packed.file,
    "--profile",
    "esm-only",
    "--no-color",
    "--no-emoji",
  );
  // It fails where it finds a problem; that CommonJS has to import dynamically, or be Node 20.19
  // and later, is none.
  for (const entry of [
    "cometchat-auth",
    "cometchat-auth/lazy",
    "cometchat-auth/wasm-url",
    "cometchat-auth/react",
  ]) {
    assert.match(output, new RegExp(`"${entry}" +│ OK \\(ESM\\) +│ OK `), output);
  }
});

test("the public types are those of index.test-d.ts (tsd)", async () => {
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
    test(`${compiler} --strict accepts the types with moduleResolution ${moduleResolution}`, async () => {
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

test("typescript-5 --strict accepts the types with moduleResolution node10", async () => {
  const read = await node(
    "typescript-5/bin/tsc",
    ...["--project", "tsconfig.json", "--listFiles"],
    ...["--module", "esnext", "--moduleResolution", "node10"],
  );
  for (const entry of ["facade", "react"])
    assert.ok(read.split("\n").includes(join(INSTALLED, `${entry}.d.ts`)), entry);
});

test("b1 compiled to ES5, a failed call rejects, and listeners are called", async () => {
  const { default: typescript } = await import("typescript-5");
  const folder = await mkdtemp(join(tmpdir(), "cometchat-auth-es5-"));
  try {
    for (const name of ["index", "facade", "core"]) {
      const source = readFileSync(join(INSTALLED, `${name}.js`), "utf8");
      const { outputText } = typescript.transpileModule(source, {
        compilerOptions: { target: "es5", module: "commonjs", allowJs: true },
      });
      writeFileSync(
        join(folder, `${name}.cjs`),
        outputText.replace(/require\("\.\/(\w+)\.js"\)/g, 'require("./$1.cjs")'),
      );
    }
    const { CometChat, CometChatException, isCometChatException } = createRequire(import.meta.url)(
      join(folder, "index.cjs"),
    );
    const events = [];
    CometChat.addLoginListener("es5", { loginFailure: (error) => void events.push(error.code) });
    await CometChat.init("app", { region: "us", logger: () => undefined });
    const { fetch } = globalThis;
    globalThis.fetch = async () =>
      new Response('{"error":{"code":"AUTH_ERR_APIKEY_NOT_FOUND","message":"No such key."}}', {
        status: 401,
      });
    try {
      const ended = await CometChat.login("ann", "wrong").then(
        () => "resolved",
        (error) => [
          error.code,
          error.status,
          error.toJSON().message,
          error instanceof CometChatException,
          isCometChatException(error),
        ],
      );
      assert.deepEqual(ended, ["AUTH_ERR_APIKEY_NOT_FOUND", 401, "No such key.", true, true]);
      assert.deepEqual(events, ["AUTH_ERR_APIKEY_NOT_FOUND"]);
    } finally {
      globalThis.fetch = fetch;
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

for (const condition of ["edge-light", "workerd"]) {
  for (const entry of ["cometchat-auth", "cometchat-auth/lazy", "cometchat-auth/wasm-url"]) {
    test(`b28 ${entry} under the condition ${condition}: importing is harmless, calls reject`, async () => {
      const script = `
        import { CometChat, isCometChatException } from "${entry}";
        const error = await CometChat.init("app", { region: "us" }).catch((caught) => caught);
        console.log(JSON.stringify([isCometChatException(error), error]), CometChat.session.get().status);
      `;
      const output = await run(
        process.execPath,
        ["--conditions", condition, "--input-type=module", "--eval", script],
        { cwd: HERE },
      );
      assert.match(output, /"code":"WEBASSEMBLY_UNAVAILABLE"/);
      assert.match(output, /^\[true,.*"retryable":false.* unknown$/m);
    });
  }
}

test("b28 the entry for edge runtimes reaches nothing that compiles code", () => {
  const edge = readFileSync(join(INSTALLED, "edge.js"), "utf8");
  const imports = [...edge.matchAll(/from ?"([^"]+)"/g)].map(([, file]) => file);
  assert.deepEqual([...new Set(imports)], ["./facade.js"]);
  for (const file of ["edge.js", "facade.js"])
    assert.doesNotMatch(
      readFileSync(join(INSTALLED, file), "utf8"),
      // Messages name the keyword 'wasm-unsafe-eval' of a Content Security Policy.
      /WebAssembly\.(compile|instantiate|Module|Instance)|(?<!wasm-unsafe-)\beval\b|new Function|import\(/,
    );
});

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
    const { same, warnings } = report(entry, false);
    assert.deepEqual(warnings, [], entry);
    assert.ok(
      same,
      `The public types of ${entry} are not those in tests/types/api/${entry}.api.md. If that ` +
        `is meant, run "node tests/types/api-report.mjs" and commit what it writes.`,
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

test("THIRD-PARTY.md names every crate in the WebAssembly, with the texts of the licences", async () => {
  const tree = await run(
    "cargo",
    [
      ...["tree", "--locked", "--package", "cometchat-auth", "--target", "wasm32-unknown-unknown"],
      ...["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"],
    ],
    { cwd: HERE },
  );
  const crates = new Set(
    [...tree.matchAll(/^(\S+) v(\S+)/gm)].map(([, name, version]) => `${name} ${version}`),
  );
  assert.ok(crates.size > 10, tree);
  const notices = readFileSync(join(INSTALLED, "THIRD-PARTY.md"), "utf8");
  const missing = [...crates].filter(
    (crate) => !crate.startsWith("cometchat-auth ") && !notices.includes(crate),
  );
  assert.deepEqual(missing, [], "CONTRIBUTING.md says how to write THIRD-PARTY.md");
  assert.match(notices, /THE SOFTWARE IS PROVIDED/);
});

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
