/** Clock, readings, data, apps, the code to paste, and an emulator that goes away. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { clipboard, CLIPBOARD, dashboardSuite, said } from "../support/dashboard.mjs";
import { startEmulator } from "../support/emulator.mjs";

const suite = dashboardSuite();
const run = promisify(execFile);
const DAY = 86_400;

const panel = (page, name) => page.getByRole("region", { name, exact: true });

suite.test("the clock is moved ahead, set, and put back", async (given) => {
  const { app, control, open } = given;
  const offset = async () => (await control("GET", `/clock?app=${app.id}`)).offsetSeconds;
  const page = await open("settings");
  await page.getByRole("button", { name: "1 day" }).click();
  await page.getByRole("button", { name: "1 day" }).click();
  await panel(page, "Clock").getByText("2 days ahead").waitFor();
  assert.equal(await offset(), 2 * DAY);

  await page.getByRole("textbox", { name: "Seconds ahead" }).fill("soon");
  await page.getByText("Write a whole number; below 0 is behind.").waitFor();
  await page.getByRole("textbox", { name: "Seconds ahead" }).fill("-90");
  await page.getByRole("textbox", { name: "Seconds ahead" }).press("Enter");
  await panel(page, "Clock").getByText("1 minute 30 seconds behind").waitFor();
  assert.equal(await offset(), -90);

  await page.getByRole("link", { name: /^Users/ }).click();
  await page.getByRole("link", { name: "Clock 1 minute 30 seconds behind" }).click();
  await page.getByRole("button", { name: "Back to real time" }).click();
  await panel(page, "Clock").getByText("the machine’s time").waitFor();
  assert.equal(await offset(), 0);
});

suite.test("each reading is switched, and the service follows", async (given) => {
  const { app, open, createToken, logIn, service } = given;
  const page = await open("settings");
  const turnOn = async (name) => {
    await page.getByRole("switch", { name }).click();
    await said(page, `${name}: on.`);
    assert.equal(await page.getByRole("switch", { name }).getAttribute("aria-checked"), "true");
  };
  await turnOn("An auth token allows one login");
  const once = await createToken();
  assert.equal((await logIn(once)).status, 200);
  const second = await logIn(once);
  assert.equal((await second.json()).error?.code, "ERR_AUTHTOKEN_UNAVAILABLE");

  await turnOn("Logging out keeps the token");
  const kept = await createToken();
  const headers = { appId: app.id, authToken: kept };
  const { url } = suite.emulator;
  await fetch(`${url}/v3.0/me`, { method: "DELETE", headers });
  assert.equal((await fetch(`${url}/v3.0/me`, { headers })).status, 200);

  await turnOn("Auth Keys only create tokens");
  const create = { body: { uid: "ann", name: "Ann" }, headers: { apiKey: app.authKey } };
  assert.notEqual((await service("POST", "/v3/users", create)).status, 200);
});

suite.test("a document adds users; a snapshot and a file bring the app back", async (given) => {
  const { app, context, open, service, createToken, logIn } = given;
  const token = await createToken("superhero1");
  const page = await open("settings");
  const data = panel(page, "Data");
  await data.getByRole("button", { name: "Take snapshot" }).click();
  await said(page, "Took Snapshot 1.");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    data.getByRole("button", { name: "Download" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), `${app.id}.json`);
  const file = await readFile(await download.path(), "utf8");
  assert.deepEqual(
    JSON.parse(file).apps.map(({ id }) => id),
    [app.id],
  );

  await data.getByRole("button", { name: "Load …" }).click();
  const dialog = page.getByRole("dialog", { name: "Load a document" });
  await dialog.getByRole("textbox", { name: "Document" }).fill("[]");
  await dialog.getByRole("button", { name: "Load" }).click();
  await dialog
    .getByRole("alert")
    .getByText(/not an object/)
    .waitFor();
  const seed = { apps: [{ id: app.id, users: [{ uid: "ann", name: "Ann" }] }] };
  await dialog.getByLabel("File").setInputFiles({
    name: "seed.json",
    mimeType: "application/json",
    buffer: Buffer.from(JSON.stringify(seed)),
  });
  await dialog.getByRole("button", { name: "Load" }).click();
  await said(page, "Loaded the document.");
  const annThere = async () => (await service("GET", "/v3/users/ann")).status === 200;
  assert.equal(await annThere(), true);

  await data.getByRole("button", { name: "Restore" }).click();
  await said(page, "Restored Snapshot 1.");
  assert.equal(await annThere(), false);
  assert.equal((await logIn(token)).status, 200, "tokens of the snapshot are back");
  await data.getByRole("button", { name: "Delete Snapshot 1" }).click();
  await data.getByText("A snapshot stores the present state").waitFor();

  await service("POST", "/v3/users", { body: { uid: "ann", name: "Ann" } });
  await data.getByRole("button", { name: "Load …" }).click();
  await dialog.getByRole("combobox", { name: "Mode" }).selectOption({ value: "restore" });
  await dialog.getByRole("textbox", { name: "Document" }).fill(file);
  await dialog.getByRole("button", { name: "Load" }).click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(await annThere(), false);
  assert.equal(context.pages().length, 1);
});

suite.test("an app is reset only after a question", async (given) => {
  const { control, app, open, service } = given;
  await service("POST", "/v3/users", { body: { uid: "ann", name: "Ann" } });
  await control("POST", `/faults?app=${app.id}`, { act: { delayMs: 1 } });
  const page = await open("settings");
  await page.getByRole("button", { name: "Reset …" }).click();
  const dialog = page.getByRole("dialog", { name: `Reset ${app.id}?` });
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Reset …");
  assert.equal((await service("GET", "/v3/users/ann")).status, 200);

  await page.getByRole("button", { name: "Reset …" }).click();
  await dialog.getByRole("button", { name: "Reset app" }).click();
  await said(page, `Reset the app ${app.id}.`);
  assert.equal((await service("GET", "/v3/users/ann")).status, 404);
  assert.deepEqual(await control("GET", `/faults?app=${app.id}`), []);
});

suite.test("several apps: made, chosen, kept apart, deleted", async (given) => {
  const { app, control, open, service } = given;
  const page = await open("settings");
  await page.getByRole("button", { name: "New app" }).click();
  const dialog = page.getByRole("dialog", { name: "New app" });
  const id = `second-${app.id}`;
  await dialog.getByRole("textbox", { name: "App id" }).fill(id);
  await dialog.getByRole("button", { name: "Create app" }).click();
  await said(page, `Created the app ${id}.`);
  const choice = page.getByRole("combobox", { name: "App" });
  assert.equal(await choice.inputValue(), id);

  await page.getByRole("link", { name: "Requests", exact: true }).click();
  await page.getByText("No request yet").waitFor();
  await service("GET", "/v3/users");
  await choice.selectOption(app.id);
  await page.getByRole("link", { name: "GET /v3/users" }).waitFor();
  await choice.selectOption(id);
  await page.getByText("No request yet").waitFor();

  await choice.selectOption(app.id);
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: `Delete app ${id}` }).click();
  const question = page.getByRole("dialog", { name: `Delete ${id}?` });
  await question.getByRole("button", { name: "Delete app" }).click();
  await said(page, `Deleted the app ${id}.`);
  assert.ok(!(await control("GET", "/apps")).some((other) => other.id === id));

  const gone = await open("users");
  await gone.goto(`${suite.emulator.url}/#/${id}/users`);
  await gone.waitForURL(`**/#/${suite.emulator.appId}/users`);
});

suite.test("the code to paste has the running address, and works", async (given) => {
  const { app, context, open } = given;
  await context.grantPermissions(CLIPBOARD.permissions);
  const page = await open();
  const shown = await page.getByRole("main").innerText();
  for (const key of [app.authKey, app.restApiKey]) {
    assert.ok(!shown.includes(key), "the page shows no key unasked");
  }
  const copy = async (title) => {
    await page.getByRole("tab", { name: title }).click();
    await page.getByRole("button", { name: `Copy the ${title} snippet` }).click();
    await said(page, `Copied the ${title} snippet.`);
    return clipboard(page);
  };
  const browser = await copy("Browser");
  assert.ok(browser.includes(`.useEmulator("${suite.emulator.url}")`));
  assert.ok(browser.includes(`"${app.authKey}"`));

  const environment = await copy("Environment");
  const env = { ...process.env };
  for (const line of environment.trim().split("\n")) {
    const [name, ...value] = line.split("=");
    env[name] = value.join("=");
  }
  assert.equal(env.COMETCHAT_EMULATOR_REST_API_KEY, app.restApiKey);
  const server = await run("node", ["--input-type=module", "-e", await copy("Your server")], {
    env,
  });
  assert.match(server.stdout, /^cometchat-uid-1_/);
  const curl = await run("sh", ["-c", `${await copy("curl")} -s`.replace("\n -s", " -s")], { env });
  assert.match(JSON.parse(curl.stdout).data.authToken, /^cometchat-uid-1_/);
});

suite.test("credentials are shown and copied on request", async ({ app, context, open }) => {
  await context.grantPermissions(CLIPBOARD.permissions);
  const page = await open();
  const connection = panel(page, "Connection");
  await connection.getByRole("button", { name: "Copy REST API key" }).click();
  await said(page, "Copied REST API key.");
  assert.equal(await clipboard(page), app.restApiKey);
  await connection.getByRole("button", { name: "Show Auth Key" }).click();
  await connection.getByText(app.authKey).waitFor();
  await connection.getByRole("button", { name: "Hide Auth Key" }).click();
  await connection.getByText(app.authKey).waitFor({ state: "detached" });
});

suite.test("an emulator that goes away is reported, and found again", async ({ context }) => {
  const first = await startEmulator();
  const page = await context.newPage();
  // Another emulator: its requests are not those of the suite's.
  context.removeAllListeners("request");
  let second;
  try {
    await page.goto(`${first.url}/#/${first.appId}/requests`);
    await page.getByText("No request yet").waitFor();
    await first.stop();
    await page.getByRole("alert").getByText("The emulator does not answer.").waitFor();
    await page.getByRole("status").getByText("Not reachable").waitFor();

    second = await startEmulator({ port: first.port });
    await page.getByRole("status").getByText("Live").waitFor();
    await page.getByText("The emulator does not answer.").waitFor({ state: "detached" });
    const headers = { appId: second.appId, apiKey: second.restApiKey };
    await fetch(`${second.url}/v3/roles`, { headers });
    await page.getByRole("link", { name: "GET /v3/roles" }).waitFor();
  } finally {
    await first.stop();
    await second?.stop();
  }
});

suite.test("the page is for this machine, and under a strict policy", async () => {
  const { url } = suite.emulator;
  const page = await fetch(url, { headers: { accept: "text/html" } });
  const policy = page.headers.get("content-security-policy");
  assert.match(policy, /^default-src 'none';/);
  assert.match(policy, /require-trusted-types-for 'script'/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:|data:/);
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  const html = await page.text();
  assert.doesNotMatch(html, /<style|style=|<script(?![^>]*\ssrc=)|https?:\/\//);

  const ready = await fetch(url, { headers: { accept: "application/json" } });
  assert.equal((await ready.json()).ready, true, "programs still get JSON");
  const [, asset] = /src="(\/dashboard\/[^"]+)"/.exec(html);
  const script = await fetch(url + asset);
  assert.match(script.headers.get("cache-control"), /immutable/);
  assert.ok((await script.text()).startsWith("/*! Contains Preact.\nThe MIT License"));
});
