/**
 * What the compatibility tests start from: the emulator behind the front, a browser that takes the front for the service, and for each test an
 * origin of its own, so that no test hears another's requests or finds its storage.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launchBrowser, launchProfile } from "./browser.mjs";
import { startEmulator } from "./emulator.mjs";
import { PAGES, startFront } from "./front.mjs";
import { bundle } from "./package.mjs";
import { SERVICE_DOMAINS } from "./service-domains.mjs";

const WAIT_MS = 8_000;
const JAVASCRIPT = "text/javascript";
const CONTEXT = { ignoreHTTPSErrors: true };

/** A page that loads one script. */
export const htmlWith = (script) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>lab</title>${script}<body>lab</body></html>`;

/** The package on the page, as `window.CometChat`; and what else it exports, as `window.exported`. */
const OURS = (entry) =>
  `import * as exported from "${entry}"; Object.assign(window, { exported, CometChat: exported.CometChat });`;

/**
 * Registers start and stop with the test runner and gives back the means to write tests with.
 *
 * Pages of every origin: `/` (and `/ours`) with the package, `/lazy` with its lazy entry, `/official` with the official client, `/empty` with neither.
 *
 * @param {{emulatorArgs?: string[]}} [options]
 */
export function labSuite({ emulatorArgs = [] } = {}) {
  let tests = 0;
  const lab = {
    /** @type {Awaited<ReturnType<typeof startEmulator>>} */
    emulator: undefined,
    /** @type {Awaited<ReturnType<typeof startFront>>} */
    front: undefined,
    /** @type {import("playwright-core").Browser} */
    browser: undefined,

    /**
     * A test with an origin of its own. An uncaught error on a page fails it, unless the test says it expects that.
     *
     * @param {string} name what is promised
     * @param {(given: Given) => Promise<void>} body
     *
     * @typedef {{
     *   ownContext: () => Promise<import("playwright-core").BrowserContext>,
     *   ownProfile: () => Promise<import("playwright-core").BrowserContext>,
     *   origin: string,
     *   open: (path?: string) => Promise<import("playwright-core").Page>,
     *   requests: () => import("./front.mjs").Seen[],
     *   preflights: () => import("./front.mjs").Seen[],
     *   answer: (rule: (seen: import("./front.mjs").Seen) => import("./front.mjs").Answer) => void,
     *   serve: (path: string, page: {type?: string, body: string | Buffer, headers?: Record<string, string>, status?: number}) => void,
     *   console: import("playwright-core").ConsoleMessage[],
     *   faults: Error[],
     * }} Given
     * `open`: a new tab. `ownContext`: a browser context for this test alone, to be asked for before the first page; without, the tabs of all tests
     * share one, which spares the start of a renderer for each test. `ownProfile`: the same as an ordinary profile, for what Chromium does in no other.
     * `requests`: what came for the service's hosts from this test's pages so far, without preflights. `answer`: says something in the
     * service's place. `faults`: what nobody on the page caught; whatever the test leaves in there fails it.
     */
    test(name, body) {
      test(name, { timeout: 30_000 }, async () => {
        const origin = `https://t${++tests}${PAGES}`;
        const own = () => lab.front.seen.filter((seen) => seen.origin === origin);
        /** @type {import("playwright-core").BrowserContext | undefined} */
        let context;
        const pages = [];
        const given = {
          origin,
          console: [],
          faults: [],
          requests: () => own().filter((seen) => !seen.preflight),
          preflights: () => own().filter((seen) => seen.preflight),
          answer: (rule) => void lab.front.rules.set(origin, rule),
          serve: (path, page) => lab.front.serve(origin, path, page),
          async ownContext() {
            return (context ??= await prepared(lab.browser.newContext(CONTEXT)));
          },
          async ownProfile() {
            return (context ??= await prepared(launchProfile({ args, ...CONTEXT })));
          },
          async open(path = "/") {
            const page = await (context ?? shared).newPage();
            pages.push(page);
            page.on("pageerror", (error) => given.faults.push(error));
            page.on("console", (message) => given.console.push(message));
            await page.goto(origin + path);
            return page;
          },
        };
        try {
          await body(given);
          if (given.faults.length > 0) {
            throw new AggregateError(
              given.faults,
              `nobody caught: ${given.faults.map(String).join("; ")}`,
            );
          }
        } finally {
          lab.front.rules.delete(origin);
          await Promise.all(pages.map((page) => page.close()));
          await context?.close();
        }
      });
    },
  };

  let shared;
  let args;
  const prepared = async (opened) => {
    const context = await opened;
    context.setDefaultTimeout(WAIT_MS);
    await context.addInitScript(pageHelper);
    return context;
  };

  before(async () => {
    // Each is kept as soon as it is there, so that `after` ends it even when the next one does not start.
    lab.emulator = await startEmulator({
      args: ["--region", "us", "--region", "eu", "--region", "in", ...emulatorArgs],
    });
    lab.front = await startFront(lab.emulator.url);
    const everywhere = (path, page) => lab.front.serve("*", path, page);
    for (const [name, entry] of [
      ["ours", "cometchat-auth"],
      ["lazy", "cometchat-auth/lazy"],
    ]) {
      for (const [path, body] of await bundle({ [name]: OURS(entry) })) {
        everywhere(path, { type: JAVASCRIPT, body });
      }
    }
    for (const [path, script] of [
      ["/", "ours"],
      ["/ours", "ours"],
      ["/lazy", "lazy"],
    ]) {
      everywhere(path, { body: htmlWith(`<script type="module" src="/${script}.js"></script>`) });
    }
    // Else each browser context reports one missing file on its console.
    everywhere("/favicon.ico", { type: "image/x-icon", body: "" });
    everywhere("/empty", { body: htmlWith("") });
    everywhere("/official", { body: htmlWith('<script src="/official.js"></script>') });
    everywhere("/official.js", {
      type: JAVASCRIPT,
      body: readFileSync(createRequire(import.meta.url).resolve("@cometchat/chat-sdk-javascript")),
    });
    args = [
      "--ignore-certificate-errors",
      `--host-resolver-rules=${[PAGES, ...SERVICE_DOMAINS.map((domain) => `.${domain}`)]
        .map((domain) => `MAP *${domain} 127.0.0.1:${lab.front.port}`)
        .join(", ")}`,
    ];
    lab.browser = await launchBrowser({ args });
    shared = await prepared(lab.browser.newContext(CONTEXT));
    // A tab that stays keeps the renderer of the site alive.
    await (await shared.newPage()).goto(`https://stays${PAGES}/empty`);
  });
  after(async () => {
    await lab.browser?.close();
    await lab.front?.stop();
    await lab.emulator?.stop();
  });
  return lab;
}

/** Waits until `condition` holds and gives back what it said; fails with `what` otherwise. */
export async function until(what, condition) {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const value = await condition();
    if (value) {
      return value;
    }
    if (Date.now() > end) {
      throw new Error(`Waited ${WAIT_MS / 1000} s in vain: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/**
 * To run in a page before its scripts: after `window.trap = true` the next call into the WebAssembly traps as memory at its limit would. What a page
 * cannot do to WebAssembly from outside, a patched export can. `window.instances` counts how many were made.
 */
export function trapsOnDemand() {
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = patched(instantiate);
  const { Instance } = WebAssembly;
  WebAssembly.Instance = new Proxy(Instance, {
    construct: (target, args) => trapping(new target(...args)),
  });

  function patched(original) {
    return async function (...args) {
      const made = await original.apply(this, args);
      return made instanceof Instance
        ? trapping(made)
        : { ...made, instance: trapping(made.instance) };
    };
  }
  function trapping(instance) {
    window.instances = (window.instances ?? 0) + 1;
    const exports = {};
    for (const [name, value] of Object.entries(instance.exports)) {
      exports[name] =
        typeof value !== "function"
          ? value
          : (...args) => {
              if (window.trap) {
                window.trap = false;
                throw new WebAssembly.RuntimeError("unreachable");
              }
              return value(...args);
            };
    }
    return new Proxy(Object.create(Instance.prototype), {
      get: (_, key) => (key === "exports" ? exports : Reflect.get(instance, key)),
    });
  }
}

/** Runs in every page before its scripts: `window.lab`. */
function pageHelper() {
  const lab = {
    /** What the listeners heard: `loginSuccess superhero1`, `logoutSuccess`, `loginFailure SOME_CODE`. */
    events: [],
    /** How often the page has asked the network for something by `fetch`, counted as it asks. */
    sent: 0,

    /**
     * The client that the page loaded: "ours" or "official". The script of ours keeps the module's
     * exports in `window.exported`; the official script defines the global only.
     */
    client() {
      if (window.exported) return CometChat === window.exported.CometChat ? "ours" : "both";
      return typeof CometChat === "undefined" ? "none" : "official";
    },

    /** Settings for the package or the official client. */
    settings({ region = "us", session = false, socket = false, emulator, timeout } = {}) {
      const builder = new CometChat.AppSettingsBuilder().autoEstablishSocketConnection(socket);
      if (region !== null) builder.setRegion(region);
      if (session) builder.setStorageMode("session");
      if (emulator !== undefined) builder.useEmulator(emulator);
      if (timeout !== undefined) builder.setRequestTimeout(timeout);
      return builder.build();
    },
    init: (options) => CometChat.init("emulator-app", lab.settings(options)),

    listen(id = "lab", and = {}) {
      const handler = (event) => (value) => {
        lab.events.push(
          [event, value?.uid ?? value?.code].filter((part) => part !== undefined).join(" "),
        );
        return and[event]?.(value);
      };
      const handlers = Object.fromEntries(
        ["loginSuccess", "loginFailure", "logoutSuccess", "logoutFailure"].map((event) => [
          event,
          handler(event),
        ]),
      );
      CometChat.addLoginListener(id, new CometChat.LoginListener(handlers));
    },

    /** How a promise ended, in plain values: `{value}` or `{error}`. */
    async outcome(promise) {
      try {
        const value = await promise;
        return { value: value && typeof value === "object" ? { ...value } : value };
      } catch (error) {
        return {
          error: {
            code: error?.code,
            name: error?.name,
            message: error?.message,
            status: error?.status,
            retryable: error?.retryable,
            retryAfter: error?.retryAfter,
            isException: error instanceof CometChat.CometChatException,
            isError: error instanceof Error,
            text: String(error),
            json: JSON.stringify(error),
            /** All that it holds and all that hangs on it. */
            all:
              [
                String(error),
                JSON.stringify(error),
                error?.stack,
                error?.cause?.stack,
                String(error?.cause),
              ].join("\n") +
              JSON.stringify(
                Object.getOwnPropertyNames(Object(error)).map((key) => String(error[key])),
              ),
          },
        };
      }
    },

    /** The stored entries, each parsed as often as it was stringified. */
    entries(storage = localStorage) {
      const parsed = (text) => {
        try {
          return JSON.parse(text);
        } catch {
          return text;
        }
      };
      return Object.fromEntries(
        Object.keys(storage)
          .sort()
          .map((key) => [key, parsed(parsed(storage.getItem(key)))]),
      );
    },
  };
  window.lab = lab;
  const { fetch } = window;
  window.fetch = function (...args) {
    lab.sent++;
    return fetch.apply(this, args);
  };
}
