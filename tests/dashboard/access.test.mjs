/** The dashboard for everybody: keyboard, narrow screens, dark colours, screen readers. */
import assert from "node:assert/strict";
import { dashboardSuite, focused, said } from "../support/dashboard.mjs";

const suite = dashboardSuite();

const VIEWS = ["overview", "users", "users/superhero1", "requests", "faults", "access", "settings"];

/** Every view, and the dialogs that matter, each with something in it. */
async function everyState({ open, service, createToken }, check) {
  await createToken("superhero1");
  await service("GET", `/v3/users/${"long-".repeat(19)}uid`);
  await service("DELETE", "/v3/users/superhero5", { body: {} });
  const page = await open("requests");
  await page.getByRole("link", { name: /^POST/ }).click();
  await page.getByRole("button", { name: "Copy as curl" }).waitFor();
  await check(page, "a request");
  await page.close();
  for (const view of VIEWS) {
    const opened = await open(view);
    await opened
      .getByText(/^Loading/)
      .first()
      .waitFor({ state: "detached" });
    await check(opened, view);
    await opened.close();
  }
  const users = await open("users");
  await users.getByRole("button", { name: "New user" }).click();
  await users.getByText("More fields").click();
  await users.getByRole("button", { name: "Create user" }).click();
  await users.getByText("The uid field is required.").waitFor();
  await check(users, "new user with errors");
  await users.close();
  const roles = await open("access");
  await roles.getByRole("button", { name: /^Permissions of role/ }).click();
  await roles.getByRole("combobox", { name: "editProfile" }).waitFor();
  await check(roles, "the permissions of a role");
  await roles.close();
  const faults = await open("faults");
  await faults.getByRole("switch", { name: "Blocked by CORS" }).click();
  await said(faults, "Blocked by CORS: on.");
  await check(faults, "a fault that is on");
  await faults.getByRole("button", { name: "New rule" }).click();
  await check(faults, "the rule form");
  await faults.close();
}

suite.test(
  "the keyboard alone creates a user, creates a token, switches a fault on",
  async (given) => {
    const { open, service, app, control } = given;
    const page = await open("overview");
    const press = (key) => page.keyboard.press(key);
    /** Presses Tab until a control of that name has the focus, which has to be seen. */
    const tabTo = async (name, most = 40) => {
      for (let steps = 0; steps < most; steps++) {
        await press("Tab");
        const at = await focused(page);
        if (at.tag !== "body" && !/^main$/.test(at.tag)) {
          assert.ok(at.shown, `${at.name} shows that it has the focus`);
        }
        if (name.test(`${at.name} ${at.label}`)) {
          return;
        }
      }
      assert.fail(`Tab does not reach ${name}`);
    };
    await tabTo(/^Skip to content/, 3);
    await tabTo(/^Users/);
    await press("Enter");
    await page.getByRole("heading", { name: "Users" }).waitFor();
    assert.equal((await focused(page)).tag, "main", "the content has the focus");
    await tabTo(/^New user/);
    await press("Enter");
    const dialog = page.getByRole("dialog", { name: "New user" });
    await dialog.waitFor();
    assert.match((await focused(page)).label, /^Uid/, "the dialog begins at its first field");
    await page.keyboard.type("keyboard-user");
    await tabTo(/Name/);
    await page.keyboard.type("Keyboard User");
    await press("Enter");
    await said(page, "Created Keyboard User.");
    assert.equal((await service("GET", "/v3/users/keyboard-user")).status, 200);

    await tabTo(/^Create token/);
    await press("Space");
    await page.getByRole("group", { name: "New auth token" }).waitFor();
    const tokens = await service("GET", "/v3/users/keyboard-user/auth_tokens");
    assert.equal((await tokens.json()).data.length, 1);

    for (let steps = 0; steps < 60 && !/^Faults/.test((await focused(page)).name); steps++) {
      await press("Shift+Tab");
    }
    await press("Enter");
    await page.getByRole("heading", { name: "Faults", exact: true }).waitFor();
    await tabTo(/^Service unavailable/);
    await press("Space");
    await said(page, "Service unavailable: on.");
    assert.equal((await control("GET", `/faults?app=${app.id}`)).length, 1);
    assert.match((await focused(page)).name, /^Service unavailable/, "the switch keeps the focus");
  },
);

suite.test("arrow keys walk the rows; Enter opens, Escape closes and goes back", async (given) => {
  const page = await given.open("users");
  const name = async () => (await focused(page)).name;
  await page.getByRole("link", { name: /Cyclops/ }).focus();
  await page.keyboard.press("ArrowDown");
  assert.match(await name(), /^W? ?Wolverine/);
  await page.keyboard.press("End");
  assert.match(await name(), /Andrew Joseph/);
  const stops = await page
    .getByRole("table", { name: "Users" })
    .getByRole("link")
    .evaluateAll((links) => links.filter((link) => link.tabIndex === 0).length);
  assert.equal(stops, 1, "the table is one stop for Tab");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: "User George Alan" }).waitFor();
  assert.match(await name(), /George Alan$/);
  assert.equal((await focused(page)).tag, "h3");
  await page.keyboard.press("Escape");
  await page.getByRole("region", { name: "User George Alan" }).waitFor({ state: "detached" });
  await page.waitForFunction(() => document.activeElement.textContent.includes("George Alan"));
});

suite.test(
  "on a narrow screen the focus goes into the details and back to the row",
  async (given) => {
    const page = await given.open("users");
    await page.getByRole("link", { name: /Cyclops/ }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "User Cyclops" }).waitFor();
    assert.equal((await focused(page)).tag, "h3");
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement.matches("a.row-link"));
    assert.match((await focused(page)).name, /Cyclops/);
  },
  { viewport: { width: 360, height: 740 } },
);

suite.test("a removed row leaves the focus in its section", async (given) => {
  const { app, control, open } = given;
  await control("POST", `/faults?app=${app.id}`, { act: { delayMs: 1 } });
  const page = await open("faults");
  await page.getByRole("button", { name: /^Remove rule/ }).focus();
  await page.keyboard.press("Enter");
  await said(page, /^Removed rule/);
  const at = await focused(page);
  assert.deepEqual([at.tag, at.name, at.shown], ["section", "Rules in force", true]);
});

suite.test("a dialog begins at its first control", async ({ open }) => {
  const page = await open("faults");
  await page.getByRole("button", { name: "New rule" }).click();
  await page.getByRole("dialog").waitFor();
  assert.equal((await focused(page)).name, "Form");
});

suite.test("a screen reader finds landmarks, headings and named controls", async (given) => {
  await everyState(given, async (page, state) => {
    await page.getByRole("banner").getByRole("heading", { level: 1 }).waitFor();
    await page.getByRole("navigation", { name: "Views" }).waitFor();
    const found = await page.evaluate(() => {
      const root = document.querySelector("dialog[open]") ?? document.body;
      const named = (element) =>
        Boolean(
          element.labels?.length ||
          element.getAttribute("aria-label") ||
          element.getAttribute("aria-labelledby") ||
          element.textContent.trim(),
        );
      const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
      const pointed = [...document.querySelectorAll("[aria-describedby], [aria-controls], [for]")]
        .flatMap((element) =>
          ["aria-describedby", "aria-controls", "for"].map((name) => element.getAttribute(name)),
        )
        .filter(Boolean)
        .flatMap((value) => value.split(" "));
      return {
        nameless: [
          ...root.querySelectorAll("button, a, input, select, textarea, [role=region], table"),
        ]
          .filter((element) => !named(element))
          .map((element) => element.outerHTML.slice(0, 120)),
        levels: [...document.querySelectorAll("h1, h2, h3, h4")]
          .filter((heading) => heading.checkVisibility() && !heading.closest("dialog"))
          .map((heading) => Number(heading.tagName[1])),
        twice: ids.filter((id, at) => ids.indexOf(id) !== at),
        broken: pointed.filter((id) => document.getElementById(id) === null),
        title: document.title,
      };
    });
    assert.deepEqual(found.nameless, [], `${state}: every control has a name`);
    assert.deepEqual(found.twice, [], `${state}: ids are unique`);
    assert.deepEqual(found.broken, [], `${state}: references lead somewhere`);
    assert.equal(found.levels[0], 1, `${state}: the first heading is the page's`);
    assert.ok(
      found.levels.every((level, at) => at === 0 || level <= found.levels[at - 1] + 1),
      `${state}: no level is skipped: ${found.levels}`,
    );
    assert.match(found.title, / · CometChat emulator$/);
  });
});

suite.test(
  "nothing scrolls sideways or is cut off at 360 px, nor at 320",
  async (given) => {
    await everyState(given, async (page, state) => {
      for (const width of [320, 360]) {
        await page.setViewportSize({ width, height: 740 });
        const out = await page.evaluate(() => {
          const root = document.querySelector("dialog[open]") ?? document.body;
          const scrolls = (element) => element.closest(".code-block, .tab-list");
          const parts = [
            ...root.querySelectorAll(
              "button, a, input, select, textarea, label, h2, h3, p, dd, code",
            ),
          ]
            .filter((element) => element.checkVisibility() && !scrolls(element))
            .filter((element) => !element.closest(".visually-hidden, .skip-link, thead"))
            .filter((element) => {
              const { left, right, width: wide } = element.getBoundingClientRect();
              return wide > 0 && (left < -0.5 || right > innerWidth + 0.5);
            })
            .map((element) => element.outerHTML.slice(0, 120));
          const { scrollWidth, clientWidth } = document.documentElement;
          return { parts, wide: scrollWidth > clientWidth };
        });
        assert.deepEqual(out, { parts: [], wide: false }, `${state} at ${width} px`);
      }
    });
    const page = await given.open("overview");
    await page.getByRole("button", { name: "Menu" }).click();
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    assert.equal(
      await page.getByRole("button", { name: "Menu" }).getAttribute("aria-expanded"),
      "false",
      "the menu closes after a choice",
    );
  },
  { viewport: { width: 360, height: 740 }, hasTouch: true },
);

for (const colorScheme of ["light", "dark"]) {
  suite.test(
    `text and controls have AA contrast in ${colorScheme} colours`,
    async (given) => {
      await everyState(given, async (page, state) => {
        const found = await contrasts(page);
        assert.ok(found.length > 15, `${state}: looked at ${found.length} texts`);
        const poor = found.filter(({ ratio, needed }) => ratio < needed);
        assert.deepEqual(poor, [], `${state}: these are too faint`);
      });
    },
    { colorScheme, reducedMotion: "reduce" },
  );
}

suite.test("the colours follow the system, or the user's choice", async ({ open }) => {
  const page = await open("overview");
  const ground = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await page.emulateMedia({ colorScheme: "light" });
  const light = await ground();
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await ground();
  assert.notEqual(light, dark);
  await page.getByRole("button", { name: /^Colours: auto/ }).click();
  assert.equal(await ground(), light);
  await page.reload();
  await page.getByRole("button", { name: /^Colours: light/ }).click();
  await page.emulateMedia({ colorScheme: "light" });
  assert.equal(await ground(), dark);
});

suite.test(
  "nothing moves for those who asked for less motion",
  async ({ open }) => {
    const page = await open("faults");
    await page.getByRole("switch", { name: "Blocked by CORS" }).click();
    await said(page, "Blocked by CORS: on.");
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll("*")].filter(
          (element) => getComputedStyle(element).transitionProperty !== "none",
        ).length,
    );
    assert.equal(moving, 0);
  },
  { reducedMotion: "reduce" },
);

/**
 * Contrast of each visible text with what lies behind it, and of each control's edge or fill with
 * what surrounds it (WCAG 2.2, 1.4.3 and 1.4.11). A canvas turns the colours into numbers, in
 * whatever notation they are.
 */
async function contrasts(page) {
  return page.evaluate(() => {
    const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const known = new Map();
    const parse = (color) => {
      if (!known.has(color)) {
        pen.clearRect(0, 0, 1, 1);
        pen.fillStyle = color;
        pen.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
        known.set(color, { rgb: [r, g, b], alpha: a / 255 });
      }
      return known.get(color);
    };
    const over = (top, below) =>
      top.rgb.map((value, i) => value * top.alpha + below[i] * (1 - top.alpha));
    const behind = (element) => {
      const layers = [];
      for (let at = element; at !== null; at = at.parentElement) {
        layers.push(parse(getComputedStyle(at).backgroundColor));
        if (at.matches("dialog")) {
          break;
        }
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
      const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
      return Math.round(((high + 0.05) / (low + 0.05)) * 100) / 100;
    };
    const root = document.querySelector("dialog[open]") ?? document.body;
    const found = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      const text = walker.currentNode.data.trim();
      // WCAG leaves out controls that are switched off.
      const left = "script, noscript, option, .visually-hidden, .skip-link, :disabled, :disabled *";
      if (text === "" || !element.checkVisibility() || element.matches(left)) {
        continue;
      }
      const background = behind(element);
      found.push({
        what: text.slice(0, 40),
        ratio: ratio(over(parse(getComputedStyle(element).color), background), background),
        needed: 4.5,
      });
    }
    for (const element of root.querySelectorAll("input, select, textarea, .switch, .button")) {
      const style = getComputedStyle(element);
      if (!element.checkVisibility() || element.matches(":disabled, .quiet")) {
        continue;
      }
      const around = behind(element.parentElement);
      const edge = over(parse(style.borderTopColor), around);
      found.push({
        what: `edge of ${element.id || element.getAttribute("aria-label") || element.textContent}`,
        ratio: Math.max(ratio(edge, around), ratio(behind(element), around)),
        needed: 3,
      });
    }
    return found;
  });
}
