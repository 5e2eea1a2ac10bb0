/** What a developer does with users, tokens, keys and roles. */
import assert from "node:assert/strict";
import { clipboard, CLIPBOARD, dashboardSuite, said } from "../support/dashboard.mjs";

const suite = dashboardSuite();

const row = (page, name) => page.getByRole("table", { name: "Users" }).getByRole("link", { name });
const details = (page, name) => page.getByRole("region", { name: `User ${name}` });

suite.test("a user is found by the beginning of uid or name", async ({ open }) => {
  const page = await open("users");
  await row(page, /Andrew Joseph/).waitFor();
  await page.getByRole("searchbox", { name: "Search users" }).fill("iron");
  await row(page, /Andrew Joseph/).waitFor({ state: "detached" });
  assert.equal(
    await page
      .getByRole("row")
      .filter({ has: page.getByRole("cell") })
      .count(),
    1,
  );
  await row(page, /Iron Man superhero1/).waitFor();

  await page.getByRole("searchbox", { name: "Search users" }).fill("zz");
  await page.getByText("No user begins with “zz”").waitFor();
});

suite.test("a user is created, changed, deactivated, reactivated and deleted", async (given) => {
  const { open, service } = given;
  const page = await open("users");
  await page.getByRole("button", { name: "New user" }).click();
  const dialog = page.getByRole("dialog", { name: "New user" });
  await dialog.getByRole("textbox", { name: "Uid" }).fill("Ann");
  await dialog.getByRole("textbox", { name: "Name" }).fill("Ann Example");
  await dialog.getByText("More fields").click();
  await dialog.getByRole("textbox", { name: "Tags" }).fill("staff, berlin");
  await dialog.getByRole("textbox", { name: "Metadata" }).fill('{ "plan": "free" }');
  await dialog.getByRole("button", { name: "Create user" }).click();
  await said(page, "Created Ann Example.");
  await details(page, "Ann Example").getByText('"plan": "free"').waitFor();
  const read = async () => (await (await service("GET", "/v3/users/ann")).json()).data;
  const created = await read();
  assert.deepEqual(created.tags, ["staff", "berlin"]);
  assert.deepEqual(created.metadata, { plan: "free" });

  await details(page, "Ann Example").getByRole("button", { name: "Edit" }).click();
  const edit = page.getByRole("dialog", { name: "Edit Ann Example" });
  await edit.getByRole("textbox", { name: "Name" }).fill("Ann Changed");
  await edit.getByRole("textbox", { name: "Metadata" }).fill("");
  await edit.getByRole("textbox", { name: "Tags" }).fill("");
  await edit.getByRole("button", { name: "Save" }).click();
  await said(page, "Saved Ann Changed.");
  await row(page, /Ann Changed/).waitFor();
  const changed = await read();
  assert.equal(changed.name, "Ann Changed");
  assert.equal(changed.metadata, undefined);
  assert.equal(changed.tags, undefined);

  await details(page, "Ann Changed").getByRole("button", { name: "Deactivate" }).click();
  await said(page, "Deactivated Ann Changed.");
  await row(page, /Ann Changed/).waitFor({ state: "detached" });
  assert.equal((await service("GET", "/v3/users/ann")).status, 404);
  await page.getByRole("combobox", { name: "State" }).selectOption("Deactivated");
  await row(page, /Ann Changed/).waitFor();
  await details(page, "Ann Changed").getByRole("button", { name: "Reactivate" }).click();
  await said(page, "Reactivated Ann Changed.");
  assert.equal((await service("GET", "/v3/users/ann")).status, 200);

  await details(page, "Ann Changed").getByRole("button", { name: "Delete …" }).click();
  const confirm = page.getByRole("dialog", { name: "Delete Ann Changed?" });
  await confirm.getByRole("button", { name: "Cancel" }).click();
  assert.equal((await service("GET", "/v3/users/ann")).status, 200);
  await details(page, "Ann Changed").getByRole("button", { name: "Delete …" }).click();
  await confirm.getByRole("button", { name: "Delete user" }).click();
  await said(page, "Deleted Ann Changed.");
  await details(page, "Ann Changed").waitFor({ state: "detached" });
  assert.equal((await service("GET", "/v3/users/ann")).status, 404);
});

suite.test(
  "what the service refuses is shown at the field, which gets the focus",
  async (given) => {
    const page = await given.open("users");
    await page.getByRole("button", { name: "New user" }).click();
    const dialog = page.getByRole("dialog", { name: "New user" });
    const uid = dialog.getByRole("textbox", { name: "Uid" });
    await uid.fill("not allowed!");
    await dialog.getByRole("button", { name: "Create user" }).click();
    await dialog.getByText("The name field is required.").waitFor();
    assert.equal(await uid.getAttribute("aria-invalid"), "true");
    const described = (await uid.getAttribute("aria-describedby")).split(" ");
    const texts = await Promise.all(described.map((id) => dialog.locator(`#${id}`).innerText()));
    assert.match(texts.join(" "), /may only contain letters, numbers, dashes and underscores/);
    assert.equal(await uid.evaluate((element) => element === document.activeElement), true);
    assert.match(await dialog.getByRole("alert").innerText(), /ERR_BAD_REQUEST · HTTP 400/);

    await uid.fill("cometchat-uid-1");
    await dialog.getByRole("textbox", { name: "Name" }).fill("Again");
    await dialog.getByRole("button", { name: "Create user" }).click();
    await dialog.getByText(/The uid cometchat-uid-1 already exists/).waitFor();

    await dialog.getByText("More fields").click();
    await dialog.getByRole("textbox", { name: "Metadata" }).fill("{ plan }");
    await dialog.getByRole("button", { name: "Create user" }).click();
    await dialog.getByText(/This is not JSON/).waitFor();
  },
);

suite.test("a user that the app creates appears by itself", async ({ open, service }) => {
  const page = await open("users");
  await row(page, /Iron Man/).waitFor();
  await service("POST", "/v3/users", { body: { uid: "bob", name: "Bob" } });
  await row(page, /Bob bob/).waitFor();
});

suite.test("an auth token is created, copied, used and revoked", async (given) => {
  const { context, open, logIn } = given;
  await context.grantPermissions(CLIPBOARD.permissions);
  const page = await open("users/superhero1");
  const tokens = page.getByRole("region", { name: "Auth tokens" });
  await tokens.getByRole("button", { name: "Create token" }).click();
  const fresh = tokens.getByRole("group", { name: "New auth token" });
  await fresh.getByRole("button", { name: "Copy the new auth token" }).click();
  await said(page, "Copied the new auth token.");
  const token = await clipboard(page);
  assert.match(token, /^superhero1_/);
  assert.match(await fresh.innerText(), new RegExp(token));
  assert.equal((await logIn(token)).status, 200);

  await fresh.getByRole("button", { name: "Hide the new auth token" }).click();
  assert.doesNotMatch(await page.getByRole("main").innerText(), new RegExp(token));
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await tokens.getByRole("button", { name: /^Copy auth token …/ }).click();
  await said(page, /Copied auth token …/);
  assert.equal(await clipboard(page), token);

  await tokens.getByRole("button", { name: /^Revoke auth token …/ }).click();
  await said(page, "Revoked an auth token.");
  await tokens.getByText("No auth token.").waitFor();
  assert.equal((await logIn(token)).status, 401);
});

suite.test("all tokens of a user are revoked at once", async ({ open, createToken, logIn }) => {
  const tokens = [await createToken("superhero2"), await createToken("superhero2")];
  const page = await open("users/superhero2");
  await page.getByRole("button", { name: "Revoke all" }).click();
  await page.getByText("No auth token.").waitFor();
  for (const token of tokens) {
    assert.equal((await logIn(token)).status, 401);
  }
});

suite.test("an API key is created, shown on request, changed and deleted", async (given) => {
  const { open, service, app } = given;
  const page = await open("access");
  const keys = page.getByRole("list", { name: "API keys" });
  await keys.getByText("this dashboard uses it").waitFor();
  await page.getByRole("button", { name: "New key" }).click();
  const dialog = page.getByRole("dialog", { name: "New API key" });
  await dialog.getByRole("textbox", { name: "Name" }).fill("Billing");
  await dialog.getByRole("combobox", { name: "Scope" }).selectOption("REST API key (fullAccess)");
  await dialog.getByRole("button", { name: "Create key" }).click();
  const item = keys.getByRole("listitem").filter({ hasText: "Billing" });
  await item.waitFor();
  const list = async () => (await (await service("GET", "/v3/apikeys")).json()).data;
  const { apiKey } = (await list()).find(({ name }) => name === "Billing");
  const text = () => page.getByRole("main").innerText();
  assert.doesNotMatch(await text(), new RegExp(`${apiKey}|${app.restApiKey}|${app.authKey}`));
  await item.getByRole("button", { name: "Show key Billing" }).click();
  assert.match(await text(), new RegExp(apiKey));

  await item.getByRole("button", { name: "Edit key Billing" }).click();
  const edit = page.getByRole("dialog", { name: "Edit Billing" });
  await edit.getByRole("textbox", { name: "Name" }).fill("Invoices");
  await edit.getByRole("button", { name: "Save" }).click();
  await keys.getByText("Invoices").waitFor();
  await keys.getByRole("button", { name: "Delete key Invoices" }).click();
  await keys.getByText("Invoices").waitFor({ state: "detached" });
  assert.equal((await list()).length, 2);
});

suite.test("a role is created, given to a user, and deleted", async ({ open, service }) => {
  const page = await open("access");
  await page.getByRole("button", { name: "New role" }).click();
  const dialog = page.getByRole("dialog", { name: "New role" });
  await dialog.getByRole("textbox", { name: "Role id" }).fill("staff");
  await dialog.getByRole("textbox", { name: "Name" }).fill("Staff");
  await dialog.getByRole("textbox", { name: "Description" }).fill("People of the house");
  await dialog.getByRole("button", { name: "Create role" }).click();
  await page.getByRole("list", { name: "Roles" }).getByText("People of the house").waitFor();

  await page.getByRole("link", { name: /^Users/ }).click();
  await row(page, /Iron Man/).click();
  await details(page, "Iron Man").getByRole("button", { name: "Edit" }).click();
  const edit = page.getByRole("dialog", { name: "Edit Iron Man" });
  await edit.getByRole("combobox", { name: "Role" }).selectOption("staff");
  await edit.getByRole("button", { name: "Save" }).click();
  await said(page, "Saved Iron Man.");
  await page.getByRole("combobox", { name: "Role" }).selectOption("staff");
  await row(page, /Wolverine/).waitFor({ state: "detached" });
  await row(page, /Iron Man/).waitFor();

  await page.getByRole("link", { name: "Keys and roles" }).click();
  await page.getByRole("button", { name: "Delete role Staff" }).click();
  await said(page, "Deleted Staff.");
  const { data } = await (await service("GET", "/v3/users/superhero1")).json();
  assert.equal(data.role, "default");
});

suite.test("a role's permissions are set, applied, corrected and taken back", async (given) => {
  const { app, open, service, createToken } = given;
  await service("POST", "/v3/roles", { body: { role: "guest", name: "Guest" } });
  await service("PUT", "/v3/users/superhero1", { body: { role: "guest" } });
  const headers = { appId: app.id, authToken: await createToken("superhero1") };
  const other = `${suite.emulator.url}/v3/users/superhero2`;
  const read = async () => (await fetch(other, { headers })).status;
  assert.equal(await read(), 200);

  const page = await open("access");
  const edit = async () => {
    await page.getByRole("button", { name: "Permissions of role Guest" }).click();
    return page.getByRole("dialog", { name: "Permissions of Guest" });
  };
  let dialog = await edit();
  await dialog.getByRole("combobox", { name: "getUserDetails.mode" }).selectOption("friends");
  const roles = dialog.getByRole("textbox", { name: "getUserDetails.allowedRoles" });
  await roles.fill("no-such-role");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText(/permissions.getUserDetails.allowedRoles is invalid/).waitFor();
  await roles.fill("guest");
  await dialog.getByRole("button", { name: "Save" }).click();
  await said(page, "Saved the permissions of Guest.");
  assert.equal(await read(), 403);

  dialog = await edit();
  assert.equal(await roles.inputValue(), "guest");
  await dialog.getByRole("combobox", { name: "getUserDetails.mode" }).selectOption({ index: 0 });
  await roles.fill("");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(await read(), 200);
});

suite.test("a long list of users has pages", async ({ app, control, open }) => {
  const users = Array.from({ length: 60 }, (_, at) => ({ uid: `user-${at}`, name: `User ${at}` }));
  await control("POST", "/seed", { apps: [{ id: app.id, users }] });
  const page = await open("users");
  const pages = page.getByRole("navigation", { name: "Pages" });
  await pages.getByText("1–50 of 70").waitFor();
  assert.equal(await pages.getByRole("button", { name: "Previous" }).isDisabled(), true);
  await pages.getByRole("button", { name: "Next" }).click();
  await pages.getByText("51–70 of 70").waitFor();
  await row(page, /Andrew Joseph/).waitFor();
  await page.getByRole("searchbox", { name: "Search users" }).fill("user-1");
  await pages.getByText("1–11 of 11").waitFor();
});
