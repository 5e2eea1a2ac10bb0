/**
 * Tabs in separate processes, on one origin, in one browser profile. A server on loopback serves
 * the pages and makes auth tokens. The pages send their requests directly to the emulator, so every
 * engine can run them.
 */
import { createServer } from "node:http";
import { launchBrowser } from "./browser.mjs";
import { startEmulator } from "./emulator.mjs";
import { bundle } from "./package.mjs";
import { ENGINES as WEBDRIVER } from "./webdriver.mjs";

/** How long a tab blocks its thread in each try of `separate`. Busy machines need more. */
const BUSY_MS = [1_500, 4_000, 10_000];

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>tab</title>
<script type="module" src="/tab.js"></script><body>tab</body></html>`;

const TAB = (emulator) => `
import { CometChat } from "cometchat-auth";
const events = [];
const states = [];
const createToken = async (uid) => (await fetch("/token?uid=" + uid, { method: "POST" })).text();
for (const event of ["loginSuccess", "loginFailure", "logoutSuccess", "logoutFailure"]) {
  const handler = (value) => void events.push(event + (value?.code ? " " + value.code : ""));
  CometChat.addLoginListener(event, { [event]: handler });
}
const settings = {
  region: "us",
  emulator: ${JSON.stringify(emulator.url)},
  logger: () => undefined,
};
await CometChat.init("emulator-app", settings);
window.tab = {
  CometChat,
  events,
  createToken,
  USER: "emulator-app:common_store/user",
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  /** Waits for a time to the millisecond, which a timer alone does not. */
  async moment(at) {
    await tab.pause(Math.max(0, at - Date.now() - 4));
    while (Date.now() < at);
  },
};
document.title = "ready";
`;

/** Chromium through playwright-core, with the same methods as a browser of webdriver.mjs. */
async function chromium() {
  // By default two tabs of one site can share a process.
  const browser = await launchBrowser({
    args: ["--disable-features=ProcessPerSiteUpToMainFrameThreshold"],
  });
  const context = await browser.newContext();
  return {
    async newTab(url) {
      const page = await context.newPage();
      await page.goto(url);
      return {
        run: (body, argument) => page.evaluate(`(${body})(${JSON.stringify(argument ?? null)})`),
      };
    },
    stop: () => browser.close(),
  };
}

/** @type {Record<string, () => Promise<import("./webdriver.mjs").Browser>>} */
export const ENGINES = { Chromium: chromium, ...WEBDRIVER };

/** Calls `read` until it returns a value; fails with `what` after `seconds`. */
export async function eventually(what, read, seconds = 60) {
  for (const end = Date.now() + seconds * 1000; ;) {
    const value = await read();
    if (value !== null && value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`Not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Starts an engine with `count` tabs on a new emulator, and checks that no two tabs share a
 * process.
 *
 * @param {keyof typeof ENGINES} engine
 * @returns {Promise<{tabs: import("./webdriver.mjs").Tab[], start: (tab:
 *   import("./webdriver.mjs").Tab, body: Function, argument?: unknown) => Promise<() =>
 *   Promise<any>>, stop: () => Promise<void>}>} `start`: starts an asynchronous function in a tab
 *   and returns a function that waits for its result
 */
export async function openTabs(engine, count) {
  const ends = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const emulator = await startEmulator({ args: ["--log", "error"] });
    ends.push(emulator.stop);
    const files = await bundle({ tab: TAB(emulator) });
    const server = createServer(async (request, response) => {
      const { pathname, searchParams } = new URL(request.url, "http://localhost");
      if (pathname === "/token") {
        const path = `/v3/users/${searchParams.get("uid")}/auth_tokens`;
        const made = await fetch(emulator.url + path, {
          method: "POST",
          headers: { apiKey: emulator.restApiKey, appId: emulator.appId },
        });
        return response.end((await made.json()).data?.authToken);
      }
      const file = files.get(pathname);
      response.writeHead(pathname === "/" || file ? 200 : 404, {
        "Content-Type": file ? "text/javascript" : "text/html; charset=utf-8",
      });
      return response.end(pathname === "/" ? PAGE : (file ?? ""));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    ends.push(() => (server.closeAllConnections(), server.close()));
    const browser = await ENGINES[engine]();
    ends.push(browser.stop);
    const tabs = [];
    for (let index = 0; index < count; index++) {
      const tab = await browser.newTab(`http://127.0.0.1:${server.address().port}/`);
      await eventually("the page is ready", () =>
        tab.run(() => document.title === "ready" || null),
      );
      tabs.push(tab);
    }
    await separate(tabs);
    return { tabs, start, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(tab, body, argument) {
  await tab.run(
    `(argument) => {
      window.result = undefined;
      (${body})(argument).then(
        (value) => (window.result = { value: value ?? null }),
        (error) => (window.result = { error: String(error?.stack ?? error) }),
      );
    }`,
    argument,
  );
  return async (seconds) => {
    const { value, error } = await eventually(
      "the work in the tab",
      () => tab.run(() => window.result ?? null),
      seconds,
    );
    if (error !== undefined) throw new Error(error);
    return value;
  };
}

/**
 * Checks that each tab answers while another blocks its thread, which tabs of one process cannot.
 */
async function separate(tabs) {
  for (const [index, blocked] of tabs.entries()) {
    const others = tabs.filter((tab) => tab !== blocked);
    let apart = false;
    for (const ms of BUSY_MS) apart ||= await answerMeanwhile(blocked, others, ms);
    if (!apart) throw new Error(`tab ${index} shares a process with another tab`);
  }
}

/** True if all other tabs answer while `blocked` keeps its thread busy for `ms`. */
async function answerMeanwhile(blocked, others, ms) {
  await blocked.run((ms) => {
    window.blocked = undefined;
    setTimeout(() => {
      const from = Date.now();
      while (Date.now() < from + ms);
      window.blocked = { from, to: Date.now() };
    }, 50);
  }, ms);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const answers = [];
  for (const other of others) answers.push(await other.run(() => Date.now()));
  const { from, to } = await eventually("the thread is free again", () =>
    blocked.run(() => window.blocked ?? null),
  );
  return answers.every((at) => at >= from && at <= to);
}
