/** Checks links, workflows, the API reference and the release files. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { run } from "../support/packed.mjs";
import { testWithFakePrograms, WASM_BINDGEN_CLI, wasmBindgenVersion } from "./fake-programs.mjs";
import { documents, ROOT } from "./markdown.mjs";

const WORKFLOWS = join(ROOT, ".github", "workflows");
const read = (file) => readFileSync(join(ROOT, file), "utf8");

/** The anchors that GitHub gives the headings of a document. */
function anchors(file) {
  const headings = read(file)
    .replaceAll(/^```[\s\S]*?^```/gm, "")
    .matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(" ", "-"),
    ),
  );
}

/** The broken links of a document. */
function dead(file) {
  const text = read(file)
    .replaceAll(/^```[\s\S]*?^```/gm, "")
    .replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll("](", "] ("));
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link)
    .filter((link) => !/^(https?|mailto):/.test(link))
    .filter((link) => {
      const [path, anchor] = link.split("#");
      const target = path === "" ? file : normalize(join(dirname(file), path));
      return (
        !existsSync(join(ROOT, target)) ||
        (anchor !== undefined && target.endsWith(".md") && !anchors(target).has(anchor))
      );
    });
}

for (const file of documents()) {
  test(`${file}: its links lead somewhere`, () => assert.deepEqual(dead(file), []));
}

test("the README on npm has no links into the repository", () => {
  const links = [...read("pkg-template/README.md").matchAll(/\]\(([^)\s]+)\)/g)].map(
    ([, link]) => link,
  );
  assert.deepEqual(
    links.filter((link) => !link.startsWith("https://") && !link.startsWith("#")),
    [],
  );
});

/** The jobs of a workflow, by name. */
const jobsOf = (workflow) =>
  Object.fromEntries(
    readFileSync(join(WORKFLOWS, workflow), "utf8")
      .split(/^ {2}(?=[a-z-]+:$)/m)
      .slice(1)
      .map((job) => [job.slice(0, job.indexOf(":")), job]),
  );

const workflows = readdirSync(WORKFLOWS).filter((name) => name.endsWith(".yml"));

test("there are workflows for every change, for every week and for a release", () =>
  assert.deepEqual(workflows.sort(), ["ci.yml", "release.yml", "weekly.yml"]));

test("r2 a release publishes the packed and tested file, and runs no test before packing", () => {
  const jobs = jobsOf("release.yml");
  assert.deepEqual(Object.keys(jobs).slice(-4), ["pack", "test", "bill-of-materials", "publish"]);
  assert.deepEqual(
    [...jobs.pack.matchAll(/run: (cargo xtask \w+)/g)].map(([, command]) => command),
    ["cargo xtask release"],
  );
  assert.match(jobs.test, /needs: pack\n/);
  assert.match(jobs.test, /sha256sum --check[\s\S]*cargo xtask test --install --tarball/);
  assert.doesNotMatch(jobs.test, /id-token/, "the tests cannot publish");
  assert.match(jobs.publish, /needs: \[pack, test, bill-of-materials\]\n/);
  assert.match(
    jobs.publish,
    /"\$PACKED {2}SHA256SUMS"[\s\S]*"\$TESTED {2}SHA256SUMS"[\s\S]*npm publish/,
  );
  assert.doesNotMatch(jobs.publish, /actions\/checkout|npm (ci|install|pack)|cargo /);
});

test("r1 the newest stable and beta Rust build the package and log in with it every week", () => {
  const { rust } = jobsOf("weekly.yml");
  assert.match(rust, /^ {8}toolchain: \[stable, beta\]$/m);
  // It overrides rust-toolchain.toml.
  assert.match(rust, /^ {6}RUSTUP_TOOLCHAIN: \$\{\{ matrix\.toolchain \}\}$/m);
  assert.match(rust, /rustup toolchain install "\$RUSTUP_TOOLCHAIN"/);
  assert.deepEqual(
    [...rust.matchAll(/- run: (cargo .*)$/gm)].map(([, command]) => command),
    ["cargo xtask build", "cargo xtask test --install --only pages"],
  );
});

test("r3 advisories are checked weekly", () => {
  const weekly = read(".github/workflows/weekly.yml");
  assert.match(weekly, /cargo deny --workspace check\n/);
  assert.match(weekly, /npm audit/);
});

test("r4 cargo xtask test installs system packages only with --install", async () => {
  const installs = (commands) => commands.filter((command) => command.startsWith("apt-get"));
  const noBrowser = { CHROMIUM: "", CHROMEDRIVER: "" };
  const { commands, error } = await testWithFakePrograms([], noBrowser);
  assert.deepEqual(installs(commands), []);
  assert.match(error, /Chromium or chromedriver is missing.*--install/s);
  const asked = await testWithFakePrograms(["--install"], noBrowser);
  assert.deepEqual(installs(asked.commands), [
    "apt-get update",
    "apt-get install -y chromium chromium-driver",
  ]);
});

test("r3 cargo xtask installs tools from lock files", async () => {
  const { commands } = await testWithFakePrograms([], { CHROMIUM: "x", CHROMEDRIVER: "x" });
  const installs = commands.filter((command) => command.startsWith("cargo install "));
  assert.equal(installs.length, 2, commands.join("\n"));
  for (const command of installs) assert.match(command, / --locked /);
  const [pack, bindgen] = installs;
  assert.match(pack, / wasm-pack --version \d+\.\d+\.\d+ /);
  assert.ok(bindgen.includes(` --path ${join(ROOT, WASM_BINDGEN_CLI)} `), bindgen);
  assert.ok(
    read(`${WASM_BINDGEN_CLI}/Cargo.lock`).includes(
      `name = "wasm-bindgen-cli"\nversion = "${wasmBindgenVersion()}"\n`,
    ),
  );
});

test("the README's test command is what CI runs", () => {
  const command = "cargo xtask test --install";
  for (const file of ["README.md", ".ci/run", ".github/workflows/ci.yml"]) {
    assert.ok(read(file).includes(command), file);
  }
});

for (const name of workflows) {
  const content = readFileSync(join(WORKFLOWS, name), "utf8");

  test(`${name} is a valid workflow`, async () => {
    const { faultsIn } = await import("./workflows.mjs");
    assert.deepEqual(await faultsIn(name, content), []);
    // The check itself works.
    assert.notDeepEqual(await faultsIn(name, content.replace("runs-on:", "runs-onn:")), []);
  });

  test(`${name}: actions are pinned, and jobs have the declared permissions only`, () => {
    const used = [...content.matchAll(/uses: *(\S+)(.*)/g)];
    assert.ok(used.length > 0);
    for (const [, action, comment] of used) {
      assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
      assert.match(comment, /^ # v\d+\.\d+\.\d+$/, action);
    }
    assert.match(content, /^permissions:\n {2}contents: read$/m);
    assert.ok(!content.includes("pull_request_target"));
  });

  test(`r3 ${name}: tools are installed from lock files`, () => {
    for (const [line] of content.matchAll(/.*cargo install.*/g))
      assert.match(line, /--locked.*--version/);
  });

  test(`${name}: its commands of this repository exist`, async () => {
    const { check, commandsIn } = await import("./commands.mjs");
    const commands = [...content.matchAll(/cargo xtask [^\n]*/g)].flatMap(([line]) =>
      commandsIn(line),
    );
    assert.ok(commands.length > 0);
    for (const words of commands) await check(words, {});
  });
}

test("the API reference has every entry", () => {
  const folder = join(ROOT, "www", "public", "reference");
  assert.ok(existsSync(join(folder, "index.html")), 'run "cargo xtask docs"');
  for (const page of [
    "classes/cometchat-auth.CometChat.html",
    "classes/cometchat-auth.User.html",
    "functions/react.useLoggedinUser.html",
    "types/cometchat-auth.ErrorCode.html",
  ]) {
    assert.ok(existsSync(join(folder, page)), page);
  }
  assert.match(
    readFileSync(join(folder, "classes/cometchat-auth.CometChat.html"), "utf8"),
    /verifySession/,
  );
  assert.ok(
    read("www/index.html").includes('href="/reference/index.html"'),
    "the demo page links to it",
  );
});

test("a public member without documentation fails the reference", async () => {
  const { treatWarningsAsErrors, validation } = JSON.parse(read("www/reference/typedoc.json"));
  assert.deepEqual([treatWarningsAsErrors, validation.notDocumented], [true, true]);
});

test("r2 cargo xtask release --dry-run packs both packages with checksums, and prints what follows", async () => {
  const said = await run("cargo", ["xtask", "release", "--dry-run"], { cwd: ROOT });
  const { target_directory: target, packages } = JSON.parse(
    await run("cargo", ["metadata", "--no-deps", "--format-version", "1"], { cwd: ROOT }),
  );
  const folder = join(target, "release-npm");
  const { version } = packages.find(({ name }) => name === "cometchat-auth");
  const tarballs = ["cometchat-auth", "cometchat-emulator"].map((name) => `${name}-${version}.tgz`);
  assert.deepEqual(readdirSync(folder).sort(), ["NOTES.md", "SHA256SUMS", ...tarballs]);
  const sums = tarballs.map((tarball) => {
    const content = readFileSync(join(folder, tarball));
    return `${createHash("sha256").update(content).digest("hex")}  ${tarball}\n`;
  });
  assert.equal(readFileSync(join(folder, "SHA256SUMS"), "utf8"), sums.join(""));
  assert.match(said, /1\. packed: .*\.tgz\n2\. to test: .* --tarball .*\.tgz\n3\. to publish: /);
});

test("cargo xtask release publishes nothing, and says how a release is made", async () => {
  await assert.rejects(
    run("cargo", ["xtask", "release"], { cwd: ROOT }),
    /release\.yml[\s\S]*--dry-run/,
  );
});
