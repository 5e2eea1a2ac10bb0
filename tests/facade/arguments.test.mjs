/** What `init` and `login` read of their arguments, and what settings hold. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { realm } from "../support/facade.mjs";

const facade = await realm();
const { AppSettings, AppSettingsBuilder, User, initArguments, loginArguments } = facade;
const given = (...args) => {
  const read = initArguments(...args).args;
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
};
const DEFAULTS = { adminHost: null, clientHost: null, storageMode: "local" };

test("b3 init takes an app id and settings, an object of both, or the settings file", () => {
  const settings = new AppSettingsBuilder().setRegion("US").build();
  const expected = { appId: "app", region: "us", ...DEFAULTS };
  assert.deepEqual(given("app", settings), expected);
  assert.deepEqual(given({ appId: "app", appSettings: settings }), expected);
  assert.deepEqual(given("app", { region: "us" }), { appId: "app", region: "us" });
  assert.deepEqual(given("app"), { appId: "app" });
  assert.deepEqual(given({ appId: "app" }), { appId: "app" });
});

test("b3 init reads region and hosts from the settings file, and nothing secret", () => {
  const file = {
    appId: "app",
    region: "in",
    credentials: { authKey: "secret" },
    chatSDK: {
      adminHost: "admin.example.com",
      clientHost: null,
      autoEstablishSocketConnection: true,
      presenceSubscription: { type: "ALL_USERS" },
    },
    callsSDK: {},
    uiKit: {},
  };
  assert.deepEqual(given(file), {
    appId: "app",
    region: "in",
    adminHost: "admin.example.com",
    clientHost: null,
  });
  assert.doesNotMatch(JSON.stringify(initArguments(file)), /secret/);
  assert.deepEqual(given({ appId: "app", region: "us" }), { appId: "app", region: "us" });
});

test("b19 a region that was not set is not given, so that the core warns", () => {
  assert.equal(given("app", new AppSettings()).region, undefined);
  assert.equal(given("app", new AppSettingsBuilder().build()).region, undefined);
  assert.equal(
    given("app", new AppSettingsBuilder().setRegion(undefined).build()).region,
    undefined,
  );
  assert.equal(given("app", new AppSettingsBuilder().setRegion("eu").build()).region, "eu");
  assert.equal(given("app", { region: "eu" }).region, "eu");
});

test("b3 fields that are set directly on an AppSettings count", () => {
  const direct = new AppSettings();
  direct.region = "us";
  direct.clientHost = "chat.example.com";
  assert.deepEqual(given("app", direct), {
    appId: "app",
    ...DEFAULTS,
    region: "us",
    clientHost: "chat.example.com",
  });
  const built = new AppSettingsBuilder().setRegion("in").build();
  built.region = "us";
  assert.equal(given("app", built).region, "us");
});

test("b3 build() returns a new object each time, and what is set later does not change it", () => {
  const logger = () => undefined;
  const builder = new AppSettingsBuilder().setRegion("us").setRequestTimeout(1).setLogger(logger);
  const first = builder.build();
  builder.setRegion("in").setRequestTimeout(2).useEmulator("http://localhost");
  const second = builder.build();
  assert.notEqual(first, second);
  assert.notEqual(builder.build(), builder.build());
  assert.deepEqual(given("app", first), {
    appId: "app",
    region: "us",
    ...DEFAULTS,
    requestTimeout: 1,
  });
  assert.equal(given("app", second).emulator, "http://localhost");
  assert.equal(initArguments("app", second).logger, logger);
});

test("b3 a builder whose build() was forgotten counts", () => {
  const builder = new AppSettingsBuilder().setRegion("us").useEmulator("http://localhost:1");
  assert.equal(given("app", builder).emulator, "http://localhost:1");
});

test("b22 settings and builders of another copy of the package keep all they hold", async () => {
  const other = await realm();
  const builder = new other.AppSettingsBuilder()
    .setRegion("us")
    .useEmulator("http://localhost:1")
    .setRequestTimeout(7)
    .setLogger(console.log);
  for (const settings of [builder.build(), builder]) {
    const { args, logger } = initArguments("app", settings);
    assert.deepEqual(
      [args.region, args.emulator, args.requestTimeout, logger],
      ["us", "http://localhost:1", 7, console.log],
    );
  }
});

test("b3 a builder works behind a proxy, as Vue makes one", () => {
  const builder = new Proxy(new AppSettingsBuilder(), {
    get: (target, key, receiver) => Reflect.get(target, key, receiver),
  });
  assert.equal(
    given("app", builder.setRegion("us").useEmulator("http://[::1]").build()).region,
    "us",
  );
});

const NAMES = [
  ...["appId", "appSettings", "region", "adminHost", "clientHost", "storageMode"],
  ...["requestTimeout", "emulator", "logger", "chatSDK", "build", "regionSet"],
  ...["uid", "username", "authKey", "apiKey", "authToken", "signal", "count", "provider"],
];

for (const name of NAMES) {
  test(`b23 Object.prototype.${name} never counts`, async () => {
    const polluted = await realm({
      page: `Object.prototype[${JSON.stringify(name)}] = "https://evil.example"`,
    });
    const { AppSettingsBuilder, AppSettings, run } = polluted;
    const settings = [
      undefined,
      {},
      new AppSettings(),
      new AppSettingsBuilder().setRegion("us").build(),
      new AppSettingsBuilder().setRegion("us"),
      run('({ region: "us" })'),
    ];
    for (const value of settings) {
      const read = polluted.initArguments("app", value);
      assert.doesNotMatch(JSON.stringify(Object.values(read.args)), /evil/);
      assert.equal(read.logger, undefined);
    }
    for (const value of [run('({ appId: "app" })'), run('({ appId: "app", appSettings: {} })')])
      assert.doesNotMatch(
        JSON.stringify(Object.values(polluted.initArguments(value).args)),
        /evil/,
      );
    for (const args of [
      ["token"],
      ["uid", "key"],
      [run('({ uid: "u", authKey: "k" })')],
      [run('({ authToken: "t" })')],
      [run('({ uid: "u" })')],
    ]) {
      const read = polluted.loginArguments(args);
      assert.doesNotMatch(JSON.stringify(Object.entries(read.args)), /evil/);
      assert.notEqual(Object.hasOwn(read, "signal") && read.signal, "https://evil.example");
    }
  });
}

test("b23 login reads its forms", () => {
  const provider = () => "token";
  const { signal } = new AbortController();
  const read = (...args) => {
    const { args: texts, ...more } = loginArguments(args);
    return [{ ...texts }, Object.fromEntries(Object.entries(more).filter(([, value]) => value))];
  };
  const missing = undefined;
  assert.deepEqual(read("token"), [{ uid: missing, authToken: "token" }, {}]);
  assert.deepEqual(read("ann", "key"), [{ uid: "ann", authKey: "key" }, {}]);
  assert.deepEqual(read(provider), [{ uid: missing }, { provider }]);
  assert.deepEqual(read({ uid: "ann", authKey: "key", signal }), [
    { uid: "ann", authKey: "key" },
    { signal },
  ]);
  assert.deepEqual(read({ username: "ann", apiKey: "key" }), [{ uid: "ann", authKey: "key" }, {}]);
  assert.deepEqual(read({ uid: "ann", authToken: provider }), [{ uid: "ann" }, { provider }]);
  assert.deepEqual(read({ authToken: undefined }), [{ uid: missing, authToken: "" }, {}]);
  assert.deepEqual(read(), [{ count: 0 }, {}]);
  assert.deepEqual(read(1, 2, 3), [{ count: 3 }, {}]);
  assert.deepEqual(read({ authToken: "t", signal: "now" }), [{ count: 0 }, {}]);
  assert.deepEqual(read({ authToken: "t", signal: null }), [{ uid: missing, authToken: "t" }, {}]);
});

test("b23 fields of a response never replace a method or the prototype of a user", () => {
  const { profile } = facade;
  const described = JSON.parse(
    '{"uid":"ann","getUid":"x","setName":"x","toString":"x","hasOwnProperty":"x","constructor":"x","__proto__":{"getName":"x"},"custom":1,"then":"x"}',
  );
  const user = profile(described);
  assert.equal(Object.getPrototypeOf(user), User.prototype);
  assert.deepEqual([user.getUid(), user.getName(), user.custom], ["ann", undefined, 1]);
  assert.equal(typeof user.toString, "function");
  assert.deepEqual(
    Object.keys(user).filter((name) => typeof User.prototype[name] === "function"),
    [],
  );
});

test("b23 a user takes own fields and those of its class, not those of Object.prototype", async () => {
  const { User, run } = await realm({ page: 'Object.prototype.role = "admin"' });
  assert.equal(Object.hasOwn(new User(run('({ uid: "ann" })')), "role"), false);
  const person = run('new (class { uid = "ann"; get role() { return "teacher" } })()');
  assert.equal(new User(person).getRole(), "teacher");
});

test("a user is copied, and a copy has the fields of the original", () => {
  const user = new User({ uid: "ann", name: "Ann", tags: ["a"], status: "online" });
  assert.deepEqual({ ...new User(user) }, { ...user });
});
