/**
 * Checks every code block of every document: programs are type-checked, bundled and run against the
 * emulator; commands exist; pages load; JSON is accepted by the emulator; policies allow a login. A
 * block in an unknown language fails.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { emulatorBinary } from "../support/binaries.mjs";
import { htmlWith, labSuite, until } from "../support/lab.mjs";
import { bundle, packageFolder } from "../support/package.mjs";
import { run } from "../support/packed.mjs";
import { check, checkScript, commandsIn } from "./commands.mjs";
import { blocksIn, documents, parse, ROOT } from "./markdown.mjs";
import { LANGUAGES, programsOf, typecheck } from "./programs.mjs";

const HERE = fileURLToPath(new URL("./", import.meta.url));
const ADDRESS = "http://127.0.0.1:8599";
const JAVASCRIPT = "text/javascript";
/**
 * Declarations written by types/api-report.mjs; types/package.test.mjs compares them with the
 * package.
 */
const REPORTS = /^tests\/types\/api\/\w+\.api\.md$/;

/** Licence texts of others, written by cargo-about. */
const NOTICES = "pkg-template/THIRD-PARTY.md";

const files = documents().filter((file) => !REPORTS.test(file) && file !== NOTICES);
/** Programs for the emulator's npm package. Its own tests run them (emulator/npm/test). */
const forEmulatorPackage = ({ code }) => /from "cometchat-emulator/.test(code);
const blocks = files.flatMap(blocksIn).filter((block) => !forEmulatorPackage(block));
const programs = files.flatMap((file) => programsOf(blocks.filter((block) => block.file === file)));
const where = ({ file, line }) => `${file}:${line}`;
/** Number of blocks of each kind. */
const counts = new Map();
const counted = (kind, many = 1) => counts.set(kind, (counts.get(kind) ?? 0) + many);

const lab = labSuite({ emulatorArgs: ["--seed", "docs"] });
/** Replaces placeholders: the emulator's address, app id and REST API key. */
const here = (text) =>
  text
    .replaceAll(ADDRESS, lab.emulator.url)
    .replaceAll(/(?<!\w)APP_ID/g, lab.emulator.appId)
    .replaceAll(/(?<!\w)REST_API_KEY/g, lab.emulator.restApiKey);
/** Peer packages from tests/, because the package is outside and does not find them. */
const PEERS = Object.fromEntries(
  ["react", "react-dom"].map((name) => [
    name,
    fileURLToPath(new URL(`../node_modules/${name}`, import.meta.url)),
  ]),
);

after(() => {
  const kinds = [...new Set(blocks.map(({ language }) => language))].map(
    (kind) => `${kind} ${blocks.filter(({ language }) => language === kind).length}`,
  );
  const documentCount = new Set(blocks.map(({ file }) => file)).size;
  console.log(`${blocks.length} code blocks in ${documentCount} documents: ${kinds.join(", ")}`);
  console.log([...counts].map(([kind, many]) => `${many} ${kind}`).join(", "));
});

/** Script in each page of a document: records console output and offers `assert`. */
const HARNESS = `<script>
  window.logged = [];
  const { log } = console;
  console.log = (...words) => (logged.push(words.join(" ")), log(...words));
  window.assert = (condition, message = "what the document promises does not hold") => {
    if (!condition) throw new Error(message);
  };
</script>`;

/** Serves and opens a page of a document. Fails with the errors of the page. */
async function open(given, html, { headers, done = "document.readyState === 'complete'" } = {}) {
  const tokens = `${lab.emulator.url}/v3/users/cometchat-uid-1/auth_tokens`;
  const minted = await fetch(tokens, {
    method: "POST",
    headers: { apiKey: lab.emulator.restApiKey },
  });
  given.serve("/cometchat-token", {
    type: "application/json",
    body: JSON.stringify({ authToken: (await minted.json()).data.authToken }),
  });
  given.serve("/document", { body: html, headers });
  await given.ownContext();
  const page = await given.open("/document");
  try {
    await until(
      "the page has run the code of the document",
      async () => given.pageErrors.length > 0 || (await page.evaluate(done)),
    );
  } catch (error) {
    throw new Error(
      `${error.message}\n${given.console.map((message) => message.text()).join("\n")}`,
      { cause: error },
    );
  }
  // Some documents show a refused request.
  const refused = (message) => /\/v3(\.0)?\//.test(message.location().url);
  const errors = given.console
    .filter((message) => message.type() === "error" && !refused(message))
    .map((message) => message.text());
  assert.deepEqual(errors, [], "the console has no errors");
  return page;
}

test("every block has a known language", () => {
  const known = [...LANGUAGES, ...Object.keys(OTHERS)];
  assert.deepEqual(
    blocks
      .filter(({ language }) => !known.includes(language))
      .map((block) => `${where(block)}: ${block.language || "no language"}`),
    [],
  );
  assert.ok(blocks.length > 40, "the documents were found");
});

test("the programs pass tsc --strict with the shipped types", async () => {
  assert.equal(await typecheck(programs), "");
  counted("programs type-checked", programs.length);
});

for (const program of programs) {
  const language = program.typed ? "TypeScript" : "JavaScript";
  const runs = program.whole ? `, and runs (${program.place})` : "";
  lab.test(`${where(program)}: the ${language} can be bundled${runs}`, async (given) => {
    if (program.blocks.some(({ language }) => language === "diff"))
      await transform(program.source("-"), { loader: "tsx" });
    const source = `${here(program.source())}\nglobalThis.reached = true;`;
    if (program.place === "node") {
      const file = join(HERE, "node_modules", ".blocks", `${program.name}.mjs`);
      mkdirSync(dirname(file), { recursive: true });
      const { code } = await transform(source, { loader: "ts", target: "es2022" });
      writeFileSync(file, code);
      if (!program.whole) return counted("programs bundled");
      const prelude =
        "data:text/javascript,globalThis.assert=" + '(await import("node:assert/strict")).default';
      // Its own tests, if any, are not reported as tests of this file.
      const said = await run(process.execPath, ["--import", prelude, file], {
        cwd: HERE,
        timeoutMs: 20_000,
        env: { NODE_TEST_CONTEXT: undefined },
      });
      if (code.includes('"node:test"')) assert.match(said, /pass [1-9]/);
      return counted("programs run in Node");
    }
    // With splitting, esbuild hides the named exports of a CommonJS module from `import()`.
    const made = await bundle({ document: source }, PEERS, {
      splitting: !source.includes("@cometchat/chat-sdk-javascript"),
    });
    if (!program.whole) return counted("programs bundled");
    for (const [path, body] of made) given.serve(path, { type: JAVASCRIPT, body });
    await open(given, htmlWith(`${HARNESS}<script type="module" src="/document.js"></script>`), {
      done: "window.reached === true",
    });
    return counted("programs run in Chromium");
  });
}

/** Checks of the blocks that are not programs. */
const OTHERS = {
  async sh(block) {
    const file = join(tmpdir(), `block-${process.pid}.sh`);
    writeFileSync(file, block.code);
    try {
      await run("sh", ["-n", file]);
    } finally {
      rmSync(file);
    }
    counted("commands looked up or sent", await checkScript(block.file, block.code, here));
  },

  async html(block, given) {
    for (const name of readdirSync(packageFolder()).filter((name) => name.endsWith(".js"))) {
      given.serve(`/node_modules/cometchat-auth/${name}`, {
        type: JAVASCRIPT,
        body: readFileSync(join(packageFolder(), name)),
      });
    }
    const then = `<script type="module">${block.then.join("\n")}\nwindow.reached = true;</script>`;
    await open(
      given,
      `<!doctype html><html lang="en"><meta charset="utf-8">${HARNESS}${here(block.code)}${then}`,
      { done: "window.reached === true" },
    );
    counted("pages opened");
  },

  async json(block) {
    const value = JSON.parse(block.code);
    const post = async (path) => {
      const reply = await fetch(`${lab.emulator.url}/emulator/v1${path}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: block.code,
      });
      assert.ok(reply.ok, `${path} says ${reply.status}: ${await reply.text()}`);
      counted("JSON documents taken by the emulator");
    };
    if (value.ready) {
      const ownMembers = ["stop", "log", "port"];
      const ready = Object.keys(lab.emulator).filter((name) => !ownMembers.includes(name));
      assert.deepEqual(Object.keys(value), ready);
      counted("JSON documents compared");
    } else if (value.apps) await post("/seed");
    else if (value.act) {
      await post("/faults");
      await fetch(`${lab.emulator.url}/emulator/v1/faults`, { method: "DELETE" });
    } else throw new Error("no check is known for this JSON");
  },

  /** A policy under which a login has to work, or a request that has to succeed. */
  async http(block, given) {
    const [first, ...rest] = here(block.code)
      .split("\n")
      .filter((line) => line.trim() !== "");
    const request = /^(GET|POST|PUT|DELETE) (https?:\S+)$/.exec(first);
    if (request) {
      const url = new URL(request[2]);
      const headers = Object.fromEntries(
        rest.map((line) => [line.split(":")[0], line.split(":").slice(1).join(":").trim()]),
      );
      const reply = await fetch(lab.emulator.url + url.pathname + url.search, {
        method: request[1],
        headers: { appId: url.hostname.split(".")[0], ...headers },
      });
      assert.ok(reply.ok, `${reply.status} ${await reply.text()}`);
      return counted("requests answered");
    }
    const headers = Object.fromEntries(
      [first, ...rest].map((line) => [
        line.split(":")[0],
        line.split(":").slice(1).join(":").trim(),
      ]),
    );
    const policy = headers["Content-Security-Policy"];
    assert.ok(policy, "a request or a Content-Security-Policy");
    const emulator = policy.includes(lab.emulator.url)
      ? `.useEmulator(${JSON.stringify(lab.emulator.url)})`
      : "";
    const [entry] = block.served;
    const source = `import { CometChat } from ${JSON.stringify(entry ?? "cometchat-auth")};
      const builder = new CometChat.AppSettingsBuilder().setRegion("us")${emulator};
      await CometChat.init("emulator-app", builder.build());
      document.title = (await CometChat.login("superhero1", "emulator-auth-key")).getName();`;
    for (const [path, body] of await bundle({ document: source }))
      given.serve(path, { type: JAVASCRIPT, body });
    given.serve("/cometchat_auth.wasm", {
      type: "application/wasm",
      body: readFileSync(join(packageFolder(), "cometchat_auth.wasm")),
    });
    await open(given, htmlWith('<script type="module" src="/document.js"></script>'), {
      headers,
      done: "document.title === 'Iron Man'",
    });
    return counted("policies logged in under");
  },

  /** Compiled as the body of a function, against the built library. */
  async rust(block) {
    const folder = dirname(emulatorBinary());
    const library = join(folder, "libcometchat_emulator.rlib");
    assert.ok(existsSync(library), "the emulator's library is built with its program");
    const scratch = join(tmpdir(), `block-${process.pid}`);
    mkdirSync(scratch, { recursive: true });
    try {
      const source = join(scratch, "block.rs");
      writeFileSync(
        source,
        "pub async fn block() -> Result<(), Box<dyn std::error::Error>> {\n" +
          `${block.code}\nOk(())\n}\n`,
      );
      const emulator = [
        "--extern",
        `cometchat_emulator=${library}`,
        "-L",
        `dependency=${join(folder, "deps")}`,
      ];
      await run(
        "rustc",
        [
          "--edition",
          "2024",
          "--crate-type",
          "lib",
          "--emit",
          "metadata",
          ...emulator,
          "--out-dir",
          scratch,
          source,
        ],
        { cwd: ROOT },
      );
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
    counted("Rust blocks compiled");
  },

  async css(block) {
    await build({
      stdin: { contents: block.code, loader: "css" },
      write: false,
      logLevel: "silent",
    });
    counted("style sheets parsed");
  },

  /**
   * GitHub draws it. Its parser needs a DOM, so only the kind of diagram and its brackets are
   * checked.
   */
  mermaid({ code }) {
    assert.match(code, /^(flowchart (LR|TD)|sequenceDiagram|stateDiagram-v2)\n/);
    const open = code.replaceAll(/[^([{]/g, "").length;
    assert.equal(code.replaceAll(/[^)\]}]/g, "").length, open, "each bracket is closed");
    counted("diagrams");
  },

  async yaml(block) {
    const { faultsIn } = await import("./workflows.mjs");
    assert.deepEqual(await faultsIn(where(block), block.code), []);
    counted("workflows linted");
  },
};

for (const block of blocks.filter(({ language }) => Object.hasOwn(OTHERS, language))) {
  lab.test(`${where(block)}: the ${block.language} block is valid`, (given) =>
    OTHERS[block.language](block, given),
  );
}

// ---- tests of the checks

test("blocks are found with the instructions of the comments before them", () => {
  const first = "a\n\n<!-- given: let x = 1; -->\n<!-- then: x; -->\n```js\none;\n```\n";
  const second = "\n<!-- continues -->\n\n```js\ntwo;\n```\n";
  const third = "\n<!-- given: lost -->\n\ntext\n\n  ```sh\n  ls\n  ```\n";
  const text = first + second + third;
  const found = parse("x.md", text);
  assert.deepEqual(
    found.map(({ line, language, code, given, then, continues }) => [
      line,
      language,
      code,
      given,
      then,
      continues,
    ]),
    [
      [6, "js", "one;", ["let x = 1;"], ["x;"], false],
      [12, "js", "two;", [], [], true],
      [20, "sh", "ls", [], [], false],
    ],
  );
  const [program] = programsOf(found);
  assert.deepEqual(
    program
      .source()
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean),
    ["let x = 1;", "one; x;", "two;", "export {};"],
  );
  assert.equal(program.source().split("\n")[11], "two;", "a line is where it is in the document");
});

test("unknown commands and options are found", async () => {
  await assert.rejects(check(["cargo", "xtask", "no-such"], {}));
  await assert.rejects(check(["cargo", "xtask", "bench", "--no-such"], {}), /no option --no-such/);
  await assert.rejects(
    checkScript("README.md", "cargo about generate no-such.hbs"),
    /not a command/,
  );
  await assert.rejects(
    checkScript("README.md", "cargo about generate no-such.hbs --output-file README.md"),
    /there is no no-such\.hbs/,
  );
  await assert.rejects(check(["cometchat-emulator", "--no-such"], {}), /no option --no-such/);
  await assert.rejects(check(["npx", "cometchat-emulator", "--db"], {}), /no option --db/);
  await assert.rejects(
    check(["npm", "run", "no-such"], { folder: join(ROOT, "tests") }),
    /no-such/,
  );
  await assert.rejects(checkScript("README.md", "cd tests && node no-such.mjs"), /no-such/);
  await assert.rejects(check(["node", "no-such.mjs"], { folder: ROOT }), /no-such/);
  await assert.rejects(check(["no-such"], {}), /no-such/);
  assert.deepEqual(commandsIn('a "b c" # d\nX=1 e \\\n  f && g'), [
    ["a", "b c"],
    ["X=1", "e", "f"],
    ["g"],
  ]);
});

test("a program with a wrong type is found", async () => {
  const wrong = programsOf(
    parse(
      "wrong.md",
      '```js\nimport { CometChat } from "cometchat-auth";\nCometChat.login(1);\n```\n',
    ),
  );
  assert.match(await typecheck(wrong), /wrong\.md\.2\.tsx\(3,\d+\): error TS/);
});
