/** The API reference, opened from the demo page. */
import assert from "node:assert/strict";
import { demoSuite } from "../support/demo.mjs";

const CLASSES = [
  "AppSettings",
  "AppSettingsBuilder",
  "CometChat",
  "CometChatException",
  "LoginListener",
  "User",
];

const demo = demoSuite();

demo.test("the demo page leads to the API reference, and that to every class", async ({ open }) => {
  const page = await open();
  await page.getByRole("link", { name: "API reference" }).click();
  const content = page.locator(".col-content");
  await content.getByRole("link", { name: "cometchat-auth", exact: true }).first().click();

  // The namespace CometChat has the same name as the class, so only this group counts.
  const group = content.locator("details").filter({
    has: page.getByRole("heading", { level: 2, name: "Classes" }),
  });
  const classes = group.getByRole("link").filter({ hasText: /\w/ });
  await classes.first().waitFor();
  assert.deepEqual(await classes.allInnerTexts(), CLASSES);
  for (const name of CLASSES) {
    await classes.filter({ hasText: new RegExp(`^${name}$`) }).click();
    await page.getByRole("heading", { name: `Class ${name}`, exact: true }).waitFor();
    if (name === "CometChat") {
      assert.match(
        await content.innerText(),
        /verifySession[\s\S]*Asks the service whether the session is still valid/,
      );
    }
    await page.goBack();
  }
});
