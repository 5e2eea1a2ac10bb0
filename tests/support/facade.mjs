/**
 * The package's TypeScript in a realm of its own in Node, with a fake core and a clock that a test
 * moves.
 */
import { readFileSync } from "node:fs";
import vm from "node:vm";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SOURCES = fileURLToPath(new URL("../../pkg-template/src/", import.meta.url));
const MODULES = [
  "client",
  "cometchat",
  "exception",
  "generated/boundary",
  "hosts",
  "json",
  "listener",
  "listeners",
  "login-arguments",
  "own",
  "preconnect",
  "session-store",
  "settings",
  "user",
  "user-cache",
  "watchdog",
];

/** What a module declares as exported. */
const exportsOf = (name) =>
  [
    ...readFileSync(`${SOURCES}${name}.ts`, "utf8").matchAll(
      /^export (?:const enum|const|class|function) (\w+)/gm,
    ),
  ].map(([, exported]) => exported);

/** Assigned, not exported: the bundler's own helper for exports is no part of what is tested. */
function entry() {
  const names = MODULES.map(exportsOf);
  const imports = MODULES.map((name, at) => `import { ${names[at]} } from "./${name}.js";`);
  return `${imports.join("\n")}\nglobalThis.facade = { ${names.flat()} };`;
}

let bundled;
/** The facade as one script that sets the global `facade` to all that its modules export. */
const script = () =>
  (bundled ??= build({
    stdin: { contents: entry(), resolveDir: SOURCES, loader: "ts" },
    bundle: true,
    format: "iife",
    target: "es2022",
    write: false,
    logLevel: "error",
  }).then(({ outputFiles }) => outputFiles[0].text));

/** Timers and a clock that stand still until they are moved. */
export function fakeClock() {
  let now = 1_800_000_000_000;
  let last = 0;
  const timers = new Map();
  const due = () =>
    [...timers].sort(([a, x], [b, y]) => x.at - y.at || a - b).find(([, { at }]) => at <= now);
  const fire = () => {
    for (let next; (next = due());) {
      timers.delete(next[0]);
      next[1].callback(...next[1].args);
    }
  };
  return {
    now: () => now,
    setTimeout(callback, ms, ...args) {
      timers.set(++last, { callback, args, at: now + ms });
      return last;
    },
    clearTimeout: (timer) => void timers.delete(timer),
    pending: () => timers.size,
    /** Time passes; each timer fires when it is due. */
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const next = Math.min(...[...timers.values()].map(({ at }) => at));
        if (next > end) break;
        now = Math.max(now, next);
        fire();
      }
      now = end;
    },
    /** The thread is blocked, or the page is frozen; then all timers that are due fire, late. */
    block(ms) {
      now += ms;
      fire();
    },
  };
}

/**
 * Runs the facade in a new realm.
 *
 * @param {{page?: string, globals?: object}} [options] `page`: a script that runs before, as a page's own
 * would; `globals`: what the realm has besides ECMAScript
 */
export async function realm({ page = "", globals = {} } = {}) {
  const clock = fakeClock();
  const logged = [];
  const log = (level) => (message, cause) => void logged.push([level, message, cause]);
  const context = vm.createContext({
    setTimeout: clock.setTimeout,
    clearTimeout: clock.clearTimeout,
    now: clock.now,
    console: { warn: log("warn"), error: log("error") },
    WebAssembly,
    AbortController,
    Event,
    ...globals,
  });
  vm.runInContext("Date.now = now; delete globalThis.now;", context);
  vm.runInContext(page, context);
  vm.runInContext(await script(), context);
  return {
    ...context.facade,
    context,
    clock,
    logged,
    run: (code) => vm.runInContext(code, context),
  };
}

/** A client with a fake core, which keeps the calls and leaves it to the test to answer them. */
export async function withFakeCore(options) {
  const facade = await realm(options);
  const { Client } = facade;
  const client = new Client();
  const fake = {
    /** What was called: `{kind, id, gate, args, cause}`. */
    calls: [],
    instances: 0,
    host: undefined,
    /** Runs within a call into the core. */
    onCall: (_call) => {},
    answers: {},
  };
  const core = {
    start(host) {
      fake.instances++;
      fake.host = host;
    },
    call(kind, id, gate, json, cause) {
      const call = { kind, id, gate, json, args: json ? JSON.parse(json) : undefined, cause };
      fake.calls.push(call);
      fake.onCall(call);
    },
    ask: (query) => fake.answers[query],
  };
  client.loadFrom(async () => ({ load: async () => core }));
  return { ...facade, client, fake, settled };
}

/** Lets all promises that can go on do so. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

/** How a promise ended: `{value}` or `{error}`; undefined if it is still pending. */
export async function outcome(promise) {
  let result;
  promise.then(
    (value) => (result = { value }),
    (error) => (result = { error }),
  );
  await settled();
  return result;
}
