/** The logins of the demo page, and its messages if one fails. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  card,
  demoSuite,
  heard,
  logInByCard,
  loggedOut,
  problem,
  sessionOf,
} from "../support/demo.mjs";
import { startEmulator } from "../support/emulator.mjs";
import { startPageServer } from "../support/page-server.mjs";

const demo = demoSuite();

demo.test("a card logs its user in, and the event log shows it", async ({ open }) => {
  const page = await open();
  await logInByCard(page, "Nancy Grace");
  const session = sessionOf(page, "Nancy Grace");
  await session.getByText("cometchat-uid-3", { exact: true }).first().waitFor();
  await session.locator("[data-chip=status]", { hasText: "online" }).waitFor();
  assert.equal(await page.locator("#persistence").textContent(), "local");
  await session.getByText(demo.emulator.appId, { exact: true }).waitFor();
  assert.deepEqual(await heard(page), ["loginSuccess"]);
  assert.equal(await page.title(), "Nancy Grace – cometchat-auth demo");
  assert.equal(await loggedOut(page).count(), 0);
});

demo.test("the avatars come from the emulator", async ({ open }) => {
  const page = await open();
  await card(page, "Iron Man").locator("img").waitFor({ state: "attached" });
  await logInByCard(page, "Iron Man");
  const image = sessionOf(page, "Iron Man").locator(".avatar img");
  await image.waitFor({ state: "attached" });
  const src = await image.getAttribute("src");
  assert.ok(src.startsWith(`${demo.emulator.url}/`), src);
  assert.ok((await image.evaluate((img) => img.naturalWidth)) > 0);
});

demo.test(
  "the table shows every field of the user, and the token only on demand",
  async ({ context, open }) => {
    const page = await open();
    await logInByCard(page, "Nancy Grace");
    const table = page.getByRole("table", { name: "The User object" });
    const stored = await storedUser(context, demo.emulator.appId);
    for (const field of ["uid", "name", "role", "status", "avatar", "authToken"]) {
      await table.getByRole("rowheader", { name: field, exact: true }).waitFor();
    }
    assert.equal(
      (await page.locator("body").innerText()).includes(stored.authToken),
      false,
      "the token is masked",
    );
    const show = table.getByRole("button", { name: "Show authToken" });
    await show.click();
    assert.equal(await show.getAttribute("aria-pressed"), "true");
    await table.getByText(stored.authToken, { exact: true }).waitFor();
    await show.click();
    assert.equal(
      (await page.locator("body").innerText()).includes(stored.authToken),
      false,
      "and again after hiding it",
    );
  },
);

demo.test(
  "your server creates a token, and the page logs in with it without the REST API key",
  async ({ context, open }) => {
    const page = await open();
    const seen = [];
    context.on("request", (request) => seen.push(request));
    const panel = page.getByRole("region", { name: "Through your server" });
    await panel.getByLabel("Mint for").selectOption("superhero5");
    await panel.getByRole("button", { name: "Get a token and log in" }).click();
    await sessionOf(page, "Cyclops").waitFor();
    assert.deepEqual(await heard(page), ["loginSuccess"]);

    const tokenRequest = seen.find((request) => request.url().endsWith("/your-server/token"));
    const reply = await (await tokenRequest.response()).json();
    assert.equal(
      (await storedUser(context, demo.emulator.appId)).authToken,
      reply.authToken,
      "the session has the created token",
    );
    const calls = seen.filter(
      (request) =>
        request.url().startsWith(demo.emulator.url) &&
        request.resourceType() === "fetch" &&
        request.method() !== "OPTIONS",
    );
    assert.deepEqual(
      calls
        .map((request) => `${request.method()} ${new URL(request.url()).pathname}`)
        .filter((line) => line !== "GET /"),
      ["PUT /v3.0/me"],
      "a token login is one request",
    );
    for (const request of seen) {
      assert.equal(
        JSON.stringify([await request.allHeaders(), request.postData()]).includes(
          demo.emulator.restApiKey,
        ),
        false,
        request.url(),
      );
    }
    const shipped = await page.evaluate(async () =>
      Promise.all([...document.scripts].map(async (script) => (await fetch(script.src)).text())),
    );
    assert.ok(shipped.join("").includes("cometchat-uid-1"), "looked at the right script");
    assert.equal(
      shipped.join("").includes(demo.emulator.restApiKey),
      false,
      "the key is not compiled in",
    );
  },
);

demo.test(
  "a wrong key shows code, message and what to do, and leaves the page logged out",
  async ({ open }) => {
    const page = await open();
    const form = page.getByRole("region", { name: "By hand" });
    await form.getByLabel("Uid").fill("cometchat-uid-1");
    await form.getByLabel("Auth key").fill("not-the-key-1234");
    await form.getByLabel("Auth key").press("Enter");
    await problem(page).getByRole("heading", { name: "AUTH_ERR_APIKEY_NOT_FOUND" }).waitFor();
    const text = await problem(page).innerText();
    assert.match(text, /What to do: Use an auth key the emulator knows/);
    assert.match(text, /Not retryable · HTTP 401/);
    assert.ok(
      (await problem(page).locator("p").first().innerText()).length > 10,
      "the message of the service is there",
    );
    assert.equal(text.includes("not-the-key-1234"), false, "the key itself is not");
    assert.equal(
      await problem(page).evaluate((box) => box === document.activeElement),
      true,
      "the focus is on the message",
    );
    assert.deepEqual(await heard(page), ["loginFailure"]);
    await loggedOut(page).waitFor();

    await problem(page).getByRole("button", { name: "Dismiss" }).click();
    assert.equal(await problem(page).count(), 0);
    assert.equal(
      await form.getByLabel("Auth key").evaluate((input) => input === document.activeElement),
      true,
      "and returns to where it was",
    );
  },
);

demo.test("an unknown uid is reported", async ({ open }) => {
  const page = await open();
  const form = page.getByRole("region", { name: "By hand" });
  await form.getByLabel("Uid").fill("nobody-of-that-name");
  await form.getByRole("button", { name: "Log in" }).click();
  await problem(page).getByRole("heading", { name: "ERR_UID_NOT_FOUND" }).waitFor();
  assert.match(await problem(page).innerText(), /What to do: Check the spelling/);
  assert.deepEqual(await heard(page), ["loginFailure"]);
});

demo.test("an empty uid is refused without a request", async ({ context, open }) => {
  const page = await open();
  const requests = [];
  // Without the browser's own request, whose time is not known.
  context.on(
    "request",
    (request) => request.url().endsWith("/favicon.svg") || requests.push(request.url()),
  );
  await page
    .getByRole("region", { name: "By hand" })
    .getByRole("button", { name: "Log in" })
    .click();
  await problem(page).getByRole("heading", { name: "MISSING_PARAMETERS" }).waitFor();
  assert.deepEqual(requests, []);
});

demo.test("text with markup is shown as text", async ({ open }) => {
  const page = await open();
  const form = page.getByRole("region", { name: "By hand" });
  await form.getByLabel("Uid").fill("<img src=x onerror=alert(1)>");
  await form.getByRole("button", { name: "Log in" }).click();
  await problem(page).waitFor();
  assert.equal(await page.locator("[onerror]").count(), 0);
});

test(
  "without a REST API key the token button explains why, and the cards work",
  { timeout: 30_000 },
  async () => {
    await withPage({ built: demo.server, env: { EMULATOR_REST_API_KEY: "" } }, async (page) => {
      await page.getByRole("button", { name: "Get a token and log in" }).click();
      await problem(page).getByRole("heading", { name: "REST_API_KEY_MISSING" }).waitFor();
      assert.match(await problem(page).innerText(), /EMULATOR_REST_API_KEY/);
      await logInByCard(page, "Cyclops");
    });
  },
);

test("a wrong REST API key is reported without showing it", { timeout: 30_000 }, async () => {
  await withPage(
    { built: demo.server, env: { EMULATOR_REST_API_KEY: "wrong-rest-key-5678" } },
    async (page) => {
      await page.getByRole("button", { name: "Get a token and log in" }).click();
      await problem(page).getByRole("heading", { name: "AUTH_ERR_APIKEY_NOT_FOUND" }).waitFor();
      const text = await problem(page).innerText();
      assert.match(text, /EMULATOR_REST_API_KEY/);
      for (const part of ["wrong-rest", "key-5678", "5678"]) {
        assert.equal(text.includes(part), false, `no part of the key: ${part}`);
      }
    },
  );
});

test(
  "an invalid emulator address is reported at the start, with the variable to change",
  { timeout: 30_000 },
  async () => {
    await withPage({ env: { VITE_EMULATOR_URL: "ftp://127.0.0.1:8599" } }, async (page) => {
      await problem(page).getByRole("heading", { name: "INVALID_HOST" }).waitFor();
      assert.match(await problem(page).innerText(), /VITE_EMULATOR_URL/);
    });
  },
);

test("your server refuses every other request", { timeout: 30_000 }, async () => {
  const ask = async (init) => {
    const reply = await fetch(`${demo.server.url}your-server/token`, init);
    return [reply.status, (await reply.json()).error.code];
  };
  const json = { "content-type": "application/json" };
  assert.deepEqual(await ask({}), [405, "YOUR_SERVER_POST_ONLY"]);
  assert.deepEqual(await ask({ method: "POST", body: '{"uid":"superhero1"}' }), [
    415,
    "YOUR_SERVER_JSON_ONLY",
  ]);
  assert.deepEqual(await ask({ method: "POST", headers: json, body: "no json" }), [
    400,
    "YOUR_SERVER_UID_MISSING",
  ]);
  assert.deepEqual(await ask({ method: "POST", headers: json, body: '{"uid":7}' }), [
    400,
    "YOUR_SERVER_UID_MISSING",
  ]);
  assert.deepEqual(await ask({ method: "POST", headers: json, body: " ".repeat(4096) }), [
    413,
    "YOUR_SERVER_BODY_TOO_LARGE",
  ]);
  assert.deepEqual(await ask({ method: "POST", headers: json, body: '{"uid":"no/such?user"}' }), [
    404,
    "ERR_UID_NOT_FOUND",
  ]);
});

test("the page works from the development server, too", { timeout: 40_000 }, async () => {
  await withPage({ mode: "dev" }, async (page) => {
    await logInByCard(page, "Wolverine");
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("Mint for").selectOption("superhero4");
    await page.getByRole("button", { name: "Get a token and log in" }).click();
    await sessionOf(page, "Wolverine").waitFor();
  });
});

test("a stopped emulator accepts no connections", { timeout: 30_000 }, async () => {
  const emulator = await startEmulator();
  await emulator.stop();
  await assert.rejects(fetch(emulator.url));
});

/** A page with other settings than the rest of this file. */
async function withPage(options, body) {
  const server = await startPageServer(demo.emulator, options);
  const context = await demo.browser.newContext();
  context.setDefaultTimeout(8_000);
  try {
    const page = await context.newPage();
    await page.goto(server.url, { waitUntil: "commit" });
    await page.locator("main:not([aria-busy])").waitFor();
    await body(page);
  } finally {
    await context.close();
    await server.stop();
  }
}

/** The stored user. It has two JSON layers, as the official client writes it. */
async function storedUser(context, appId) {
  const { origins } = await context.storageState();
  const entry = origins
    .flatMap(({ localStorage }) => localStorage)
    .find(({ name }) => name === `${appId}:common_store/user`);
  assert.ok(entry, "a user is stored");
  return JSON.parse(JSON.parse(entry.value));
}
