/** The API reference, opened from the demo page. */
import assert from "node:assert/strict";
import { demoSuite } from "../support/demo.mjs";

const demo = demoSuite();

demo.test("the demo page leads to the API reference, and that to every class", async ({ open }) => {
  const page = await open();
  await page.getByRole("link", { name: "API reference" }).click();
  await page
    .locator("main, .col-content")
    .getByRole("link", { name: "cometchat-auth", exact: true })
    .first()
    .click();
  await page
    .locator("main, .col-content")
    .getByRole("link", { name: "CometChat", exact: true })
    .first()
    .click();
  await page.getByRole("heading", { name: "Class CometChat" }).waitFor();
  assert.match(
    await page.locator(".col-content").innerText(),
    /verifySession[\s\S]*Asks the service whether the session still stands/,
  );
});
