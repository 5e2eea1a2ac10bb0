/** Every recipe in recipes/ does what its README says, in Chromium against the emulator. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startChild } from "../support/child.mjs";
import { freePort } from "../support/page-server.mjs";
import { run } from "../support/packed.mjs";
import { serve } from "../support/static-server.mjs";
import { asked, control, onPage, startEnvironment, prepare } from "./recipe.mjs";
import { tokenServerTest } from "./token-server.mjs";

let environment;
before(async () => {
  environment = await startEnvironment();
});
after(() => environment?.close());

/** A test that starts with a reset emulator. */
const recipe = (name, body) =>
  test(name, { timeout: 120_000 }, async () => {
    await control(environment.emulator)("POST", "reset");
    await body();
  });

const logIn = async (page, uid = "superhero1") => {
  await page.getByLabel("Uid").fill(uid);
  await page.getByRole("button", { name: "Log in" }).click();
};
const userIs = (page, name) => page.locator("#user", { hasText: name }).waitFor();
const loggedOut = (page) => page.getByRole("button", { name: "Log in" }).waitFor();

/** A failed login with its message, a login, a reload, another tab, and a logout of both tabs. */
async function logInAndOut(page, context, url) {
  const { emulator } = environment;
  await page.goto(url);
  await logIn(page, "unknown-uid");
  await page.getByRole("alert").filter({ hasText: /\w/ }).waitFor();
  await control(emulator)("DELETE", "requests");
  await logIn(page);
  await userIs(page, "Iron Man");
  assert.deepEqual(
    await asked(emulator),
    ["POST /v3.0/users/superhero1/auth_tokens 200", "PUT /v3.0/me 200"],
    "one login",
  );

  await page.reload();
  await userIs(page, "Iron Man");
  const other = await context.newPage();
  await other.goto(url);
  await userIs(other, "Iron Man");
  assert.equal((await asked(emulator)).length, 2, "the session was found without asking");

  await page.getByRole("button", { name: "Log out" }).click();
  await loggedOut(page);
  await loggedOut(other);
  await page.reload();
  await loggedOut(page);
  const requests = await asked(emulator);
  assert.deepEqual([requests.length, requests[2]], [3, "DELETE /v3.0/me 200"]);
}

/** Vite in a recipe: `dev` or `preview`. */
const vite = async (folder, command) =>
  startChild({
    name: `Vite, ${command}`,
    command: process.execPath,
    args: [
      "node_modules/vite/bin/vite.js",
      command,
      "--host",
      "127.0.0.1",
      "--port",
      String(await freePort()),
      "--strictPort",
    ],
    cwd: folder,
    env: { VITE_EMULATOR_URL: environment.emulator.url, NO_COLOR: "1", FORCE_COLOR: undefined },
    ready: (stdout) => /http:\/\/127\.0\.0\.1:\d+\//.exec(stdout)?.[0],
  });

// The browser reports the status of the failed login.
const REFUSED = { expected: /status of 404/ };

for (const [name, title] of [
  ["react", "React"],
  ["vue", "Vue 3"],
  ["typescript", "plain TypeScript, checked by tsc --strict"],
]) {
  recipe(`${title}: login form, reload, another tab, logout`, async () => {
    const folder = await prepare(environment, name);
    const server = await serve(join(folder, "dist"));
    try {
      await onPage(environment, (page, context) => logInAndOut(page, context, server.url), REFUSED);
    } finally {
      await server.stop();
    }
  });
}

recipe("React in development, where StrictMode runs every effect twice", async () => {
  const server = await vite(await prepare(environment, "react", { build: false }), "dev");
  try {
    await onPage(environment, (page, context) => logInAndOut(page, context, server.ready), REFUSED);
  } finally {
    await server.stop();
  }
});

recipe(
  "CSP: login and logout under default-src 'none' and trusted types, without a violation",
  async () => {
    const preview = await vite(await prepare(environment, "csp"), "preview");
    try {
      await onPage(
        environment,
        async (page, context) => {
          await context.addInitScript(() => {
            window.violations = [];
            document.addEventListener(
              "securitypolicyviolation",
              ({ violatedDirective, blockedURI }) =>
                window.violations.push(`${violatedDirective} ${blockedURI}`),
            );
          });
          const reply = await page.goto(preview.ready);
          assert.equal(
            reply.headers()["content-security-policy"],
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; " +
              `connect-src ${environment.emulator.url}; require-trusted-types-for 'script'`,
          );
          await logInAndOut(page, context, preview.ready);
          assert.deepEqual(await page.evaluate(() => window.violations), []);
        },
        REFUSED,
      );
      // The policy is in force: it blocks and reports.
      await onPage(
        environment,
        async (page) => {
          await page.goto(preview.ready);
          const refused = await page.evaluate(async () => {
            const heard = [];
            document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) =>
              heard.push(effectiveDirective),
            );
            await fetch("https://elsewhere.example/").catch(() => undefined);
            try {
              document.body.innerHTML = "<p>";
            } catch {
              // Expected; the check is that the policy was the reason.
            }
            await new Promise((resolve) => setTimeout(resolve, 100));
            return heard;
          });
          assert.deepEqual(refused, ["connect-src", "require-trusted-types-for"]);
        },
        { expected: /Content Security Policy|TrustedHTML/ },
      );
    } finally {
      await preview.stop();
    }
  },
);

recipe(
  "hand-over: a click loads the official SDK, which is logged in without a second login",
  async () => {
    const { emulator } = environment;
    const folder = await prepare(environment, "hand-over");
    const server = await serve(join(folder, "dist"));
    const LOGIN = ["POST /v3.0/users/superhero1/auth_tokens 200", "PUT /v3.0/me 200"];
    const logins = async () =>
      (await asked(emulator)).filter((line) => /auth_tokens|PUT .*\/me /.test(line));
    try {
      await onPage(environment, async (page) => {
        let scripts = [];
        page.on("response", async (response) => {
          if (response.request().resourceType() === "script")
            scripts.push((await response.body().catch(() => "")).length);
        });
        /**
         * Opens the chat: the SDK (some 600 KB) loads now, finds the session, and its own call
         * succeeds.
         */
        const openChat = async () => {
          await page.waitForLoadState("networkidle");
          assert.ok(
            Math.max(...scripts) < 100_000,
            `before the click: scripts of ${scripts} bytes`,
          );
          await page.getByRole("button", { name: "Open the chat" }).click();
          await page
            .locator("#chat-status", { hasText: "Iron Man may write to Captain America." })
            .waitFor();
          assert.ok(Math.max(...scripts) > 400_000, `after the click: scripts of ${scripts} bytes`);
        };
        await page.goto(server.url);
        await logIn(page);
        await userIs(page, "Iron Man");
        assert.deepEqual(await asked(emulator), LOGIN);
        await openChat();
        assert.ok(
          (await asked(emulator)).includes("GET /v3.0/users/superhero2 200"),
          "the call of the official SDK",
        );
        assert.deepEqual(await logins(), LOGIN, "no second login");

        // The same on a visit that finds the session.
        scripts = [];
        await control(emulator)("DELETE", "requests");
        await page.reload();
        await userIs(page, "Iron Man");
        assert.deepEqual(await asked(emulator), []);
        await openChat();
        assert.deepEqual(await logins(), []);

        // Log out with the SDK that has the socket: both are logged out.
        await page.getByRole("button", { name: "Log out" }).click();
        await loggedOut(page);
        await page.reload();
        await loggedOut(page);
        assert.deepEqual(
          (await asked(emulator)).filter((line) => line.startsWith("DELETE")),
          ["DELETE /v3.0/me 200"],
        );
      });
    } finally {
      await server.stop();
    }
  },
);

recipe(
  "token server in Express: the page logs in as the app's user, the key stays on the server",
  async () => {
    await prepare(environment, "token-server/page");
    const folder = await prepare(environment, "token-server/express", { build: false });
    await tokenServerTest(environment, {
      command: process.execPath,
      args: ["server.js"],
      cwd: folder,
    });
  },
);

recipe(
  "test in CI: the example's own Playwright tests pass, and fail if an expectation is wrong",
  async () => {
    const folder = await prepare(environment, "test-in-ci", { build: false });
    const env = {
      CI: "1",
      PORT: String(await freePort()),
      CHROMIUM: process.env.CHROMIUM || "/usr/bin/chromium",
    };
    const playwright = (emulatorArgs, ...options) => {
      const program = [
        process.execPath,
        "node_modules/@playwright/test/cli.js",
        "test",
        ...options,
      ];
      const emulator = "node_modules/cometchat-emulator/dist/cli.js";
      return run(
        process.execPath,
        [emulator, "exec", "--log", "off", ...emulatorArgs, "--", ...program],
        { cwd: folder, env },
      );
    };
    assert.match(await playwright([]), /^\s*3 passed/m);
    // They fail against a service where that user has another name.
    const temporary = mkdtempSync(join(tmpdir(), "cometchat-auth-recipes-"));
    try {
      const seed = join(temporary, "seed.json");
      writeFileSync(
        seed,
        JSON.stringify({
          version: 1,
          apps: [{ id: "emulator-app", users: [{ uid: "superhero1", name: "Somebody Else" }] }],
        }),
      );
      await assert.rejects(
        playwright(["--seed", seed], "--grep", "stays logged in"),
        /Logged in as Iron Man[\s\S]*1 failed/,
      );
    } finally {
      rmSync(temporary, { recursive: true });
    }
  },
);

if (process.env.CCA_MATRIX !== undefined) await import("./axum.mjs");
