/**
 * Rule B1 on pages that changed built-in objects, pass hostile arguments, or block their thread.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { actionsIn } from "../support/actions.mjs";
import { htmlWith, labSuite, trapsOnDemand, until } from "../support/lab.mjs";
import { packageFolder } from "../support/package.mjs";

const lab = labSuite();
const { loggedIn, createToken } = actionsIn(lab);

/** A page that runs a script before the published package. */
async function openWith(given, script) {
  const javascript = (body) => ({ type: "text/javascript", body });
  for (const name of ["index.js", "facade.js", "core.js"])
    given.serve(`/package/${name}`, javascript(readFileSync(join(packageFolder(), name))));
  given.serve("/patch.js", javascript(script));
  const module =
    'import { CometChat } from "/package/index.js"; Object.assign(window, { CometChat });';
  given.serve("/page.js", javascript(module));
  given.serve("/patched", {
    body: htmlWith(
      '<script src="/patch.js"></script><script type="module" src="/page.js"></script>',
    ),
  });
  return given.open("/patched");
}

/** Login, calls and logout: the result of each step as text. */
const visit = (key) => {
  const told = [];
  const step = (promise, read) =>
    promise.then(
      (value) => told.push(read(value)),
      (error) => told.push(`${error.code} ${error instanceof CometChat.CometChatException}`),
    );
  CometChat.addLoginListener("visit", {
    loginSuccess: (user) => void told.push(`loginSuccess ${user.getUid()}`),
    loginFailure: (error) => void told.push(`loginFailure ${error.code}`),
    logoutSuccess: () => void told.push("logoutSuccess"),
  });
  return step(CometChat.init("emulator-app", { region: "us" }), String)
    .then(() => step(CometChat.login("superhero1", key), (user) => user.getName()))
    .then(() => step(CometChat.getLoggedinUser(), (user) => user.getUid()))
    .then(() =>
      step(
        CometChat.updateCurrentUserDetails({
          tags: ["a", "b"],
          metadata: { list: [1, { two: 2 }] },
        }),
        (user) => `${user.getTags().join()} ${user.getMetadata().list[1].two}`,
      ),
    )
    .then(() => step(CometChat.verifySession(), (user) => user.getTags().join()))
    .then(() => step(CometChat.logout(), (reply) => String(reply.success)))
    .then(() => step(CometChat.login("superhero1", "wrong-key"), String))
    .then(() => told.join(" | "));
};

const AS_ALWAYS = [
  "true",
  "loginSuccess superhero1",
  "Iron Man",
  "superhero1",
  "a,b 2",
  "a,b",
  "logoutSuccess",
  "true",
  "loginFailure AUTH_ERR_APIKEY_NOT_FOUND",
  "AUTH_ERR_APIKEY_NOT_FOUND true",
].join(" | ");

const EXTENDS_OBJECT_PROTOTYPE =
  'Object.prototype.theme = "x"; Object.prototype.extend = function () {};' +
  "Object.prototype.value = 1";

for (const [what, script] of [
  [
    "replaces Array.prototype.entries, as Prototype.js 1.7.2 does",
    "Array.prototype.entries = function () { return this.slice() }",
  ],
  ["deletes Array.prototype.entries, as Prototype.js 1.7.3 does", "delete Array.prototype.entries"],
  ["gives arrays a toJSON", 'Array.prototype.toJSON = function () { return "[…]" }'],
  ["gives objects a toJSON", 'Object.prototype.toJSON = function () { return "{…}" }'],
  ["extends Object.prototype", EXTENDS_OBJECT_PROTOTYPE],
  ["freezes Error.prototype", "Object.freeze(Error.prototype)"],
  [
    "replaces clearTimeout by one that throws",
    "window.clearTimeout = () => { throw new Error('mine') }",
  ],
  ["replaces Reflect.get by one that throws", "Reflect.get = () => { throw new Error('mine') }"],
  [
    "replaces AbortController by one that cannot abort",
    `window.AbortController = class {
      get signal() { throw new Error("mine") }
      abort() { throw new Error("mine") }
    }`,
  ],
  [
    "replaces abort by a function that throws",
    "AbortController.prototype.abort = () => { throw new Error('mine') }",
  ],
  [
    "has setters on Object.prototype that throw",
    `for (const name of ["code", "uid", "retryable"])
      Object.defineProperty(Object.prototype, name, {
        configurable: true,
        get() {},
        set() { throw new Error("mine") },
      })`,
  ],
]) {
  lab.test(`b1 a page that ${what}: login, calls and logout work`, async (given) => {
    const page = await openWith(given, script);
    assert.equal(await page.evaluate(visit, lab.emulator.authKey), AS_ALWAYS);
  });
}

lab.test(
  "b23 on a page that extends Object.prototype, users have only the fields of the response",
  async (given) => {
    const fields = async (page) =>
      page.evaluate(async (key) => {
        await lab.init();
        const users = [await CometChat.login("superhero1", key)];
        users.push(await CometChat.getLoggedinUser(), await CometChat.getUser("superhero2"));
        return users.map((user) => Object.keys(user).sort());
      }, lab.emulator.authKey);
    const expected = await fields(await given.open());
    assert.ok(expected.every((names) => names.includes("uid")));
    assert.deepEqual(await fields(await openWith(given, EXTENDS_OBJECT_PROTOTYPE)), expected);
  },
);

lab.test("b1 arrays are stored as arrays on a page that adds toJSON to arrays", async (given) => {
  const page = await openWith(given, 'Array.prototype.toJSON = function () { return "[…]" }');
  const stored = await page.evaluate(async (key) => {
    await lab.init();
    await CometChat.login("superhero1", key);
    await CometChat.updateCurrentUserDetails({ tags: ["a", "b"] });
    return localStorage.getItem("emulator-app:common_store/user");
  }, lab.emulator.authKey);
  assert.doesNotMatch(stored, /…/);
  assert.match(stored, /\[\\*"a\\*",\\*"b\\*"\]/);
});

for (const [what, hostile] of [
  ["a getter that throws", "{ get appId() { throw new Error('mine') } }"],
  [
    "a revoked proxy",
    "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy })()",
  ],
]) {
  lab.test(`b1 init with ${what} rejects with a cause and does not throw`, async (given) => {
    const page = await given.open();
    const seen = await page.evaluate(async (hostile) => {
      const value = () => window.eval(`(${hostile})`);
      const seen = [];
      for (const args of [
        () => [value()],
        () => ["emulator-app", value()],
        () => [{ appId: "emulator-app", appSettings: value() }],
      ]) {
        const made = args();
        try {
          await CometChat.init(...made);
          seen.push("resolved");
        } catch (error) {
          seen.push(`${error.code} ${error.cause instanceof Error}`);
        }
      }
      // The next call works.
      seen.push(await lab.init());
      return seen;
    }, hostile);
    const refused = "MISSING_PARAMETERS true";
    assert.deepEqual(seen, [refused, refused, refused, true]);
  });
}

lab.test("b1 a call by a handler that blocks the thread has its full timeout", async (given) => {
  const page = await given.open();
  await page.evaluate(() => lab.init({ timeout: 1500 }));
  given.answer(({ path }) => (path.endsWith("/users/superhero9") ? "hang" : undefined));
  const outcomes = await page.evaluate(async (key) => {
    let asked;
    CometChat.addLoginListener("busy", {
      loginSuccess() {
        asked = lab.outcome(CometChat.getUser("superhero9"));
        const end = Date.now() + 1300;
        while (Date.now() < end);
      },
    });
    await CometChat.login("superhero1", key);
    return [(await asked).error?.code, (await CometChat.getLoggedinUser())?.getUid()];
  }, lab.emulator.authKey);
  assert.deepEqual(outcomes, ["REQUEST_TIMEOUT", "superhero1"]);
});

/**
 * Makes a call with a timeout of 500 ms while the thread of the page is blocked for 1.6 s. Returns
 * the outcome, the time of the call in milliseconds, and the events.
 */
async function callWhileBlocked(given, name, answer) {
  const { page } = await loggedIn(given);
  await page.evaluate(() => lab.init({ timeout: 500 }));
  const method = name === "logout" ? "DELETE" : "GET";
  given.answer((seen) => (seen.method === method ? answer() : undefined));
  return page.evaluate(async (name) => {
    const start = Date.now();
    const call = lab.outcome(CometChat[name](...(name === "logout" ? [] : ["superhero3"])));
    while (Date.now() < start + 1_600);
    const outcome = await call;
    return { ...outcome, ms: Date.now() - start, events: lab.events };
  }, name);
}

/** The service's response, 200 ms after the request. */
const inTime = () => ({ until: new Promise((resolve) => setTimeout(resolve, 200)) });

lab.test("b1 a response that arrives while the thread is blocked counts", async (given) => {
  const { value, error } = await callWhileBlocked(given, "getUser", inTime);
  assert.equal(value?.uid, "superhero3", JSON.stringify(error));
});

lab.test(
  "b9 a response to a logout that arrives while the thread is blocked is no failure",
  async (given) => {
    const { value, error, events } = await callWhileBlocked(given, "logout", inTime);
    assert.equal(value?.success, true, JSON.stringify(error));
    assert.deepEqual(events, ["logoutSuccess"]);
  },
);

lab.test(
  "b1 without a response, a call whose thread is blocked times out one second later",
  async (given) => {
    const { error, ms } = await callWhileBlocked(given, "getUser", () => "hang");
    assert.equal(error?.code, "REQUEST_TIMEOUT");
    assert.ok(ms >= 2_500, `${ms} ms`);
  },
);

lab.test(
  "b1 a session in memory that is lost with its instance fires logoutSuccess",
  async (given) => {
    const context = await given.ownContext();
    await context.addInitScript(trapsOnDemand);
    await context.addInitScript(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException("full", "QuotaExceededError");
      };
    });
    const { page } = await loggedIn(given);
    assert.equal(await page.evaluate(() => CometChat.persistence), "memory");
    const states = await page.evaluate(async () => {
      const states = [];
      CometChat.session.subscribe(({ status }) => states.push(status));
      window.trap = true;
      states.push((await lab.outcome(CometChat.getLoggedinUser())).error.code);
      while (lab.events.length === 0) await new Promise((go) => setTimeout(go, 5));
      return [...states, ...lab.events, await CometChat.getLoggedinUser()];
    });
    assert.deepEqual(states, ["in", "INTERNAL_ERROR", "out", "logoutSuccess", null]);
  },
);

lab.test(
  "b7 a signal that the logger aborts during the call ends it, with its reason",
  async (given) => {
    const page = await given.open();
    const seen = await page.evaluate(async (key) => {
      const controller = new AbortController();
      // The login warns about the auth key on this origin.
      const settings = new CometChat.AppSettingsBuilder()
        .setRegion("us")
        .setLogger(() => controller.abort(new Error("changed my mind")))
        .build();
      await CometChat.init("emulator-app", settings);
      const { signal } = controller;
      const error = await CometChat.login({ uid: "superhero1", authKey: key, signal }).catch(
        (e) => e,
      );
      return [error.code, error.cause?.message];
    }, lab.emulator.authKey);
    assert.deepEqual(seen, ["REQUEST_ABORTED", "changed my mind"]);
  },
);

lab.test("b1 dispose right after init, then a trap: the app stays disposed", async (given) => {
  await (await given.ownContext()).addInitScript(trapsOnDemand);
  const page = await given.open();
  const seen = await page.evaluate(async () => {
    const ready = lab.init();
    CometChat.dispose();
    await ready;
    window.trap = true;
    await lab.outcome(CometChat.getLoggedinUser());
    const { error } = await lab.outcome(CometChat.getLoggedinUser());
    return [error?.code, CometChat.isInitialized()];
  });
  assert.deepEqual(seen, ["COMETCHAT_INITIALIZATION_NOT_DONE", false]);
});

for (const [what, value] of [
  ["a BigInt", "{ n: 1n }"],
  ["a cycle", "(() => { const cycle = {}; cycle.self = cycle; return cycle })()"],
  ["a toJSON that throws", "{ toJSON() { throw new TypeError('mine') } }"],
]) {
  lab.test(
    `b23 metadata with ${what} names the field, the TypeError is the cause`,
    async (given) => {
      const { page } = await loggedIn(given);
      const seen = await page.evaluate(
        async ([value, key]) => {
          const metadata = window.eval(`(${value})`);
          const user = { uid: "eve", name: "Eve", metadata };
          const errors = [];
          for (const promise of [
            CometChat.createUser(user, key),
            CometChat.updateUser(user, key),
            CometChat.updateCurrentUserDetails(user),
          ])
            errors.push(await promise.catch((error) => `${error.code} ${error.cause?.name}`));
          return errors;
        },
        [value, lab.emulator.authKey],
      );
      assert.deepEqual(seen, Array(3).fill("INVALID_USER_METADATA TypeError"));
    },
  );
}

lab.test(
  "b22 without WebAssembly: WEBASSEMBLY_UNAVAILABLE, not retryable, with a message",
  async (given) => {
    const page = await openWith(given, "delete window.WebAssembly");
    const { error } = await page.evaluate(() => lab.outcome(lab.init()));
    assert.deepEqual(
      [error.code, error.name, error.retryable],
      ["WEBASSEMBLY_UNAVAILABLE", "WEBASSEMBLY_UNAVAILABLE", false],
    );
    assert.match(error.message, /WebAssembly/);
  },
);

lab.test(
  "b7 a login by another provider, while one by a provider runs, is LOGIN_IN_PROGRESS",
  async (given) => {
    const page = await given.open();
    const [ann, bob] = [await createToken("superhero1"), await createToken("superhero2")];
    const seen = await page.evaluate(
      async ([ann, bob]) => {
        await lab.init();
        const ofAnn = async () => ann;
        const read = (promise) =>
          promise.then(
            (user) => user.getUid(),
            (error) => error.code,
          );
        return Promise.all([
          read(CometChat.login(ofAnn)),
          read(CometChat.login(async () => bob)),
          read(CometChat.login(ofAnn)),
          read(CometChat.login({ authToken: ofAnn })),
        ]);
      },
      [ann, bob],
    );
    assert.deepEqual(seen, ["superhero1", "LOGIN_IN_PROGRESS", "superhero1", "superhero1"]);
  },
);

const POLLUTED = [
  "emulator",
  "adminHost",
  "clientHost",
  "region",
  "logger",
  "storageMode",
  "appSettings",
  "chatSDK",
];

lab.test(
  "b23 no member of Object.prototype counts as a setting: no request goes elsewhere",
  async (given) => {
    const page = await openWith(
      given,
      `for (const name of ${JSON.stringify(POLLUTED)})
        Object.prototype[name] = "https://evil.example";`,
    );
    const asked = await page.evaluate(async (key) => {
      const asked = [];
      const real = window.fetch;
      window.fetch = (url, init) => (asked.push(new URL(url).host), real(url, init));
      await CometChat.init(
        "emulator-app",
        new CometChat.AppSettingsBuilder().setRegion("us").build(),
      );
      await CometChat.login("superhero1", key);
      return asked.join();
    }, lab.emulator.authKey);
    assert.equal(asked, "emulator-app.api-us.cometchat.io,emulator-app.apiclient-us.cometchat.io");
  },
);

lab.test("b22 settings and errors of another copy of the package are recognised", async (given) => {
  const page = await given.open();
  const asked = await page.evaluate(async () => {
    const first = window.exported;
    await import("/ours.js?second");
    const second = window.exported;
    if (first.CometChat === second.CometChat) return "the same copy";
    const asked = [];
    window.fetch = async (url) => (asked.push(new URL(url).origin), new Response("{}"));
    const settings = new first.CometChat.AppSettingsBuilder()
      .setRegion("us")
      .useEmulator("http://127.0.0.1:9")
      .setRequestTimeout(777)
      .build();
    await second.CometChat.init("emulator-app", settings);
    const error = await second.CometChat.login("superhero1", "some-key").catch((caught) => caught);
    return [...asked, first.isCometChatException(error), error instanceof first.CometChatException];
  });
  assert.deepEqual(asked, ["http://127.0.0.1:9", true, false]);
});

lab.test("b3 the settings file: region and hosts come from it", async (given) => {
  const page = await given.open();
  const seen = await page.evaluate(async () => {
    const warned = [];
    console.warn = (text) => warned.push(text);
    const asked = [];
    window.fetch = async (url) => (asked.push(new URL(url).host), new Response("{}"));
    const login = () => CometChat.login("superhero1", "some-key").catch(() => undefined);
    await CometChat.init({ appId: "emulator-app", region: "us" });
    await login();
    const chatSDK = { adminHost: "admin.cometchat.io", clientHost: null };
    await CometChat.initFromSettings({ appId: "emulator-app", region: "in", chatSDK });
    await login();
    return [asked, warned.filter((text) => /region/.test(text))];
  });
  assert.deepEqual(seen, [["emulator-app.api-us.cometchat.io", "admin.cometchat.io"], []]);
});

lab.test(
  "b32 the session store reports logins, changed data and other tabs, and ends with dispose",
  async (given) => {
    const { page } = await loggedIn(given);
    const other = await given.open();
    await other.evaluate(async () => {
      window.states = [];
      CometChat.session.subscribe(({ status, user }) => {
        window.states.push(`${status} ${user?.getStatusMessage() ?? ""}`.trim());
        lab.events.push("store");
      });
      lab.listen();
      await lab.init();
    });
    await page.evaluate(() => CometChat.updateCurrentUserDetails({ statusMessage: "away" }));
    await until("the other tab's store shows it", () =>
      other.evaluate(() => window.states.at(-1) === "in away"),
    );
    assert.deepEqual(
      await other.evaluate(() => lab.events.filter((event) => event !== "store")),
      [],
    );
    await page.evaluate(() => CometChat.logout());
    await until("the other tab's store is out", () =>
      other.evaluate(() => window.states.at(-1) === "out"),
    );
    const [states, events] = await other.evaluate(() => [window.states, lab.events]);
    assert.equal(states[0], "unknown");
    assert.deepEqual(events.slice(-2), ["store", "logoutSuccess"], "before the listeners");
    await other.evaluate(async () => {
      CometChat.dispose();
      await lab.init();
    });
    assert.equal(await other.evaluate(() => window.states.at(-1)), "unknown");
    assert.equal(await other.evaluate(() => CometChat.session.get().status), "out");
  },
);
