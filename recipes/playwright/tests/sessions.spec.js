import { expect, test } from "cometchat-emulator/playwright";

// 100 tests in four workers, with a separate app for each worker.
const ROUNDS = 20;

test.afterEach(async ({ app }) => {
  await app.reset();
});

for (let round = 0; round < ROUNDS; round++) {
  test(`a stored session is used without a login form (${round})`, async ({
    page,
    app,
    loggedInAs,
  }) => {
    await loggedInAs("superhero1");
    await page.goto("/");
    await expect(page.getByText("Logged in as Iron Man")).toBeVisible();
    expect(await app.requests()).toEqual([]);
    await page.getByRole("button", { name: "Log out" }).click();
    await expect(page.getByRole("button", { name: "Log in" })).toBeVisible();
    await page.reload();
    await expect(page.getByRole("button", { name: "Log in" })).toBeVisible();
  });

  test(`a user of this worker's app logs in (${round})`, async ({ page, app }) => {
    await app.createUser({ uid: "neo", name: `Neo ${round}` });
    await page.goto("/");
    await page.getByLabel("Uid").fill("neo");
    await page.getByRole("button", { name: "Log in" }).click();
    await expect(page.getByText(`Logged in as Neo ${round}`)).toBeVisible();
  });

  test(`an unknown uid is refused (${round})`, async ({ page }) => {
    await page.goto("/");
    await page.getByLabel("Uid").fill("neo");
    await page.getByRole("button", { name: "Log in" }).click();
    await expect(page.getByRole("alert")).toContainText("neo");
  });

  test(`a service that fails once (${round})`, async ({ page, app }) => {
    const act = {
      status: 503,
      body: { error: { code: "ERR_DOWN", message: "Down for a moment." } },
    };
    await app.fault({ match: { method: "PUT", path: "/me$" }, times: 1, act });
    await page.goto("/");
    await page.getByRole("button", { name: "Log in" }).click();
    await expect(page.getByRole("alert")).toHaveText("Down for a moment.");
    await page.getByRole("button", { name: "Log in" }).click();
    await expect(page.getByText("Logged in as Iron Man")).toBeVisible();
  });

  test(`the journal has this worker's requests only (${round})`, async ({ page, app }) => {
    await page.goto("/");
    await page.getByRole("button", { name: "Log in" }).click();
    await expect(page.getByText("Logged in as Iron Man")).toBeVisible();
    const asked = (await app.requests()).filter(({ method }) => method !== "OPTIONS");
    expect(asked.map(({ method }) => method)).toEqual(["POST", "PUT"]);
  });
}
