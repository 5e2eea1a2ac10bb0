/** Fault rules: switches for the common ones, an editor for all others. */
import assert from "node:assert/strict";
import { dashboardSuite, said } from "../support/dashboard.mjs";

const suite = dashboardSuite();

const rules = (page) => page.getByRole("region", { name: "Rules in force" });
const common = (page, name) => page.getByRole("switch", { name });

suite.test("a common fault is switched on and off, and the dashboard goes on", async (given) => {
  const { open, service } = given;
  const page = await open("faults");
  await common(page, "Service unavailable").click();
  await said(page, "Service unavailable: on.");
  assert.equal(await common(page, "Service unavailable").getAttribute("aria-checked"), "true");
  assert.equal((await service("GET", "/v3/users")).status, 503);
  await page.getByText("all requests · affected 1 request", { exact: true }).waitFor();

  await page.getByRole("link", { name: /^Users/ }).click();
  await page.getByRole("link", { name: /Andrew Joseph/ }).waitFor();
  await page.getByRole("link", { name: "1 fault rule is on" }).click();
  await common(page, "Service unavailable").click();
  await said(page, "Service unavailable: off.");
  assert.equal((await service("GET", "/v3/users")).status, 200);
  await rules(page).getByText("No rule").waitFor();
});

suite.test("every common fault is what it says", async (given) => {
  const { open, control, app, service, createToken, logIn } = given;
  const token = await createToken();
  const page = await open("faults");
  const expected = {
    "Service unavailable": async () => assert.equal((await logIn(token)).status, 503),
    "Rate limit reached": async () => {
      const response = await logIn(token);
      assert.equal(response.status, 429);
      assert.equal(response.headers.get("retry-after"), "7");
      assert.equal((await response.json()).error.code, "ERR_TOO_MANY_REQUESTS");
    },
    "Auth token unknown": async () => {
      const { error } = await (await logIn(token)).json();
      assert.equal(error.code, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
    },
    "Connection lost": () => assert.rejects(logIn(token)),
    "Response lost": async () => {
      const create = { body: { uid: "lost", name: "Lost" } };
      await assert.rejects(service("POST", "/v3/users", create));
      await control("DELETE", `/faults?app=${app.id}`);
      assert.equal((await service("GET", "/v3/users/lost")).status, 200);
    },
    "Response cut short": () => assert.rejects(logIn(token).then((response) => response.text())),
    "Blocked by CORS": async () => {
      const response = await logIn(token);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("access-control-allow-origin"), null);
    },
    "HTML instead of JSON": async () => {
      const response = await logIn(token);
      assert.equal(response.status, 502);
      assert.match(response.headers.get("content-type"), /text\/html/);
    },
    "No response": async () => {
      const { url } = suite.emulator;
      const signal = AbortSignal.timeout(400);
      await assert.rejects(fetch(`${url}/v3.0/me`, { headers: { appId: app.id }, signal }), {
        name: "TimeoutError",
      });
    },
    "Slow responses": async () => {
      const start = performance.now();
      await logIn(token);
      assert.ok(performance.now() - start >= 2_900);
    },
  };
  const names = await page
    .getByRole("switch")
    .evaluateAll((all) => all.map((element) => element.getAttribute("aria-label")));
  assert.deepEqual(names.sort(), Object.keys(expected).sort());
  for (const [name, meets] of Object.entries(expected)) {
    await common(page, name).click();
    await said(page, `${name}: on.`);
    await meets();
    await control("DELETE", `/faults?app=${app.id}`);
    await page.locator("[role=switch][aria-checked=true]").waitFor({ state: "detached" });
  }
});

suite.test("a fault can be for logins only, and for one time only", async (given) => {
  const { open, service, createToken, logIn } = given;
  const token = await createToken();
  const page = await open("faults");
  await page.getByRole("combobox", { name: "Switch on for" }).selectOption("logins (PUT /me)");
  await page.getByRole("combobox", { name: "How often" }).selectOption("once");
  await common(page, "Auth token unknown").click();
  await said(page, "Auth token unknown: on.");
  assert.equal((await service("GET", "/v3/users")).status, 200);
  assert.equal((await logIn(token)).status, 401);
  assert.equal((await logIn(token)).status, 200);
  await rules(page).getByText("used up").waitFor();
  await page.getByText("PUT /me$ · affected 1 of 1").waitFor();
  await page.getByRole("link", { name: "Users", exact: false }).first().click();
  await page.getByRole("link", { name: /Andrew Joseph/ }).waitFor();
  const chip = page.getByRole("link", { name: /fault rule is on/ });
  assert.equal(await chip.count(), 0, "a rule that is used up is not on");
});

suite.test("a rule is written in the form, changed as JSON, and removed", async (given) => {
  const { app, control, open, service } = given;
  const page = await open("faults");
  await page.getByRole("button", { name: "New rule" }).click();
  const dialog = page.getByRole("dialog", { name: "New fault rule" });
  await dialog.getByRole("combobox", { name: "Method" }).selectOption("GET");
  await dialog.getByRole("textbox", { name: "Path" }).fill("/users/ann$");
  await dialog.getByRole("textbox", { name: "Status" }).fill("418 teapot");
  await dialog.getByRole("button", { name: "Switch on" }).click();
  await dialog.getByText("Write a whole number, without a unit.").first().waitFor();
  await dialog.getByRole("textbox", { name: "Status" }).fill("418");
  await dialog.getByRole("textbox", { name: "Headers" }).fill("X-Tea: green");
  await dialog
    .getByRole("textbox", { name: "Body", exact: true })
    .fill('{ "error": { "code": "ERR_TEAPOT" } }');
  await dialog.getByRole("button", { name: "Switch on" }).click();
  await dialog.waitFor({ state: "detached" });
  await rules(page).getByText("GET /users/ann$").waitFor();
  await rules(page).getByText("responds 418 ERR_TEAPOT; headers X-Tea").waitFor();
  const response = await service("GET", "/v3/users/ann");
  assert.equal(response.status, 418);
  assert.equal(response.headers.get("x-tea"), "green");
  assert.deepEqual(await response.json(), { error: { code: "ERR_TEAPOT" } });

  await rules(page)
    .getByRole("button", { name: /^Edit rule/ })
    .click();
  const edit = page.getByRole("dialog", { name: /^Edit rule/ });
  await edit.getByRole("tab", { name: "JSON" }).click();
  const json = edit.getByRole("textbox", { name: "Rule" });
  const rule = JSON.parse(await json.inputValue());
  assert.deepEqual(rule.act, {
    status: 418,
    body: { error: { code: "ERR_TEAPOT" } },
    headers: { "X-Tea": "green" },
  });
  await json.fill("{ act }");
  await edit.getByRole("button", { name: "Save" }).click();
  await edit.getByText(/This is not JSON/).waitFor();
  await json.fill(JSON.stringify({ ...rule, act: { status: 999 } }));
  await edit.getByRole("button", { name: "Save" }).click();
  await edit.getByRole("alert").getByText(/999/).waitFor();
  await json.fill(JSON.stringify({ ...rule, act: { status: 503 } }));
  await edit.getByRole("button", { name: "Save" }).click();
  await edit.waitFor({ state: "detached" });
  assert.equal((await service("GET", "/v3/users/ann")).status, 503);
  const [kept, ...others] = await control("GET", `/faults?app=${app.id}`);
  assert.deepEqual(others, []);
  assert.equal(kept.match.app, app.id, "an edited rule stays with its app");

  await rules(page)
    .getByRole("button", { name: /^Remove rule/ })
    .click();
  await rules(page).getByText("No rule").waitFor();
  assert.equal((await service("GET", "/v3/users/ann")).status, 404);
});

suite.test("a rule made by a test shows up, and all rules go at once", async (given) => {
  const { app, control, open } = given;
  const page = await open("faults");
  await rules(page).getByText("No rule").waitFor();
  await control("POST", `/faults?app=${app.id}`, { act: { delayMs: 1 } });
  await control("POST", `/faults?app=${app.id}`, { match: { uid: "ann" }, act: { drop: "after" } });
  await rules(page).getByText("waits 1 ms").waitFor();
  await rules(page).getByText("user ann").waitFor();
  await rules(page).getByRole("button", { name: "Remove all" }).click();
  await rules(page).getByText("No rule").waitFor();
  assert.deepEqual(await control("GET", `/faults?app=${app.id}`), []);
});

suite.test("a rule for every app is shown in each, and removed", async (given) => {
  const { control, open, service } = given;
  const page = await open("overview");
  await control("POST", "/faults", { act: { status: 503 } });
  await page.getByRole("link", { name: "1 fault rule is on" }).click();
  await rules(page).getByText("all requests, every app").waitFor();
  assert.equal((await service("GET", "/v3/users")).status, 503);
  await rules(page).getByRole("button", { name: "Remove all" }).click();
  await rules(page).getByText("No rule").waitFor();
  const left = await control("GET", "/faults");
  assert.ok(
    left.every(({ match }) => match.app),
    "rules of other apps stay",
  );
});

suite.test("the journal marks a request that a rule changed", async ({ open, service }) => {
  const page = await open("faults");
  await common(page, "Service unavailable").click();
  await said(page, "Service unavailable: on.");
  await service("GET", "/v3/roles");
  await page.getByRole("link", { name: "Requests" }).click();
  await page.getByRole("combobox", { name: "Result" }).selectOption("Changed by a fault rule");
  await page.getByRole("link", { name: "GET /v3/roles" }).click();
  const details = page.getByRole("region", { name: "Request GET /v3/roles" });
  await details.getByRole("link", { name: /^Rule \d+/ }).waitFor();
  await details.getByText(/all requests: responds 503/).waitFor();
});
