/**
 * Every snippet of the official documentation's authentication page runs unchanged in Chromium. The
 * emulator has the users and keys of the snippets.
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before } from "node:test";
import { startEmulator } from "../support/emulator.mjs";
import { htmlWith, labSuite, until } from "../support/lab.mjs";
import { bundle } from "../support/package.mjs";

const FOLDER = new URL("./snippets/", import.meta.url);
const snippets = Object.fromEntries(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith(".js"))
    .map((name) => [name.slice(0, 1), readFileSync(new URL(name, FOLDER), "utf8")]),
);

const lab = labSuite({ emulatorArgs: ["--seed", "docs"] });
/** An emulator without the users and keys of the snippets. */
let stranger;
before(async () => void (stranger = await startEmulator()));
after(() => stranger?.stop());

/**
 * Opens a page whose module is: the import, `init`, what is given as `first`, the snippet as it
 * stands, a mark. Resolves once the mark is reached.
 *
 * @returns {Promise<{page: import("playwright-core").Page, logged: (count?: number) =>
 *   Promise<[string, any][]>}>} `logged`: the first argument of each `console.log` and what the
 *   second one was, once there are that many
 */
async function run(
  given,
  number,
  { emulator = lab.emulator, init = true, first = "", last = "" } = {},
) {
  const settings = `{ region: "us", emulator: ${JSON.stringify(emulator.url)} }`;
  const source = [
    'import { CometChat } from "cometchat-auth";',
    "window.CometChat = CometChat;",
    init ? `await CometChat.init("emulator-app", ${settings});` : "",
    first,
    snippets[number],
    last,
    'document.title = "reached";',
  ].join("\n");
  for (const [path, body] of await bundle({ snippet: source })) {
    given.serve(path, { type: "text/javascript", body });
  }
  given.serve("/snippet", { body: htmlWith('<script type="module" src="/snippet.js"></script>') });
  const page = await given.open("/snippet");
  await page.waitForFunction(() => document.title === "reached");
  const logs = () => given.console.filter((message) => message.type() === "log");
  const logged = async (count = 0) => {
    await until(
      `${count} line(s) on the console, there are ${logs().length}`,
      () => logs().length >= count,
    );
    return Promise.all(
      logs().map((message) =>
        Promise.all(message.args().map((argument) => argument.evaluate(readable))),
      ),
    );
  };
  return { page, logged };
}

/** What a developer sees of a value in the console; runs in the page. */
function readable(value) {
  if (value instanceof Error) {
    return {
      exception: value instanceof CometChat.CometChatException,
      code: value.code,
      message: value.message,
    };
  }
  if (value instanceof CometChat.User) {
    return { user: value.getUid(), name: value.getName(), token: value.getAuthToken() };
  }
  if (value && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, readableInner(inner)]),
    );
  }
  return value;

  function readableInner(inner) {
    return inner instanceof CometChat.User
      ? { user: inner.getUid(), name: inner.getName() }
      : {
          exception: inner instanceof CometChat.CometChatException,
          code: inner.code,
          message: inner.message,
        };
  }
}

const NAME = "UID of the documentation";
const LOGIN = 'await CometChat.login("AUTH_TOKEN");';
lab.test("1, check existing session: null where nobody is logged in", async (given) => {
  const { logged } = await run(given, 1, { last: "console.log(user);" });
  assert.deepEqual(await logged(1), [[null]]);
});

lab.test("1, check existing session: the user who is logged in", async (given) => {
  const { logged } = await run(given, 1, { first: LOGIN, last: "console.log(user);" });
  assert.deepEqual(await logged(1), [[{ user: "uid", name: NAME, token: "AUTH_TOKEN" }]]);
});

lab.test("1, check existing session: without init, the error", async (given) => {
  const { logged } = await run(given, 1, {
    init: false,
    first: "try {",
    last: "} catch (error) { console.log(error); }",
  });
  const [[error]] = await logged(1);
  assert.deepEqual([error.exception, error.code], [true, "COMETCHAT_INITIALIZATION_NOT_DONE"]);
});

lab.test("2, login with auth key: the user", async (given) => {
  const { logged } = await run(given, 2);
  const [[label, { user, name, token }]] = await logged(1);
  assert.deepEqual([label, user, name], ["Logged in:", "uid", NAME]);
  assert.notEqual(token, "AUTH_TOKEN", "a token of its own");
});

lab.test(
  "2, login with auth key: where it fails, the console says code and reason",
  async (given) => {
    const { logged } = await run(given, 2, { emulator: stranger });
    await until("the page's error", () => given.pageErrors.length > 0);
    const [fault] = given.pageErrors.splice(0);
    assert.match(String(fault), /\S+: \S+ /, `says what happened: ${fault}`);
    assert.deepEqual(await logged(), []);
  },
);

lab.test("3, login with auth token: the user", async (given) => {
  const { logged } = await run(given, 3);
  assert.deepEqual(await logged(1), [
    ["Logged in:", { user: "uid", name: NAME, token: "AUTH_TOKEN" }],
  ]);
});

lab.test(
  "3, login with auth token: where it fails, nothing is logged as a success",
  async (given) => {
    const { logged } = await run(given, 3, { emulator: stranger });
    await until("the page's error", () => given.pageErrors.length > 0);
    assert.equal(given.pageErrors.splice(0).length, 1);
    assert.deepEqual(await logged(), []);
  },
);

lab.test("4, logout", async (given) => {
  const { page, logged } = await run(given, 4, { first: LOGIN });
  assert.deepEqual(await logged(1), [["Logged out"]]);
  assert.equal(await page.evaluate(() => CometChat.getLoggedinUser()), null);
});

lab.test("4, logout: where nobody is logged in, the console says so", async (given) => {
  const { logged } = await run(given, 4);
  await until("the page's error", () => given.pageErrors.length > 0);
  const [fault] = given.pageErrors.splice(0);
  assert.match(String(fault), /USER_NOT_LOGGED_IN/);
  assert.deepEqual(await logged(), []);
});

for (const [number, what] of [
  [5, "auth key"],
  [6, "auth token"],
]) {
  lab.test(`${number}, login using ${what}: logs the user in`, async (given) => {
    const { page, logged } = await run(given, number);
    assert.deepEqual(await logged(1), [
      ["Login Successful:", { user: { user: "uid", name: NAME } }],
    ]);
    assert.equal(
      await page.evaluate(async () => (await CometChat.getLoggedinUser()).getUid()),
      "uid",
    );
  });

  lab.test(
    `${number}, login using ${what}: where somebody is logged in, does and prints nothing`,
    async (given) => {
      // The snippet's own call is answered first; by the time of the mark its callback has run.
      const { logged } = await run(given, number, {
        first: `${LOGIN} window.lab.sent = 0;`,
        last: "await CometChat.getLoggedinUser(); console.log(window.lab.sent);",
      });
      assert.deepEqual(await logged(1), [[0]]);
    },
  );

  lab.test(`${number}, login using ${what}: without init, something went wrong`, async (given) => {
    const { logged } = await run(given, number, { init: false });
    const [[label, error]] = await logged(1);
    assert.deepEqual(
      [label, error.exception, error.code],
      ["Something went wrong", true, "COMETCHAT_INITIALIZATION_NOT_DONE"],
    );
  });
}

// The snippet's placeholder token is "AUTH_TOKEN". It has more than 7 characters, so rule B26 masks
// it everywhere, also in the service's code AUTH_ERR_AUTH_TOKEN_NOT_FOUND.
for (const [number, what, code] of [
  [5, "auth key", "AUTH_ERR_APIKEY_NOT_FOUND"],
  [6, "auth token", "AUTH_ERR_***_NOT_FOUND"],
]) {
  lab.test(
    `${number}, login using ${what}: where the service refuses, the exception`,
    async (given) => {
      const { page, logged } = await run(given, number, { emulator: stranger });
      const [[label, { error }]] = await logged(1);
      assert.equal(label, "Login failed with exception:");
      assert.equal(error.exception, true);
      assert.equal(error.code, code);
      assert.ok(error.message.length > 10, error.message);
      assert.equal(await page.evaluate(() => CometChat.getLoggedinUser()), null);
    },
  );
}

lab.test("7, logout: completes", async (given) => {
  const { page, logged } = await run(given, 7, { first: LOGIN });
  assert.deepEqual(await logged(1), [["Logout completed successfully"]]);
  assert.equal(await page.evaluate(() => CometChat.getLoggedinUser()), null);
});

lab.test("7, logout: where nobody is logged in, the exception", async (given) => {
  const { logged } = await run(given, 7);
  const [[label, { error }]] = await logged(1);
  assert.deepEqual(
    [label, error.exception, error.code],
    ["Logout failed with exception:", true, "USER_NOT_LOGGED_IN"],
  );
});

lab.test("7, logout: where the service cannot be told, the exception", async (given) => {
  const { page, logged } = await run(given, 7, {
    first: `${LOGIN} window.fetch = () => Promise.reject(new TypeError("offline"));`,
  });
  const [[label, { error }]] = await logged(1);
  assert.deepEqual(
    [label, error.exception, error.code],
    ["Logout failed with exception:", true, "FAILED_TO_FETCH"],
  );
  assert.equal(await page.evaluate(() => CometChat.getLoggedinUser()), null);
});
