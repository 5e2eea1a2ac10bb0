/** A WebDriver client for the engines that playwright-core cannot drive: Firefox and WebKitGTK. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { startChild } from "./child.mjs";
import { freePort } from "./page-server.mjs";

/** The first path that exists; `undefined` if there is none. */
const firstOf = (paths) => paths.find((path) => path !== undefined && existsSync(path));

/** The path of a program, from `PATH` or `places`. */
function find(name, places = []) {
  const inPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name));
  return firstOf([...inPath, ...places]);
}

/** Folders in which `cargo install --root` may have put a program. */
function cargoRoots() {
  const cache = join(homedir(), ".cache", "cometchat-auth");
  const tools = existsSync(cache) ? readdirSync(cache).map((name) => join(cache, name)) : [];
  return [join(homedir(), ".cargo"), ...tools];
}

/** Firefox settings that do not slow down the timers of background tabs. */
const UNTHROTTLED = {
  "dom.min_background_timeout_value": 4,
  "dom.min_background_timeout_value_without_budget_throttling": 4,
  "dom.timeout.enable_budget_timer_throttling": false,
};

/** A display for browsers that have no headless mode. */
async function startDisplay() {
  const child = spawn(
    "Xvfb",
    ["-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"],
    {
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  const stop = () => child.kill();
  process.once("exit", stop);
  const number = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`Xvfb ended with exit code ${code}`)));
    child.stdout.setEncoding("utf8").once("data", (text) => resolve(text.trim()));
  });
  return { display: `:${number}`, stop };
}

/**
 * The engines of this machine besides Chromium, by name. Engines without driver or display are
 * absent.
 *
 * @type {Record<string, () => Promise<Browser>>}
 *
 * @typedef {{newTab: (url: string) => Promise<Tab>, stop: () => Promise<void>}} Browser
 * @typedef {{run: (body: Function, argument?: unknown) => Promise<any>}} Tab `run`: calls a
 *   function in the page and returns its result
 */
export const ENGINES = {};

const geckodriver =
  process.env.GECKODRIVER ??
  find(
    "geckodriver",
    cargoRoots().map((root) => join(root, "bin", "geckodriver")),
  );
const firefox = process.env.FIREFOX ?? find("firefox-esr") ?? find("firefox");
if (geckodriver !== undefined && firefox !== undefined) {
  ENGINES.Firefox = () =>
    start({
      command: geckodriver,
      args: (port) => ["--port", String(port), "--log", "error"],
      capabilities: {
        "moz:firefoxOptions": { binary: firefox, args: ["-headless"], prefs: UNTHROTTLED },
      },
    });
}

const webkit = find("WebKitWebDriver");
const miniBrowser = firstOf(
  ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/libexec"].flatMap(
    (folder) =>
      ["webkit2gtk-4.1", "webkit2gtk-4.0"].map((name) => join(folder, name, "MiniBrowser")),
  ),
);
if (webkit !== undefined && miniBrowser !== undefined && find("Xvfb") !== undefined) {
  ENGINES.WebKitGTK = async () => {
    const display = await startDisplay();
    const browser = await start({
      command: webkit,
      args: (port) => [`--port=${port}`],
      // The timers of background tabs are slowed down.
      kind: "window",
      env: {
        DISPLAY: display.display,
        WEBKIT_DISABLE_COMPOSITING_MODE: "1",
        LIBGL_ALWAYS_SOFTWARE: "1",
      },
      capabilities: {
        "webkitgtk:browserOptions": { binary: miniBrowser, args: ["--automation"] },
      },
    }).catch((error) => {
      display.stop();
      throw error;
    });
    return {
      ...browser,
      async stop() {
        await browser.stop();
        display.stop();
      },
    };
  };
}

/** Starts a driver and a browser, and opens tabs in it. */
async function start({ command, args, env, capabilities, kind = "tab" }) {
  const port = await freePort();
  const root = `http://127.0.0.1:${port}`;
  // Drivers print nothing that says they are ready.
  const driver = await startChild({
    name: command,
    command: "/bin/sh",
    args: ["-c", 'echo started; exec "$0" "$@"', command, ...args(port)],
    env,
    ready: (stdout) => (stdout.includes("started") ? true : undefined),
  });
  const send = async (method, path, body) => {
    const response = await fetch(root + path, {
      method,
      headers: { "Content-Type": "application/json" },
      ...(method === "POST" && { body: JSON.stringify(body ?? {}) }),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
    return value;
  };
  const listening = async () => {
    for (const end = Date.now() + 20_000; ;) {
      try {
        return await send("GET", "/status");
      } catch (error) {
        if (Date.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  let session;
  try {
    await listening();
    ({ sessionId: session } = await send("POST", "/session", {
      capabilities: { alwaysMatch: capabilities },
    }));
  } catch (error) {
    await driver.stop();
    throw new Error(`${command}: ${error.message}\n${driver.stderr()}`, { cause: error });
  }

  const own = (method, path, body) => send(method, `/session/${session}${path}`, body);
  // A session has one current window, so commands go one after the other.
  let last = Promise.resolve();
  const inTurn = (work) => (last = last.catch(() => undefined).then(work));
  let used = false;

  return {
    newTab: (url) =>
      inTurn(async () => {
        const handle = used
          ? (await own("POST", "/window/new", { type: kind })).handle
          : await own("GET", "/window");
        used = true;
        await own("POST", "/window", { handle });
        await own("POST", "/url", { url });
        return {
          run: (body, argument) =>
            inTurn(async () => {
              await own("POST", "/window", { handle });
              return own("POST", "/execute/sync", {
                script: `return (${body})(arguments[0]);`,
                args: [argument ?? null],
              });
            }),
        };
      }),
    async stop() {
      await own("DELETE", "").catch(() => undefined);
      await driver.stop();
    },
  };
}
