/**
 * The environment of the compatibility tests: emulator, proxy and browser. The browser resolves the
 * service's hosts to the proxy. Each test has its own origin, so requests and storage are separate.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launchBrowser, launchProfile } from "./browser.mjs";
import { startEmulator } from "./emulator.mjs";
import { PAGES, startProxy } from "./proxy.mjs";
import { bundle } from "./package.mjs";
import { SERVICE_DOMAINS } from "./service-domains.mjs";

const WAIT_MS = 8_000;
const JAVASCRIPT = "text/javascript";
const CONTEXT = { ignoreHTTPSErrors: true };

/** A page that loads one script. */
export const htmlWith = (script) =>
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>lab</title>' +
  `${script}<body>lab</body></html>`;

/**
 * A module that puts the package into `window.CometChat`, and all exports into `window.exported`.
 */
const OURS = (entry) =>
  `import * as exported from "${entry}";
  Object.assign(window, { exported, CometChat: exported.CometChat });`;

/**
 * Registers start and stop with the test runner, and returns what tests use.
 *
 * Pages of every origin: `/` and `/ours` with the package, `/lazy` with its lazy entry, `/official`
 * with the official client, `/empty` with neither.
 *
 * @param {{emulatorArgs?: string[]}} [options]
 */
export function labSuite({ emulatorArgs = [] } = {}) {
  let tests = 0;
  const lab = {
    /** @type {Awaited<ReturnType<typeof startEmulator>>} */
    emulator: undefined,
    /** @type {Awaited<ReturnType<typeof startProxy>>} */
    front: undefined,
    /** @type {import("playwright-core").Browser} */
    browser: undefined,

    /**
     * A test with its own origin. An uncaught error on a page fails it, unless the test expects it.
     *
     * @param {string} name the promise
     * @param {(given: Given) => Promise<void>} body
     *
     * @typedef {{
     *   ownContext: () => Promise<import("playwright-core").BrowserContext>,
     *   ownProfile: () => Promise<import("playwright-core").BrowserContext>,
     *   origin: string,
     *   open: (path?: string) => Promise<import("playwright-core").Page>,
     *   requests: () => import("./proxy.mjs").Seen[],
     *   preflights: () => import("./proxy.mjs").Seen[],
     *   answer: (rule: (seen: import("./proxy.mjs").Seen) => import("./proxy.mjs").Answer) => void,
     *   serve: (path: string, page: import("./proxy.mjs").Page) => void,
     *   console: import("playwright-core").ConsoleMessage[],
     *   pageErrors: Error[],
     * }} Given
     * `open`: a new tab. `ownContext`: a browser context for this test alone, to be called before
     * the first page. Without it, all tests share a context, which saves a renderer for each test.
     * `ownProfile`: the same with an ordinary profile. `requests`: requests of this test's pages to
     * the service so far, without preflights. `answer`: answers instead of the service.
     * `pageErrors`: uncaught errors of the pages. The test fails if it leaves any there.
     */
    test(name, body) {
      test(name, { timeout: 30_000 }, async () => {
        const origin = `https://t${++tests}${PAGES}`;
        const ownRequests = () => lab.proxy.seen.filter((seen) => seen.origin === origin);
        /** @type {import("playwright-core").BrowserContext | undefined} */
        let context;
        const pages = [];
        const given = {
          origin,
          console: [],
          pageErrors: [],
          requests: () => ownRequests().filter((seen) => !seen.preflight),
          preflights: () => ownRequests().filter((seen) => seen.preflight),
          answer: (rule) => void lab.proxy.rules.set(origin, rule),
          serve: (path, page) => lab.proxy.serve(origin, path, page),
          async ownContext() {
            return (context ??= await prepared(lab.browser.newContext(CONTEXT)));
          },
          async ownProfile() {
            return (context ??= await prepared(launchProfile({ args, ...CONTEXT })));
          },
          async open(path = "/") {
            const page = await (context ?? shared).newPage();
            pages.push(page);
            page.on("pageerror", (error) => given.pageErrors.push(error));
            page.on("console", (message) => given.console.push(message));
            await page.goto(origin + path);
            return page;
          },
        };
        try {
          await body(given);
          if (given.pageErrors.length > 0) {
            throw new AggregateError(
              given.pageErrors,
              `uncaught on the page: ${given.pageErrors.map(String).join("; ")}`,
            );
          }
        } finally {
          lab.proxy.rules.delete(origin);
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
    // Stored one by one, so that `after` stops them even if a later one does not start.
    lab.emulator = await startEmulator({
      args: ["--region", "us", "--region", "eu", "--region", "in", ...emulatorArgs],
    });
    lab.proxy = await startProxy(lab.emulator.url);
    const everywhere = (path, page) => lab.proxy.serve("*", path, page);
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
    // Without it, each browser context reports a missing file in the console.
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
        .map((domain) => `MAP *${domain} 127.0.0.1:${lab.proxy.port}`)
        .join(", ")}`,
    ];
    lab.browser = await launchBrowser({ args });
    shared = await prepared(lab.browser.newContext(CONTEXT));
    // An open tab keeps the renderer process of the site alive.
    await (await shared.newPage()).goto(`https://stays${PAGES}/empty`);
  });
  after(async () => {
    await lab.browser?.close();
    await lab.proxy?.stop();
    await lab.emulator?.stop();
  });
  return lab;
}

/** Waits until `condition` returns a truthy value, and returns it. Fails with `what` otherwise. */
export async function until(what, condition) {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const value = await condition();
    if (value) {
      return value;
    }
    if (Date.now() > end) {
      throw new Error(`Not within ${WAIT_MS / 1000} s: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/**
 * Runs in a page before its scripts. After `window.trap = true` the next call into the WebAssembly
 * traps, by a patched export. `window.instances` counts the instances.
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
      const result = await original.apply(this, args);
      return result instanceof Instance
        ? trapping(result)
        : { ...result, instance: trapping(result.instance) };
    };
  }
  function trapping(instance) {
    // The reader of the text is not an instance of the core.
    if (!instance.exports.start) return instance;
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
    /** Received events: `loginSuccess superhero1`, `logoutSuccess`, `loginFailure SOME_CODE`. */
    events: [],
    /** Number of calls of `fetch` by the page. */
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

    /** The outcome of a promise, in plain values: `{value}` or `{error}`. */
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
            /** All text of the error, its properties and its cause. */
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

    /** The stored entries without their JSON layers. */
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
