/** Accessibility of the demo page, and secrets in what it shows and logs. */
import assert from "node:assert/strict";
import { card, demoSuite, logInByCard, loggedOut, problem, sessionOf } from "../support/demo.mjs";

const demo = demoSuite();

demo.test("login and logout work with the keyboard only", async ({ open }) => {
  const page = await open();
  // Styles and images have to be loaded, because the browser can drop the focus while they load.
  await page.waitForLoadState("networkidle");
  await keysArrive(page);
  const stops = [];
  while (stops.length < 20 && !stops.at(-1)?.startsWith("Log in as Nancy Grace")) {
    if (stops.length > 0) {
      await page.keyboard.press("Tab");
    }
    const stop = await focused(page);
    assert.notEqual(stop.outline, "none", `${stop.name} shows that it has the focus`);
    stops.push(stop.name);
  }
  assert.deepEqual(
    stops.map((name) =>
      name.replace(/^Log in as /, "").replace(/\s*(cometchat-uid-|superhero)\d$/, ""),
    ),
    ["Andrew Joseph", "George Alan", "Nancy Grace"],
    "the first stops are the cards, in reading order",
  );
  await page.keyboard.press("Enter");
  await sessionOf(page, "Nancy Grace").waitFor();
  assert.equal(
    await page
      .getByRole("heading", { name: "Nancy Grace" })
      .evaluate((heading) => heading === document.activeElement),
    true,
  );

  await page.keyboard.press("Tab");
  assert.equal((await focused(page)).name, "Log out");
  await page.keyboard.press("Space");
  await loggedOut(page).waitFor();
});

demo.test("both forms are sent with Enter", async ({ open }) => {
  const page = await open();
  await page.getByLabel("Uid").focus();
  await page.keyboard.type("SuperHero2");
  await page.keyboard.press("Enter");
  await sessionOf(page, "Captain America").waitFor();
});

demo.test("a screen reader finds landmarks, headings and named controls", async ({ open }) => {
  const page = await open();
  await page
    .getByRole("banner")
    .getByRole("heading", { level: 1, name: "cometchat-auth" })
    .waitFor();
  await page.getByRole("main").waitFor();
  await page.getByRole("complementary", { name: "Event log" }).waitFor();
  await page.getByRole("contentinfo").waitFor();
  assert.equal(await page.getByRole("log").getAttribute("aria-live"), "polite");
  const check = async (state) => {
    const nameless = await page
      .locator("button, a, input, select")
      .evaluateAll((controls) =>
        controls
          .filter(
            (control) =>
              !(
                control.labels?.length > 0 ||
                control.getAttribute("aria-label") ||
                control.textContent.trim() !== ""
              ),
          )
          .map((control) => control.outerHTML),
      );
    assert.deepEqual(nameless, [], `${state}: every control has a name`);
    const levels = await page
      .getByRole("heading")
      .evaluateAll((all) => all.map((heading) => Number(heading.tagName.slice(1))));
    assert.ok(levels.length > 1 && levels[0] === 1, `${state}: the first heading is the page's`);
    assert.ok(
      levels.every((level, i) => i === 0 || level === 2),
      `${state}: no level is skipped`,
    );
    const ids = await page.locator("[id]").evaluateAll((all) => all.map(({ id }) => id));
    assert.equal(new Set(ids).size, ids.length, `${state}: ids are unique`);
  };
  await check("logged out");
  await logInByCard(page, "Wolverine");
  await check("logged in");
});

demo.test(
  "nothing scrolls sideways or is cut off at 360 px and 320 px",
  async ({ open }) => {
    const page = await open();
    const check = async (state) => {
      for (const width of [320, 360]) {
        await page.setViewportSize({ width, height: 740 });
        const [content, room] = await page.evaluate(() => [
          document.documentElement.scrollWidth,
          document.documentElement.clientWidth,
        ]);
        assert.ok(
          content <= room,
          `${state}: the content is ${content} px wide, the screen ${room}`,
        );
        const out = await page
          .locator("button, a, input, select, h1, h2, p, td, code")
          .evaluateAll((all) =>
            all
              .filter((element) => !element.closest(".sr"))
              .filter((element) => {
                const { left, right, width: w } = element.getBoundingClientRect();
                return w > 0 && (left < 0 || right > innerWidth + 0.5);
              })
              .map((element) => element.outerHTML.slice(0, 120)),
          );
        assert.deepEqual(out, [], `${state}, ${width} px: nothing is cut off`);
      }
    };
    await check("logged out");
    await page.getByLabel("Uid").fill("a".repeat(100));
    await page.getByLabel("Uid").press("Enter");
    await problem(page).waitFor();
    await check("with a problem");
    await logInByCard(page, "Captain America");
    await page.getByRole("button", { name: "Show authToken" }).click();
    await check("logged in, with the token shown");
  },
  { viewport: { width: 360, height: 740 } },
);

for (const colorScheme of ["light", "dark"]) {
  demo.test(
    `text and controls have AA contrast in the ${colorScheme} scheme`,
    async ({ open }) => {
      const page = await open();
      const check = async (state) => {
        const found = await contrasts(page);
        assert.ok(found.length > 15, `${state}: looked at ${found.length} texts`);
        const poor = found.filter(({ ratio, needed }) => ratio < needed);
        assert.deepEqual(poor, [], `${state}: these are too faint`);
      };
      await check("logged out");
      await page.getByLabel("Uid").fill("nobody-of-that-name");
      await page.getByLabel("Uid").press("Enter");
      await problem(page).waitFor();
      await check("with a problem");
      await logInByCard(page, "Cyclops");
      await check("logged in");
      // The schemes differ: the background is dark in one and light in the other.
      const [red] = await page.evaluate(() =>
        getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number),
      );
      assert.equal(red < 128, colorScheme === "dark");
    },
    { colorScheme, reducedMotion: "reduce" },
  );
}

demo.test(
  "nothing moves under prefers-reduced-motion",
  async ({ open }) => {
    const page = await open();
    await logInByCard(page, "Iron Man");
    const slow = await page.evaluate(
      () =>
        document
          .getAnimations()
          .filter((animation) => animation.effect.getComputedTiming().activeDuration > 10).length,
    );
    assert.equal(slow, 0);
    const transitions = await page
      .locator("button")
      .evaluateAll((all) => all.map((button) => getComputedStyle(button).transitionProperty));
    assert.ok(
      transitions.every((property) => property === "none"),
      transitions.join(),
    );
  },
  { reducedMotion: "reduce" },
);

demo.test(
  "keys and tokens appear in no console message, URL, log entry or error box",
  async ({ context, open }) => {
    const said = [];
    const addresses = [];
    context.on("console", (message) => said.push(message.text()));
    context.on("request", (request) => addresses.push(request.url()));
    const wrong = "wrong-key-which-is-secret-too";
    const page = await open();
    await page.getByLabel("Uid").fill("superhero1");
    const ownKey = await page.getByLabel("Auth key").inputValue();
    assert.equal(ownKey, demo.emulator.authKey);
    await page.getByLabel("Auth key").fill(wrong);
    await page.getByLabel("Auth key").press("Enter");
    await problem(page).waitFor();
    const text = await page.locator("body").innerText();

    await logInByCard(page, "Iron Man");
    const { origins } = await context.storageState();
    const [, token] = /\\"authToken\\":\\"([^"\\]+)/.exec(
      origins.flatMap(({ localStorage }) => localStorage).find(({ name }) => name.endsWith("/user"))
        .value,
    );
    assert.ok(token.length > 20);
    const loggedIn = await page.locator("body").innerText();
    await page.reload();
    await page.getByRole("button", { name: "Log out" }).click();
    await loggedOut(page).waitFor();

    for (const secret of [token, wrong, ownKey, demo.emulator.restApiKey]) {
      for (const [where, what] of Object.entries({
        console: said,
        addresses: [...addresses, page.url()],
        page: [text, loggedIn],
      })) {
        assert.deepEqual(
          what.filter((line) => line.includes(secret)),
          [],
          where,
        );
      }
    }
    assert.ok(addresses.length > 5, "requests were listened to");
    assert.ok(
      said.some((line) => /emulator/i.test(line)),
      "and the console: the package warns there that an emulator is used",
    );
  },
);

demo.test("a card shows a running login and ignores a second click", async ({ context, open }) => {
  let asked = 0;
  let answer;
  const held = new Promise((resolve) => (answer = resolve));
  await context.route("**/v3.0/users/**", async (route) => {
    asked += route.request().method() === "POST" ? 1 : 0;
    await held;
    await route.continue();
  });
  const page = await open();
  await card(page, "Nancy Grace").click();
  assert.equal(await card(page, "Nancy Grace").getAttribute("aria-disabled"), "true");
  await card(page, "John Paul").click();
  answer();
  await sessionOf(page, "Nancy Grace").waitFor();
  assert.equal(asked, 1);
});

/**
 * Presses Tab until an element has the focus. A browser that has just started can drop the first
 * keys.
 */
async function keysArrive(page) {
  for (let tries = 0; tries < 20; tries += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement !== document.body)) {
      return;
    }
    await page.waitForTimeout(100);
  }
  assert.fail("Tab leads nowhere");
}

/** The focused element, and whether the focus is visible. */
async function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    return {
      name: element.textContent.trim().replace(/\s+/g, " "),
      outline: getComputedStyle(element).outlineStyle,
    };
  });
}

/**
 * The contrast of each visible text with its background, and of each control's border or fill with
 * its surroundings (WCAG 2.2, 1.4.3 and 1.4.11). Computed from the colours of the browser;
 * translucent colours are blended.
 */
async function contrasts(page) {
  return page.evaluate(() => {
    const parse = (color) => {
      const numbers = color.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
      return { rgb: numbers.slice(0, 3), alpha: numbers[3] ?? 1 };
    };
    const over = (top, below) =>
      top.rgb.map((value, i) => value * top.alpha + below[i] * (1 - top.alpha));
    const behind = (element) => {
      const layers = [];
      for (let at = element; at !== null; at = at.parentElement) {
        layers.push(parse(getComputedStyle(at).backgroundColor));
      }
      return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
    };
    const luminance = (rgb) => {
      const [r, g, b] = rgb.map((value) =>
        value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ratio = (a, b) => {
      const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
      return Math.round(((light + 0.05) / (dark + 0.05)) * 100) / 100;
    };
    const seen = (element) =>
      element.checkVisibility() && !element.closest(".sr, [aria-hidden=true]");
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (
        walker.currentNode.data.trim() === "" ||
        !seen(element) ||
        ["SCRIPT", "NOSCRIPT", "OPTION"].includes(element.tagName)
      ) {
        continue;
      }
      const background = behind(element);
      found.push({
        what: walker.currentNode.data.trim().slice(0, 40),
        ratio: ratio(over(parse(getComputedStyle(element).color), background), background),
        needed: 4.5,
      });
    }
    for (const element of document.querySelectorAll(
      "button:not(.person), input:not([type=checkbox]), select",
    )) {
      const style = getComputedStyle(element);
      const around = behind(element.parentElement);
      const border = over(parse(style.borderTopColor), around);
      found.push({
        what: `edge of ${element.id || element.textContent}`,
        ratio: Math.max(ratio(border, around), ratio(behind(element), around)),
        needed: 3,
      });
    }
    return found;
  });
}
