#!/usr/bin/env node
/** The command line. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { run } from "./exec.js";
import { createEmulator, type Emulator, type LogLine, type Watcher } from "./index.js";
import { init } from "./init.js";
import type { SeedDocument } from "./types.js";

const HELP = `CometChat's authentication service on one machine, for development and tests.
Unofficial.

Usage: cometchat-emulator [OPTIONS]
       cometchat-emulator exec [OPTIONS] -- COMMAND
       cometchat-emulator init [FILE]

exec runs a command with an emulator of its own, and ends with the command's status. The command
finds it in COMETCHAT_EMULATOR_URL, …_APP_ID, …_REGION, …_AUTH_KEY and …_REST_API_KEY.
init writes a seed file to start from (seed.json if not named).

Options:
  --host ADDRESS          The address to listen on [default: 127.0.0.1]
  --port PORT             The port; 0 takes any free one [default: 8599; with exec: 0]
  --seed docs|FILE        Add initial content; may be given several times
  --app ID                An app to serve; may be given several times, the first is the default
  --region REGION         A region to serve; may be given several times [default: us]
  --import FILE           Start with a file that --export-on-exit wrote, if it exists
  --export-on-exit FILE   Write everything to this file at the end, secrets included
  --tls-cert FILE         Enable TLS with this certificate (PEM)
  --tls-key FILE          Its key (PEM)
  --allow-host NAME       Allow a host name: a name, *. and a domain, or * for all
  --allow-origin ORIGIN   Allow the pages of an origin, or * for all
  --open-control          Allow other machines to use /emulator/v1 and the dashboard
  --logout-keeps-token    Keep auth tokens valid after a logout
  --single-use-tokens     Allow only one login with an auth token
  --strict-auth-keys      Restrict Auth Keys to the creation of auth tokens
  --core-limit N          The limit of logins, user creations and deletions per minute and app
  --standard-limit N      The limit of other requests per minute and app; 0 means no limit
  --log LEVEL             off, warn or info [default: info; with exec: warn]
  --help, --version
`;

const several = { type: "string", multiple: true } as const;
const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;

const OPTIONS = {
  host: text,
  port: text,
  seed: several,
  app: several,
  region: several,
  import: text,
  "export-on-exit": text,
  "tls-cert": text,
  "tls-key": text,
  "allow-host": several,
  "allow-origin": several,
  "open-control": flag,
  "logout-keeps-token": flag,
  "single-use-tokens": flag,
  "strict-auth-keys": flag,
  "core-limit": text,
  "standard-limit": text,
  log: text,
  help: flag,
  version: flag,
} as const;

/** How many users the text for people names. */
const NAMED = 10;

/** How many users the JSON line lists, as many as the ready page. */
const LISTED = 100;

class UsageError extends Error {}

async function main(args: string[]): Promise<number> {
  const task = args[0] === "exec" || args[0] === "init" ? args[0] : undefined;
  const rest = task === undefined ? args : args.slice(1);
  const border = rest.indexOf("--");
  const command = border < 0 ? [] : rest.slice(border + 1);
  const own = border < 0 ? rest : rest.slice(0, border);
  const { values, positionals } = parse(own);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.version === true) {
    const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
    process.stdout.write(
      `cometchat-emulator ${(JSON.parse(manifest) as { version: string }).version}\n`,
    );
    return 0;
  }
  if (task === "init") return init(positionals[0] ?? "seed.json");
  const [extra] = positionals;
  if (extra !== undefined) throw new UsageError(`"${extra}" is not an option. See --help.`);
  if (task === "exec" && command.length === 0) {
    throw new UsageError("exec needs a command, as in: exec -- npm test");
  }
  if (task !== "exec" && border >= 0) {
    throw new UsageError("A command needs exec, as in: exec -- npm test");
  }
  const inBackground = task === "exec";
  const ended = inBackground ? undefined : stopSignal();
  const emulator = await start(values, inBackground);
  try {
    if (inBackground) {
      for (const line of warnings(values)) process.stderr.write(`cometchat-emulator: ${line}\n`);
      return await run(emulator, command);
    }
    announce(emulator, values);
    await ended;
    process.stderr.write("cometchat-emulator: stopping\n");
    return 0;
  } finally {
    const file = values["export-on-exit"];
    if (file !== undefined) await write(emulator, file);
    await emulator.close();
  }
}

type Values = ReturnType<typeof parse>["values"];

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(". ")[0] ?? ""}. See --help.`);
  }
}

async function start(values: Values, inBackground: boolean): Promise<Emulator> {
  const [cert, key] = [values["tls-cert"], values["tls-key"]];
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError("--tls-cert and --tls-key must be used together.");
  }
  const tls =
    cert !== undefined && key !== undefined ? { cert: read(cert), key: read(key) } : undefined;
  const level = values.log ?? (inBackground ? "warn" : "info");
  const emulator = await createEmulator({
    port: number("--port", values.port) ?? (inBackground ? 0 : 8599),
    host: values.host ?? "127.0.0.1",
    seed: values.seed ?? [],
    app: values.app ?? [],
    region: values.region ?? [],
    singleUseTokens: values["single-use-tokens"] ?? false,
    logoutKeepsToken: values["logout-keeps-token"] ?? false,
    strictAuthKeys: values["strict-auth-keys"] ?? false,
    ...limit("coreLimit", number("--core-limit", values["core-limit"])),
    ...limit("standardLimit", number("--standard-limit", values["standard-limit"])),
    allowHosts: values["allow-host"] ?? [],
    allowOrigins: values["allow-origin"] ?? [],
    openControl: values["open-control"] ?? false,
    ...(tls === undefined ? {} : { tls }),
    watch: watcher(level),
  });
  const file = values.import;
  if (file !== undefined) {
    const kept = readIfThere(file);
    if (kept !== undefined) await emulator.restore(JSON.parse(kept) as SeedDocument);
  }
  return emulator;
}

function limit(name: string, value: number | undefined): Record<string, number> {
  return value === undefined ? {} : { [name]: value };
}

function number(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,9}$/.test(value)) throw new UsageError(`${name} must be a number.`);
  return Number(value);
}

function watcher(level: string): Watcher {
  if (!["off", "warn", "info"].includes(level)) {
    throw new UsageError("--log must be off, warn or info.");
  }
  if (level === "off") return {};
  const warn = (line: string): void => {
    process.stderr.write(`${new Date().toISOString()}  WARN ${line}\n`);
  };
  const request = ({ method, path, status, app, code, ms, fault }: LogLine): void => {
    const rule = fault === null ? "" : ` fault=${String(fault)}`;
    process.stderr.write(
      `${new Date().toISOString()}  INFO request method=${method} path=${path} ` +
        `status=${String(status)} app="${app}" code="${code}" ms=${String(ms)}${rule}\n`,
    );
  };
  return level === "info" ? { warn, request } : { warn };
}

function announce(emulator: Emulator, values: Values): void {
  const { url, appId, region, authKey, restApiKey, users } = emulator;
  const lines = [
    "CometChat emulator (unofficial), ready",
    `  address       ${url}`,
    `  app id        ${appId}`,
    `  region        ${region}`,
    `  Auth Key      ${authKey}`,
    `  REST API key  ${restApiKey}`,
    `  users         ${shorten(users)}`,
    ...warnings(values).map((line) => `  ${line}`),
    "  stop with Ctrl-C",
  ];
  process.stderr.write(`${lines.join("\n")}\n`);
  if (!process.stdout.isTTY) {
    const userCount = users.length;
    const listed = users.slice(0, LISTED);
    const ready = {
      ready: true,
      url,
      appId,
      region,
      authKey,
      restApiKey,
      users: listed,
      userCount,
    };
    process.stdout.write(`${JSON.stringify(ready)}\n`);
  }
}

/** The first uids, and the number of the others. */
function shorten(users: readonly string[]): string {
  const named = users.slice(0, NAMED).join(", ");
  const more = users.length - NAMED;
  return more > 0 ? `${named} and ${String(more)} more` : named;
}

/** Warnings about options that let other machines or pages in. */
function warnings(values: Values): string[] {
  const host = values.host ?? "127.0.0.1";
  const lines: string[] = [];
  if (!/^(127\.|localhost$|::1$)/.test(host)) {
    lines.push(
      `WARNING: listening on ${host}. Every machine that reaches this one can use the emulator, ` +
        "with keys that are public.",
    );
  }
  if (values["allow-host"]?.includes("*") === true) {
    lines.push(
      "WARNING: --allow-host * allows every web site to point a name of its own here and use " +
        "the emulator.",
    );
  }
  if (values["allow-origin"]?.includes("*") === true) {
    lines.push("WARNING: --allow-origin * allows every web page to use the emulator.");
  }
  if (values["open-control"] === true) {
    lines.push(
      "WARNING: --open-control allows every machine that reaches this one to read and change " +
        "everything.",
    );
  }
  return lines;
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        resolve();
      });
    }
  });
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}.`);
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}.`);
  }
}

/** Writes the whole content, readable for the owner only: to a new file that is then renamed. */
async function write(emulator: Emulator, file: string): Promise<void> {
  const next = `${file}.${String(process.pid)}.new`;
  const snapshot = JSON.stringify(await emulator.snapshot(), undefined, 2);
  writeFileSync(next, `${snapshot}\n`, { mode: 0o600, flag: "wx" });
  renameSync(next, file);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`cometchat-emulator: ${(error as Error).message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
