/** The environment of all measurements: emulator, pages, simulated network and one Chromium. */
import { request } from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchBrowser, launchProfile } from "../support/browser.mjs";
import { startEmulator } from "../support/emulator.mjs";
import { APP, bundle, CLIENTS, CONTENDERS } from "./contenders.mjs";
import { startLine } from "./line.mjs";
import { DOMAIN, originOf, startPages } from "./pages.mjs";

/** About 400 bytes of metadata, as apps store for their users. */
export const METADATA = {
  team: "Support, second line",
  city: "Thessaloniki",
  language: "el",
  timezone: "Europe/Athens",
  preferences: {
    theme: "dark",
    compact: true,
    sounds: ["message", "mention"],
    digest: { weekly: true, hour: 8 },
  },
  badges: [
    { id: 17, name: "First responder", since: "2024-03-01" },
    { id: 41, name: "Translator", since: "2025-01-15" },
  ],
  plan: "pro",
  seats: 12,
  bio: "Answers before the coffee is cold. Asks twice, ships once.",
};

/** The logged-in user, with a token that a logout does not revoke. */
export const USER = {
  uid: "bench-user",
  name: "Bench User",
  avatar: "https://assets.example/avatars/bench-user.png",
  link: "https://app.example/u/bench-user",
  role: "default",
  tags: ["staff", "beta"],
  metadata: METADATA,
};
export const TOKEN = "bench-user_0123456789abcdef0123456789abcdef01234567";

export async function openEnvironment() {
  const ends = [];
  const close = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const folder = mkdtempSync(join(tmpdir(), "cometchat-auth-bench-"));
    ends.push(() => rmSync(folder, { recursive: true, force: true }));
    const seed = join(folder, "seed.json");
    writeFileSync(
      seed,
      JSON.stringify({
        version: 1,
        apps: [
          { id: APP, users: [USER], tokens: [{ authToken: TOKEN, uid: USER.uid, pinned: true }] },
        ],
      }),
    );

    const emulator = await startEmulator({
      args: [
        "--tls",
        "--log",
        "error",
        "--seed",
        seed,
        "--app",
        APP,
        "--core-limit",
        "0",
        "--standard-limit",
        "0",
      ],
    });
    ends.push(emulator.stop);
    const pages = await startPages();
    ends.push(pages.stop);
    const service = await startLine(emulator.port);
    ends.push(service.stop);
    const site = await startLine(pages.port);
    ends.push(site.stop);

    for (const contender of CONTENDERS)
      pages.serve(contender, "start", await bundle(contender, "start"));
    for (const contender of CLIENTS) pages.serve(contender, "lab", await bundle(contender, "lab"));

    const args = [
      `--host-resolver-rules=MAP *.${DOMAIN} 127.0.0.1:${site.port}, MAP *.cometchat.io ` +
        `127.0.0.1:${service.port}`,
      // A trusted certificate, so that the cache works as it does on the web.
      `--ignore-certificate-errors-spki-list=${pages.spki},${emulator.tls.spki}`,
      "--enable-blink-features=ForceEagerMeasureMemory",
    ];
    const browser = await launchBrowser({ args });
    ends.push(() => browser.close());

    const environment = { emulator, pages, service, site, browser, args, close };
    /** The emulator's `/emulator/v1`. */
    environment.control = async (method, path, body) => {
      const options = {
        method,
        ...(body && {
          body: JSON.stringify(body),
          headers: { "content-type": "application/json" },
        }),
      };
      const reply = await fetch(`http://127.0.0.1:${emulator.port}/emulator/v1/${path}`, options);
      if (!reply.ok)
        throw new Error(`the emulator refuses ${method} ${path}: ${await reply.text()}`);
    };
    // The service's response to a login, for measurements without the service.
    environment.me = await me(emulator);
    return environment;
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The `data` of `PUT me`, requested with the service's host name so that its settings name that
 * host.
 */
function me(emulator) {
  return new Promise((resolve, reject) => {
    const headers = {
      host: `${APP}.apiclient-us.cometchat.io`,
      appId: APP,
      authToken: TOKEN,
      "content-type": "application/json",
      accept: "application/json",
    };
    const call = request(
      { host: "127.0.0.1", port: emulator.port, method: "PUT", path: "/v3.0/me", headers },
      async (reply) => {
        let text = "";
        for await (const chunk of reply.setEncoding("utf8")) text += chunk;
        const { data, error } = JSON.parse(text);
        if (data?.authToken === TOKEN) resolve(data);
        else reject(new Error(`the emulator answers PUT me with ${error?.code}`));
      },
    );
    call.on("error", reject).end("{}");
  });
}

/** Opens a page and waits until its app has started. Errors on the page fail the run. */
export async function visit(page, contender, path = "/") {
  const faults = [];
  const note = (error) => faults.push(error);
  page.on("pageerror", note);
  const up =
    path === "/empty"
      ? undefined
      : page.waitForEvent("console", {
          predicate: (message) => /^(started|ready)$/.test(message.text()),
          timeout: 30_000,
        });
  try {
    await Promise.all([page.goto(originOf(contender) + path, { waitUntil: "load" }), up]);
  } catch (error) {
    throw new AggregateError(
      [error, ...faults],
      `${contender.label} did not start on ${path}: ${[error, ...faults].map(String).join("; ")}`,
      { cause: error },
    );
  } finally {
    page.off("pageerror", note);
  }
}

/** Runs `work` in a new browser context: no connections, cache, storage or compiled code. */
export const fresh = async (environment, work) =>
  within(await environment.browser.newContext(), work);

/**
 * The same with an ordinary profile, as visitors have (see `launchProfile`), in a Chromium process
 * of its own. Chromium's own start-up work ends before `work` begins.
 */
export async function freshProfile(environment, work) {
  const context = await launchProfile({ args: environment.args });
  await new Promise((resolve) => setTimeout(resolve, 300));
  return within(context, work);
}

async function within(context, work) {
  try {
    return await work(context.pages()[0] ?? (await context.newPage()), context);
  } finally {
    await context.close();
  }
}

/**
 * Stores a session on the contender's origin, as after an earlier login.
 *
 * @param {import("playwright-core").Page} page
 */
export async function seedSession(environment, page, contender, user = environment.me) {
  await visit(page, contender, "/empty");
  const now = Math.floor(Date.now() / 1000);
  await page.evaluate(
    ({ app, me, session }) => {
      if (session) return localStorage.setItem(session.key, JSON.stringify(session.value));
      const { settings, ...data } = me;
      const twice = (value) => JSON.stringify(JSON.stringify(value));
      const fields = [
        "uid",
        "name",
        "authToken",
        "avatar",
        "link",
        "metadata",
        "role",
        "statusMessage",
        "tags",
        "wsChannel",
        "jwt",
      ];
      const kept = Object.fromEntries(
        fields.filter((field) => data[field]).map((field) => [field, data[field]]),
      );
      localStorage.setItem(`${app}:common_store/appId`, twice(app));
      localStorage.setItem(`${app}:common_store/app_settings`, twice(settings));
      localStorage.setItem(
        `${app}:common_store/user`,
        twice({
          hasBlockedMe: false,
          blockedByMe: false,
          deactivatedAt: 0,
          ...kept,
          status: "online",
        }),
      );
    },
    {
      app: APP,
      me: user,
      session: contender.session && {
        key: contender.session.key,
        value: contender.session.value(user, now),
      },
    },
  );
}

/** Fails if the app on the page does not report the expected user. */
export async function expectUser(page, contender, uid) {
  const who = await page.evaluate(() => globalThis.who);
  if (who !== uid) {
    throw new Error(
      `${contender.label} says that ${JSON.stringify(who)} is logged in, where it should say ` +
        `${JSON.stringify(uid)}`,
    );
  }
}
