/**
 * The service's domains and uids, in every policy, allow-list and server snippet of the repository.
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { test } from "node:test";
import { bundle } from "../support/package.mjs";
import { htmlWith, labSuite, until } from "../support/lab.mjs";
import { SERVICE_DOMAINS } from "../support/service-domains.mjs";
import { blocksIn, documents, ROOT } from "./markdown.mjs";

const SKIPPED = new Set(["node_modules", "target", "dist", "pkg"]);
/** Folders of the root that hold no text for readers to copy. */
const OWN = new Set(["src", "tests", "tools", "xtask"]);
const TEXT = /\.(md|html|js|jsx|mjs|ts|tsx|vue|rs|json|yml|toml)$/;

/** Text files that a reader copies from: documents, recipes, the demo page, the manifest. */
function texts(folder = ROOT) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const skipped =
        SKIPPED.has(entry.name) ||
        entry.name.startsWith(".") ||
        (folder === ROOT && OWN.has(entry.name));
      return skipped ? [] : texts(path);
    }
    if (!TEXT.test(entry.name) || entry.name === "package-lock.json") return [];
    return [{ file: relative(ROOT, path).split(sep).join("/"), text: readFileSync(path, "utf8") }];
  });
}

const files = texts();
const lab = labSuite();

test("the package and the emulator name the same three domains", () => {
  assert.deepEqual(SERVICE_DOMAINS, ["cometchat.io", "cc-cluster-2.io", "cc-edge-2.io"]);
  const emulator = join(ROOT, "emulator", "src");
  const declared = readdirSync(emulator, { recursive: true })
    .filter((name) => name.endsWith(".rs"))
    .flatMap((name) => {
      const source = readFileSync(join(emulator, name), "utf8");
      return source.match(/\bconst SERVICE_DOMAINS\b[^;]*; 3\] =[^;]*;/g) ?? [];
    });
  assert.equal(declared.length, 1, "the emulator declares its constant");
  assert.deepEqual(declared[0].match(/(?<=")[\w.-]+(?=")/g), SERVICE_DOMAINS);
});

/** Lines that allow hosts of the service by a wildcard: policies and resolver rules. */
const allowing = files.flatMap(({ file, text }) =>
  text
    .split("\n")
    .map((line, index) => ({ where: `${file}:${index + 1}`, line }))
    .filter(({ line }) => SERVICE_DOMAINS.some((domain) => line.includes(`*.${domain}`))),
);

test("h8 every policy and allow-list names all domains of the service", () => {
  assert.ok(allowing.length >= 6, `the policies were found: ${allowing.length}`);
  assert.deepEqual(
    allowing
      .filter(({ line }) => !SERVICE_DOMAINS.every((domain) => line.includes(`*.${domain}`)))
      .map(({ where }) => where),
    [],
  );
});

const policies = documents()
  .flatMap(blocksIn)
  .filter(({ language, code }) => language === "http" && code.includes("*.cometchat.io"))
  .map(({ file, line, code }) => ({
    where: `${file}:${line}`,
    policy: code.slice(code.indexOf(":") + 1).trim(),
  }));

test("h8 the documents contain policies", () => assert.ok(policies.length >= 4));

for (const { where, policy } of policies) {
  lab.test(`h8 ${where}: a logout reaches every possible host of the settings`, async (given) => {
    const source = `import { CometChat } from "cometchat-auth";
      window.CometChat = CometChat;
      await CometChat.init("emulator-app", { region: "us" });
      document.title = "ready";`;
    for (const [path, body] of await bundle({ policed: source })) {
      given.serve(path, { type: "text/javascript", body });
    }
    given.serve("/policed", {
      body: htmlWith('<script type="module" src="/policed.js"></script>'),
      headers: { "Content-Security-Policy": policy },
    });
    const page = await given.open("/policed");
    await until("init is done", async () => (await page.title()) === "ready");
    for (const domain of SERVICE_DOMAINS) {
      const host = `emulator-app.apiclient-us.${domain}`;
      given.answer(({ method }) =>
        method === "PUT"
          ? {
              body: {
                data: {
                  uid: "superhero1",
                  name: "Iron Man",
                  settings: { CLIENT_API_HOST: host, CHAT_API_VERSION: "v3.0", APP_VERSION: 4 },
                },
              },
            }
          : undefined,
      );
      const ended = await page.evaluate(async () => {
        await CometChat.login("superhero1", "emulator-auth-key");
        return CometChat.logout();
      });
      assert.equal(ended.success, true, domain);
      const last = given.requests().at(-1);
      assert.deepEqual([last.method, last.host], ["DELETE", host]);
    }
  });
}

/**
 * Code that puts a uid into an address of the service, and the test that tries `.` and `..` on it.
 * The example requests of the emulator's documents have fixed uids.
 */
const SNIPPETS = {
  "docs/guide/getting-started.md": "tests/docs/blocks.test.mjs (the block's own assertions)",
  "recipes/token-server/axum/src/main.rs": "tests/recipes/token-server.mjs",
  "recipes/token-server/express/server.js": "tests/recipes/token-server.mjs",
  "www/server/your-server.ts": "tests/pages/your-server.test.mjs",
};

test("h9 every server snippet with a uid is listed, and refuses the two dot segments", () => {
  const found = files.filter(
    ({ file, text }) =>
      !file.startsWith("emulator/") && /\/users\/\$?\{[^}]*\}.*auth_tokens[`"]/.test(text),
  );
  assert.deepEqual(found.map(({ file }) => file).sort(), Object.keys(SNIPPETS).sort());
  for (const { file, text } of found) {
    assert.match(text, /"\."[^\n]*"\.\."/, `${file} refuses both`);
  }
});
