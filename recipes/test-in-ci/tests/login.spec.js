import { expect, test } from "@playwright/test";

/** The emulator's own calls for tests: start afresh, break something on purpose. */
const emulator = (request, path, data) =>
  request.post(`${process.env.COMETCHAT_EMULATOR_URL}/emulator/v1/${path}`, { data });

test.beforeEach(async ({ request, page }) => {
  expect((await emulator(request, "reset")).ok()).toBe(true);
  await page.goto("/");
});

test("whoever logs in stays logged in until logging out", async ({ page }) => {
  await page.getByLabel("Uid").fill("superhero1");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByText("Logged in as Iron Man")).toBeVisible();
  await page.reload();
  await expect(page.getByText("Logged in as Iron Man")).toBeVisible();
  await page.getByRole("button", { name: "Log out" }).click();
  await expect(page.getByRole("button", { name: "Log in" })).toBeVisible();
});

test("a uid that nobody has is refused in words", async ({ page }) => {
  await page.getByLabel("Uid").fill("nobody-at-all");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("alert")).toContainText("nobody-at-all");
});

test("a service that is down is said so, and the next try works", async ({ page, request }) => {
  const fault = {
    match: { method: "PUT", path: "/me$" },
    times: 1,
    act: { status: 503, body: { error: { code: "ERR_DOWN", message: "Down for a moment." } } },
  };
  expect((await emulator(request, "faults", fault)).ok()).toBe(true);
  await page.getByLabel("Uid").fill("superhero2");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("alert")).toHaveText("Down for a moment.");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByText("Logged in as Captain America")).toBeVisible();
});
