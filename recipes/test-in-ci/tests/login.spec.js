import { expect, test } from "@playwright/test";

/** The emulator's control API: resets and injected faults. */
const emulator = (request, path, data) =>
  request.post(`${process.env.COMETCHAT_EMULATOR_URL}/emulator/v1/${path}`, { data });

test.beforeEach(async ({ request, page }) => {
  expect((await emulator(request, "reset")).ok()).toBe(true);
  await page.goto("/");
});

test("a user stays logged in until the logout", async ({ page }) => {
  await page.getByLabel("Uid").fill("superhero1");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByText("Logged in as Iron Man")).toBeVisible();
  await page.reload();
  await expect(page.getByText("Logged in as Iron Man")).toBeVisible();
  await page.getByRole("button", { name: "Log out" }).click();
  await expect(page.getByRole("button", { name: "Log in" })).toBeVisible();
});

test("an unknown uid is refused with a message", async ({ page }) => {
  await page.getByLabel("Uid").fill("unknown-uid");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("alert")).toContainText("unknown-uid");
});

test("a failing service shows a message, and the next try works", async ({ page, request }) => {
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
