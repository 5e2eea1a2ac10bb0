/** Checks the commands of `sh` blocks: they exist, their options exist, and requests succeed. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { emulatorBinary, xtaskBinary } from "../support/binaries.mjs";
import { run } from "../support/packed.mjs";
import { ROOT } from "./markdown.mjs";

/** Other programs. Only their names are checked. */
const OTHERS = new Set([
  "python3",
  "schemathesis",
  "pip",
  "chromium",
  "kill",
  "cat",
  "git",
  "export",
  "twiggy",
]);

/** Splits a script into commands and words, as a shell does, with comments and continued lines. */
export function commandsIn(script) {
  const text = script.replaceAll(/\\\n\s*/g, " ");
  const commands = [[]];
  for (const [, space, comment, end, word] of text.matchAll(
    /([^\S\n]+)|(#[^\n]*)|(\n|&&|\|\||[;&|])|((?:"(?:\\.|[^"])*"|'[^']*'|[^\s;&|"'])+)/g,
  )) {
    if (space || comment) continue;
    if (end) commands.push([]);
    else
      commands
        .at(-1)
        .push(
          word.replaceAll(/"((?:\\.|[^"])*)"|'([^']*)'/g, (_, double, single) => double ?? single),
        );
  }
  return commands.filter((words) => words.length > 0);
}

const helps = new Map();
/** The `--help` output of a program, cached. */
const help = (program, ...args) => {
  const key = [program, ...args].join(" ");
  if (!helps.has(key)) helps.set(key, run(program, args, { cwd: ROOT }));
  return helps.get(key);
};

async function hasOptions(text, words) {
  for (const word of words) {
    const option = /^(--?[a-z][\w-]*)/.exec(word)?.[1];
    if (option && !new RegExp(`(^|[\\s,])${option}(?![\\w-])`).test(await text))
      throw new Error(`there is no option ${option}`);
  }
}

/** The help of the npm package's command, from its source: the package may not be built. */
const npmHelp = () => {
  const source = readFileSync(join(ROOT, "emulator/npm/src/cli.ts"), "utf8");
  return /const HELP = `([^`]*)`/.exec(source)[1];
};

/** @param {(task: string[]) => string | Promise<string>} helpOf the help of a subcommand */
const emulatorHas = async (words, helpOf) => {
  const end = words.indexOf("--");
  const own = end < 0 ? words : words.slice(0, end);
  await hasOptions(helpOf(own[0] === "exec" ? ["exec"] : []), own);
  // Tests of another project.
  if (end >= 0) await check(words.slice(end + 1), { folder: undefined });
};
const nativeHelp = (task) => help(emulatorBinary(), ...task, "--help");

/** Checks by the first word. An unknown first word fails the test. */
const KNOWN = {
  async cargo([task, ...words], { folder = ROOT }) {
    if (task === "xtask") {
      const [name, ...options] = words;
      // The program itself, because cargo waits for the locks of every other build.
      const text = await (name === "emulator"
        ? help(emulatorBinary(), "--help")
        : help(xtaskBinary(), name, "--help"));
      await hasOptions(text, options);
      const only = options.indexOf("--only");
      if (only >= 0 && name !== "bench" && !text.includes(options[only + 1]))
        throw new Error(`no part ${options[only + 1]}`);
      return;
    }
    if (task === "about") {
      // Options and paths of `cargo about generate`. The program itself is not needed for a test.
      const [command, template, option, output] = words.filter((word) => word !== "--offline");
      if (command !== "generate" || option !== "--output-file" || words.length > 5)
        throw new Error("not a command of cargo about that is known here");
      for (const path of [template, output, "about.toml"])
        if (!existsSync(join(folder, path))) throw new Error(`there is no ${path} in ${folder}`);
      return;
    }
    if (task === "run" || task === "test" || task === "build") {
      const named = words.indexOf("-p");
      const name = words[named + 1];
      if (
        named >= 0 &&
        !(await help("cargo", "metadata", "--no-deps", "--format-version", "1")).includes(
          `"name":"${name}"`,
        )
      )
        throw new Error(`no crate ${name}`);
      const own = words.indexOf("--");
      if (task === "run" && own >= 0) await emulatorHas(words.slice(own + 1), nativeHelp);
      return;
    }
    if (!["add", "install"].includes(task)) throw new Error(`cargo ${task} is unknown`);
  },
  "cometchat-emulator": (words) => emulatorHas(words, nativeHelp),
  /** Of other packages, only the name of `npx` is checked. */
  async npx([name, ...words]) {
    if (name === "cometchat-emulator") await emulatorHas(words, npmHelp);
  },
  async npm([task, ...words], { folder }) {
    if (!["run", "test", "start", "ci", "install", "create", "pack", "audit"].includes(task))
      throw new Error(`npm ${task} is unknown`);
    const script = task === "run" ? words[0] : task;
    if (folder === undefined) return;
    const prefix = words.indexOf("--prefix");
    const place = prefix < 0 ? folder : join(folder, words[prefix + 1]);
    if (task === "ci" && !existsSync(join(place, "package-lock.json")))
      throw new Error(`${place} has no package-lock.json`);
    if (!["run", "test", "start"].includes(task)) return;
    const { scripts } = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
    if (!Object.hasOwn(scripts ?? {}, script))
      throw new Error(`${place} has no script "${script}"`);
  },
  async node(words, { folder }) {
    const file = words.find((word) => !word.startsWith("-"));
    if (folder !== undefined && !existsSync(join(folder, file)))
      throw new Error(`there is no ${file} in ${folder}`);
  },
  /** Sent with `fetch`, because not every machine has curl. */
  async curl(words, { address }) {
    if (address === undefined) throw new Error("there is no service for this request");
    let method;
    let url;
    let body;
    const headers = {};
    for (let at = 0; at < words.length; at++) {
      const word = words[at];
      if (word === "-X") method = words[++at];
      else if (word === "-H")
        headers[words[++at].split(":")[0]] = words[at].split(":").slice(1).join(":").trim();
      else if (word === "-d") body = words[++at];
      else if (word.startsWith("-")) throw new Error(`curl ${word} is unknown`);
      else url = word;
    }
    if (body !== undefined) headers["Content-Type"] ??= "application/json";
    const reply = await fetch(address(url), {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers,
      body,
    });
    if (!reply.ok) throw new Error(`${url} answers ${reply.status}: ${await reply.text()}`);
  },
};

/** The folder of a `cd`, or undefined if it is a folder of the reader. */
function entered(path, folder) {
  const there = folder !== undefined && join(folder, path);
  return there && existsSync(there) ? there : undefined;
}

/**
 * Checks the commands of a document in order, starting in its app's folder or else in the root.
 *
 * @param {string} file the document
 * @param {string} script
 * @param {(text: string) => string} address the emulator's address in place of the written one
 * @returns {Promise<number>} how many there were
 */
export async function checkScript(file, script, address) {
  const own = join(ROOT, dirname(file));
  let folder = existsSync(join(own, "package.json")) || file.startsWith("recipes/") ? own : ROOT;
  const commands = commandsIn(script);
  for (const words of commands) {
    try {
      if (words[0] === "cd") folder = entered(words[1], folder);
      else await check(words, { address, folder });
    } catch (error) {
      throw new Error(`${words.join(" ")}: ${error.message}`, { cause: error });
    }
  }
  return commands.length;
}

/** Fails if a command does not exist or has other options. */
export async function check(words, given) {
  // Variables set for one command only.
  while (/^[A-Z_]+=/.test(words[0] ?? "")) words = words.slice(1);
  if (words.length === 0) return;
  const name = words[0].split("/").at(-1);
  if (OTHERS.has(name)) return;
  if (!Object.hasOwn(KNOWN, name)) throw new Error(`${name} is not a known command`);
  await KNOWN[name](words.slice(1), given);
}
