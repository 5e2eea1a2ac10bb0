/** The journal as the dashboard shows it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { clipboard, CLIPBOARD, dashboardSuite, said } from "../support/dashboard.mjs";

const suite = dashboardSuite();
const run = promisify(execFile);

const table = (page) => page.getByRole("table", { name: "Requests" });
const row = (page, name) => table(page).getByRole("link", { name });

suite.test("a request appears as it comes, newest first, without its secrets", async (given) => {
  const { app, open, createToken, logIn } = given;
  const page = await open("requests");
  await page.getByText("No request yet").waitFor();
  const token = await createToken("superhero1");
  await row(page, "POST /v3/users/superhero1/auth_tokens").waitFor();
  await logIn(token);
  await row(page, "PUT /v3.0/me").waitFor();
  const links = await table(page)
    .getByRole("link")
    .evaluateAll((all) => all.map((link) => link.getAttribute("aria-label")));
  assert.deepEqual(links, ["PUT /v3.0/me", "POST /v3/users/superhero1/auth_tokens"]);

  for (const name of links) {
    await row(page, name).click();
    const details = page.getByRole("region", { name: `Request ${name}` });
    await details
      .getByText(/^\*\*\* [0-9a-f]{8}$/)
      .first()
      .waitFor();
    const text = await details.innerText();
    for (const secret of [token, app.restApiKey]) {
      assert.ok(!text.includes(secret), `${name} shows no secret`);
    }
  }
});

suite.test("the dashboard's own calls are not in the journal", async ({ open }) => {
  const page = await open("users/superhero1");
  await page.getByRole("button", { name: "Create token" }).click();
  await said(page, "Created an auth token.");
  await page.getByRole("link", { name: "Requests" }).click();
  await page.getByText("No request yet").waitFor();
});

suite.test("requests are filtered by text, method and result", async (given) => {
  const { open, createToken, logIn } = given;
  await logIn(await createToken("superhero1"));
  await logIn("no-such-token");
  const page = await open("requests");
  await row(page, "PUT /v3.0/me").nth(1).waitFor();
  const count = () => table(page).getByRole("link").count();
  assert.equal(await count(), 3);

  await page.getByRole("searchbox", { name: "Filter requests" }).fill("auth_token_not_found");
  assert.equal(await count(), 1);
  await page.getByRole("searchbox", { name: "Filter requests" }).fill("superhero1 users");
  await row(page, "POST /v3/users/superhero1/auth_tokens").waitFor();
  assert.equal(await count(), 1);
  await page.getByRole("combobox", { name: "Method" }).selectOption("DELETE");
  await page.getByText("No request matches").waitFor();
  await page.getByRole("button", { name: "Clear the filter" }).click();
  assert.equal(await count(), 3);
  await page.getByRole("combobox", { name: "Result" }).selectOption("Failed (4xx, 5xx)");
  await row(page, "POST /v3/users/superhero1/auth_tokens").waitFor({ state: "detached" });
  assert.equal(await count(), 1);
});

suite.test("a paused journal stands still and tells how much it missed", async (given) => {
  const { open, service } = given;
  await service("GET", "/v3/users");
  const page = await open("requests");
  await row(page, "GET /v3/users").waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await service("GET", "/v3/roles");
  await page.getByRole("button", { name: "Resume (1 new)" }).click();
  await row(page, "GET /v3/roles").waitFor();
});

suite.test("a journal that is emptied here or elsewhere is empty everywhere", async (given) => {
  const { app, control, open, service } = given;
  await service("GET", "/v3/users");
  const [first, second] = [await open("requests"), await open("requests")];
  await row(second, "GET /v3/users").waitFor();
  await first.getByRole("button", { name: "Clear" }).click();
  await first.getByText("No request yet").waitFor();
  await second.getByText("No request yet").waitFor();

  await service("GET", "/v3/roles");
  await row(first, "GET /v3/roles").waitFor();
  await control("DELETE", `/requests?app=${app.id}`);
  await first.getByText("No request yet").waitFor();
});

suite.test("a request is copied as a curl command that repeats it", async (given) => {
  const { app, context, open, service } = given;
  await context.grantPermissions(CLIPBOARD.permissions);
  const name = `O'Brien $HOME "quoted" \\`;
  await service("POST", "/v3/users", { body: { uid: "brien", name } });
  await service("GET", "/v3/users?searchKey=o%27b&perPage=5");
  const page = await open("requests");
  const env = { ...process.env, COMETCHAT_API_KEY: app.restApiKey };

  const search = await copiedCurl(page, "GET /v3/users");
  assert.ok(!search.includes(app.restApiKey));
  const found = JSON.parse(await runCurl(search, env));
  assert.deepEqual(
    found.data.map((user) => user.name),
    [name],
  );

  const create = await copiedCurl(page, "POST /v3/users");
  await service("DELETE", "/v3/users/brien", { body: { permanent: true } });
  await runCurl(create, env);
  const { data } = await (await service("GET", "/v3/users/brien")).json();
  assert.equal(data.name, name);

  delete env.COMETCHAT_API_KEY;
  await assert.rejects(runCurl(create, env), /COMETCHAT_API_KEY.*Set it first/);
});

suite.test(
  "nothing that a client sends becomes shell syntax of the curl command",
  async (given) => {
    const { app, context, open, service } = given;
    await context.grantPermissions(CLIPBOARD.permissions);
    const hostile = "'; echo injected; `echo injected` $(echo injected) $IFS @secret \u0000";
    await service("POST", `/v3/users?apikey=x&q=${encodeURIComponent(hostile)}`, {
      body: { uid: "eve", name: hostile, apiKey: "in-the-body", tags: [hostile] },
      headers: { "x-hostile": "'$(echo injected)`echo injected`\"" },
    });
    const page = await open("requests");
    const command = await copiedCurl(page, "POST /v3/users");
    await service("DELETE", "/v3/users/eve", { body: { permanent: true } });
    const env = { ...process.env, COMETCHAT_API_KEY: app.restApiKey };
    const output = await runCurl(command, env);
    assert.doesNotMatch(output.replaceAll("echo injected", ""), /injected/);
    const { data } = await (await service("GET", "/v3/users/eve")).json();
    assert.deepEqual([data.name, data.tags], [hostile, [hostile]]);
  },
);

suite.test("an address of a request or user that is gone says so", async ({ open }) => {
  const page = await open("requests/99999");
  await page.getByText("This request is not in the journal").waitFor();
  const other = await open("users/nobody");
  await other.getByText("The user nobody does not exist").waitFor();
});

suite.test("of a long journal the newest requests are drawn, all on request", async (given) => {
  const { open, service } = given;
  for (let at = 0; at < 30; at++) {
    await Promise.all(Array.from({ length: 10 }, () => service("GET", "/v3/roles")));
  }
  const page = await open("requests");
  await page.getByText("The newest 200 of 300").waitFor();
  assert.equal(await table(page).getByRole("link").count(), 200);
  await page.getByRole("button", { name: "Show all" }).click();
  assert.equal(await table(page).getByRole("link").count(), 300);
});

suite.test("paths have room at every width, beside an open request too", async (given) => {
  const { open, service } = given;
  await service("GET", "/v3/users/superhero1");
  for (const [view, from] of [
    ["requests", 761],
    ["details", 1101],
  ]) {
    const page = await open("requests");
    if (view === "details") await row(page, "GET /v3/users/superhero1").click();
    for (const width of [from, 900, 961, 1201, 1361, 1440].filter((width) => width >= from)) {
      await page.setViewportSize({ width, height: 800 });
      const found = await table(page).evaluate((element) => {
        const cells = [...element.querySelectorAll("tbody tr:first-child td")];
        const shown = cells.filter((cell) => cell.checkVisibility());
        const path = element.querySelector("td.col-path").getBoundingClientRect();
        const right = element.parentElement.getBoundingClientRect().right;
        return {
          path: path.width,
          out: shown.filter((cell) => cell.getBoundingClientRect().right > right + 0.5).length,
        };
      });
      assert.ok(found.path >= 80, `${view} at ${width} px: ${found.path} px for the path`);
      assert.equal(found.out, 0, `${view} at ${width} px: nothing is cut off`);
    }
    await page.close();
  }
});

/** Opens a request, copies its curl command, and gives what the clipboard has then. */
async function copiedCurl(page, link) {
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await row(page, link).click();
  const details = page.getByRole("region", { name: `Request ${link}` });
  await details.getByRole("button", { name: "Copy as curl" }).click();
  await said(page, "Copied the curl command.");
  return clipboard(page);
}

/** Runs the command in a shell and gives the response's body. */
async function runCurl(command, env) {
  const { stdout } = await run("sh", ["-c", command.replace("curl ", "curl -s ")], { env });
  return stdout;
}
