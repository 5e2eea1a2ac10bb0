/** Sessions of the demo page: reload, other tabs, logout, a stopped emulator, blocked storage. */
import assert from "node:assert/strict";
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

const demo = demoSuite();

demo.test(
  "a reload keeps the session, without a login request and without an event",
  async ({ context, open }) => {
    const page = await open();
    await logInByCard(page, "George Alan");
    const requests = [];
    context.on("request", (request) => requests.push(`${request.method()} ${request.url()}`));
    await page.reload();
    await sessionOf(page, "George Alan").waitFor();
    assert.deepEqual(await heard(page), []);
    assert.deepEqual(
      requests.filter((line) => line.includes("/v3")),
      [],
    );
  },
);

demo.test(
  "a second tab is logged in, and follows the logout of the first tab",
  async ({ context, open }) => {
    const first = await open();
    await logInByCard(first, "Susan Marie");
    const opening = context.waitForEvent("page");
    await first.getByRole("link", { name: /^Open a second tab/ }).click();
    const second = await opening;
    await sessionOf(second, "Susan Marie").waitFor();

    await first.getByRole("button", { name: "Log out" }).click();
    await loggedOut(first).waitFor();
    await loggedOut(second).waitFor();
    assert.deepEqual(await heard(first), ["loginSuccess", "logoutSuccess"]);
    assert.deepEqual(await heard(second), ["logoutSuccess"]);
  },
);

demo.test("a second tab follows the login of the first tab", async ({ open }) => {
  const first = await open();
  const second = await open();
  await logInByCard(first, "John Paul");
  await sessionOf(second, "John Paul").waitFor();
  assert.deepEqual(await heard(second), ["loginSuccess"]);
});

demo.test("a logout ends the session in the page and at the service", async ({ context, open }) => {
  const page = await open();
  await logInByCard(page, "Andrew Joseph");
  const ended = context.waitForEvent(
    "response",
    (response) => response.request().method() === "DELETE",
  );
  await page.getByRole("button", { name: "Log out" }).click();
  await loggedOut(page).waitFor();
  assert.equal((await ended).status(), 200);
  assert.deepEqual(await heard(page), ["loginSuccess", "logoutSuccess"]);
  assert.equal(
    await page
      .getByRole("heading", { name: "Pick a user" })
      .evaluate((heading) => heading === document.activeElement),
    true,
  );
  await page.reload();
  await loggedOut(page).waitFor();
});

demo.test(
  "with blocked storage the login works, and the page says that the session is in memory",
  async ({ context, open }) => {
    await context.addInitScript(() => {
      for (const name of ["localStorage", "sessionStorage"]) {
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException("Access is denied for this document.", "SecurityError");
          },
        });
      }
    });
    const page = await open();
    await logInByCard(page, "Captain America");
    assert.equal(await page.locator("#persistence").textContent(), "memory");
    await page.getByText("the session ends when you reload or leave").waitFor();
    await page.reload();
    await loggedOut(page).waitFor();
  },
);

demo.test(
  "without an emulator the page says how to start it, and continues when it runs",
  async ({ open }) => {
    const page = await open();
    await page.getByText("Emulator answers").waitFor();
    await logInByCard(page, "Spiderman");
    const { port } = demo.emulator;
    await demo.emulator.stop();

    // Still logged in, because an unreachable service ends no session.
    await page.reload();
    await page
      .getByRole("region", { name: "The emulator does not respond" })
      .getByText("cargo xtask emulator")
      .waitFor();
    await sessionOf(page, "Spiderman").waitFor();

    // The logout ends the local session at once; the service cannot confirm it.
    await page.getByRole("button", { name: "Log out" }).click();
    await loggedOut(page).waitFor();
    await problem(page).getByRole("heading", { name: "FAILED_TO_FETCH" }).waitFor();
    assert.match(await problem(page).innerText(), /you are logged out on this device/);
    assert.deepEqual(await heard(page), ["logoutSuccess", "logoutFailure"]);

    await card(page, "Spiderman").click();
    await problem(page).getByText("Start the emulator").waitFor();
    assert.match(await problem(page).innerText(), /Retryable/);
    assert.equal(await problem(page).getByRole("button", { name: "Try again" }).count(), 1);

    demo.emulator = await startEmulator({ port });
    await page.getByText("Emulator answers", { exact: true }).waitFor();
    assert.equal(await problem(page).count(), 0, "the problem has gone with its cause");
    assert.equal(
      await page.getByRole("region", { name: "The emulator does not respond" }).count(),
      0,
    );
    await logInByCard(page, "Spiderman");
  },
);

demo.test(
  "a login that fails because the emulator stopped shows how to start it",
  async ({ open }) => {
    const page = await open();
    await page.getByText("Emulator answers").waitFor();
    const { port } = demo.emulator;
    await demo.emulator.stop();
    await card(page, "Nancy Grace").click();
    await problem(page).getByRole("heading", { name: "FAILED_TO_FETCH" }).waitFor();
    await page.getByRole("region", { name: "The emulator does not respond" }).waitFor();

    demo.emulator = await startEmulator({ port });
    await page.getByText("Emulator answers", { exact: true }).waitFor();
    await logInByCard(page, "Nancy Grace");
  },
);
