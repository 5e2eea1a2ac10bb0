/** Preconnect links (rule B20): which links `init` adds to the page, and when it adds none. */
import assert from "node:assert/strict";
import { labSuite, until } from "../support/lab.mjs";

const lab = labSuite();
const US = [
  "https://emulator-app.api-us.cometchat.io",
  "https://emulator-app.apiclient-us.cometchat.io",
];

/** The preconnect links of the page, in order. */
const links = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("link")].map(
      ({ rel, crossOrigin, href }) => `${rel} ${crossOrigin} ${new URL(href).origin}`,
    ),
  );
const to = (...hosts) => hosts.map((host) => `preconnect anonymous ${host}`);

for (const [what, settings, hosts] of [
  ["region us", { region: "us" }, US],
  ['region in, said as " IN "', { region: " IN " }, US.map((host) => host.replace("-us", "-in"))],
  ["no region, which is eu", {}, US.map((host) => host.replace("-us", "-eu"))],
  [
    "both hosts overridden, one with a path",
    { adminHost: "admin.cometchat.io/v3", clientHost: "https://client.cometchat.io:8443" },
    ["https://admin.cometchat.io", "https://client.cometchat.io:8443"],
  ],
  [
    "one host overridden",
    { region: "us", clientHost: "client.cometchat.io" },
    [US[0], "https://client.cometchat.io"],
  ],
  [
    "both hosts overridden and a region that is none",
    { region: "moon", adminHost: "admin.cometchat.io", clientHost: "client.cometchat.io" },
    ["https://admin.cometchat.io", "https://client.cometchat.io"],
  ],
  [
    "one host for both",
    { adminHost: "both.cometchat.io/admin", clientHost: "both.cometchat.io/client" },
    ["https://both.cometchat.io"],
  ],
  ["an emulator", { region: "us", emulator: "http://127.0.0.1:8599/" }, ["http://127.0.0.1:8599"]],
]) {
  lab.test(`b20 ${what}: one link to each host that a login will use`, async (given) => {
    const page = await given.open();
    for (let times = 0; times < 2; times++) {
      assert.equal(
        await page.evaluate((settings) => CometChat.init("emulator-app", settings), settings),
        true,
      );
      assert.deepEqual(await links(page), to(...hosts));
    }
  });
}

lab.test("b20 the links have the hosts of the login's requests", async (given) => {
  const page = await given.open();
  await page.evaluate(() => lab.init());
  const ahead = await links(page);
  await page.evaluate((key) => CometChat.login("superhero1", key), lab.emulator.authKey);
  assert.deepEqual(ahead, to(...new Set(given.requests().map(({ host }) => `https://${host}`))));
});

lab.test(
  "b20 init opens a connection to each host and sends no request; the login opens none",
  async (given) => {
    // Chromium does not follow the links in incognito contexts.
    await given.ownProfile();
    const page = await given.open();
    const before = lab.proxy.connected.length;
    const connected = () =>
      lab.proxy.connected
        .slice(before)
        .filter((host) => host.endsWith(".cometchat.io"))
        .map((host) => `https://${host}`)
        .sort();
    await page.evaluate(() => lab.init());
    await until("both hosts are connected to", () => connected().length >= US.length);
    assert.deepEqual([given.preflights(), given.requests()], [[], []]);
    await page.evaluate((key) => CometChat.login("superhero1", key), lab.emulator.authKey);
    assert.equal(given.requests().length, 2);
    assert.deepEqual(connected(), US);
  },
);

lab.test("b20 the links exist before the WebAssembly loads", async (given) => {
  let arrive;
  const held = new Promise((resolve) => (arrive = resolve));
  let asked = false;
  await (
    await given.ownContext()
  ).route(/\/core-[^/]*\.js$/, async (route) => {
    asked = true;
    await held;
    await route.continue();
  });
  const page = await given.open("/lazy");
  await page.evaluate(() => void (window.going = lab.init()));
  assert.deepEqual(await links(page), to(...US));
  await until("the lazy part is asked for", () => asked);
  arrive();
  assert.equal(await page.evaluate(() => window.going), true);
  assert.deepEqual(await links(page), to(...US));
});

for (const session of [false, true]) {
  const [kept, other] = session ? ["session", "local"] : ["local", "session"];
  lab.test(
    `b20 no links with a session in ${kept}Storage; one in ${other}Storage does not count`,
    async (given) => {
      const page = await given.open();
      await page.evaluate(
        async ([key, session]) => {
          await lab.init({ session });
          await CometChat.login("superhero1", key);
        },
        [lab.emulator.authKey, session],
      );
      await page.reload();
      await page.evaluate((session) => lab.init({ session }), session);
      assert.deepEqual(await links(page), []);
      await page.evaluate((session) => lab.init({ session: !session }), session);
      assert.deepEqual(await links(page), to(...US), "there is no session");

      await page.reload();
      await page.evaluate(async (session) => {
        await lab.init({ session });
        await CometChat.logout();
        await lab.init({ session });
      }, session);
      assert.deepEqual(await links(page), to(...US));
    },
  );
}

for (const [what, appId, settings] of [
  ["no app id", undefined, { region: "us" }],
  ["an app id that is none", "a/b", { region: "us" }],
  ["a region that is none", "emulator-app", { region: "moon" }],
  ["a host without TLS", "emulator-app", { region: "us", adminHost: "http://admin.cometchat.io" }],
  ["a host that is none", "emulator-app", { region: "us", clientHost: "client.cometchat.io?x" }],
  [
    "an emulator beside overrides",
    "emulator-app",
    { region: "us", emulator: "http://127.0.0.1:8599", adminHost: "admin.cometchat.io" },
  ],
  [
    "an emulator elsewhere without TLS",
    "emulator-app",
    { region: "us", emulator: "http://192.0.2.1:8599" },
  ],
]) {
  lab.test(`b20 ${what}: init rejects and connects to no host`, async (given) => {
    const page = await given.open();
    const outcome = await page.evaluate(
      ([appId, settings]) => lab.outcome(CometChat.init(appId, settings)),
      [appId, settings],
    );
    assert.equal(outcome.error?.isException, true, JSON.stringify(outcome));
    assert.deepEqual(await links(page), []);
  });
}

lab.test("b20 another app on the page: links to its hosts are added", async (given) => {
  const page = await given.open();
  await page.evaluate(async () => {
    await lab.init();
    await CometChat.init("other-app", lab.settings());
  });
  assert.deepEqual(
    await links(page),
    to(...US, ...US.map((host) => host.replace("emulator-app", "other-app"))),
  );
});

lab.test("b20 refused storage has no session, so there are links", async (given) => {
  await (
    await given.ownContext()
  ).addInitScript(() => {
    Object.defineProperty(window, "localStorage", {
      get() {
        throw new DOMException("Access is denied for this document.", "SecurityError");
      },
    });
  });
  const page = await given.open();
  assert.equal(await page.evaluate(() => lab.init()), true);
  assert.deepEqual(await links(page), to(...US));
});
