/**
 * The client with a fake core: calls, promises and events, also on pages that changed built-ins.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { outcome, realm, settled, withFakeCore } from "../support/facade.mjs";

const ANN = JSON.stringify({ uid: "ann", name: "Ann", authToken: "token-1" });
const BOB = JSON.stringify({ uid: "bob", name: "Bob", authToken: "token-2" });

/** A client whose `init` has succeeded; the session is that of `user` (JSON), none if not given. */
async function initialised(options, user = "null") {
  const all = await withFakeCore(options);
  const { client, fake, Call, Message, Form } = all;
  const ready = client.call(Call.Init, () => ({ args: { appId: "app", requestTimeout: 10_000 } }));
  await settled();
  fake.host.tell(Message.SessionChanged, 0, Form.User, user);
  fake.host.tell(Message.Settle, fake.calls.at(-1).id, Form.Value, "true");
  assert.equal(await ready, true);
  const fail = (message, id, { code = -1, subject = "ERR_X", cause, text = "Failed." } = {}) =>
    fake.host.fail(message, id, code, subject, text, "", 400, false, 0, cause);
  const heard = [];
  const listen = (id = "test") =>
    client.listeners.add(id, {
      loginSuccess: (user) => void heard.push(`loginSuccess ${user.getUid()}`),
      loginFailure: (error) => void heard.push(`loginFailure ${error.code}`),
      logoutSuccess: () => void heard.push("logoutSuccess"),
      logoutFailure: (error) => void heard.push(`logoutFailure ${error.code}`),
    });
  return { ...all, fail, heard, listen };
}

const login = ({ client, Call, loginArguments }, ...args) =>
  client.call(Call.Login, () => loginArguments(args));

test("b1 success is what the core says, not the class of the value", async () => {
  const given = await initialised();
  const { fake, Message, Form, fail, CometChatException } = given;
  const [one, two] = [login(given, "token-1"), login(given, "token-2")];
  const [first, second] = fake.calls.slice(-2).map(({ id }) => id);
  fake.host.tell(Message.Settle, first, Form.Value, '{"code":"x"}');
  fail(Message.Settle, second);
  assert.deepEqual({ ...(await one) }, { code: "x" });
  await assert.rejects(two, (error) => error instanceof CometChatException);
});

test("b1 a result that cannot be read rejects, it does not resolve", async () => {
  const given = await initialised();
  const { fake, Message, Form } = given;
  const promise = login(given, "token-1");
  fake.host.tell(Message.Settle, fake.calls.at(-1).id, Form.Value, "{");
  const { error } = await outcome(promise);
  assert.equal(error.code, "INTERNAL_ERROR");
  assert.equal(error.cause.name, "SyntaxError");
});

test("b1 after a user that cannot be read, calls that give it reject", async () => {
  const given = await initialised(undefined, ANN);
  const { client, fake, Call, Message, Form } = given;
  assert.throws(() => fake.host.tell(Message.SessionChanged, 0, Form.User, "{"));
  const promise = client.call(Call.LoggedInUser);
  fake.host.tell(Message.Settle, fake.calls.at(-1).id, Form.User, "");
  assert.equal((await outcome(promise)).error.code, "INTERNAL_ERROR");
});

// What a page may have done before the package runs, or after.
const PAGES = {
  "Array.prototype.entries returns an array":
    "Array.prototype.entries = function () { return [...this].map((value, key) => [key, value]) }",
  "Array.prototype.entries is deleted": "delete Array.prototype.entries",
  "Object.entries returns nothing": "Object.entries = () => []",
  "arrays are no iterables": "delete Array.prototype[Symbol.iterator]",
  "maps are no iterables": "delete Map.prototype[Symbol.iterator]; delete Map.prototype.values",
  "Array.prototype has a member": "Array.prototype.each = function () {}; Array.prototype.last = 1",
  "Object.prototype has members":
    'Object.prototype.theme = "x"; Object.prototype.extend = function () {}; ' +
    "Object.prototype.value = 1",
  "Object.prototype has the name of each argument":
    '["uid", "username", "authKey", "apiKey", "authToken", "signal", "cause", "name", ' +
    '"message", "status", "details", "retryAfter", "provider", "user", "args", "aborted", ' +
    '"json"].forEach((name) => { Object.prototype[name] = "polluted" })',
  "Object.prototype has setters that throw":
    '["code", "name", "uid", "message", "retryable", "status", "cause", "json", ' +
    '"loginFailure"].forEach((name) => Object.defineProperty(Object.prototype, name, { ' +
    'configurable: true, set() { throw new Error("mine") }, get() {} }))',
  "Error.prototype is frozen": "Object.freeze(Error.prototype)",
  "Object.prototype and Array.prototype are frozen":
    "Object.freeze(Object.prototype); Object.freeze(Array.prototype); " +
    "Object.freeze(Error.prototype)",
  "clearTimeout throws": "clearTimeout = () => { throw new Error('mine') }",
  "arrays have a toJSON": 'Array.prototype.toJSON = function () { return "[…]" }',
  "objects have a toJSON": 'Object.prototype.toJSON = function () { return "{…}" }',
  "a toJSON throws":
    "Array.prototype.toJSON = Object.prototype.toJSON = () => { throw new Error('mine') }",
  "Promise.prototype.finally is deleted": "delete Promise.prototype.finally",
  "Object.defineProperty does nothing": "Object.defineProperty = () => {}",
  "Object gives nothing":
    "{ const original = Object; Object = function () {}; Object.__proto__ = original; }",
  "String gives nothing": "String = function () {}",
  "Symbol.for is deleted": "delete Symbol.for",
  "Function.prototype.call is replaced":
    "Function.prototype.call = function () { throw new Error('mine') }",
};

for (const [what, page] of Object.entries(PAGES)) {
  test(`b1 ${what}: a login resolves with the user, and a failed one rejects with its code`, async () => {
    const given = await initialised({ page });
    const { client, fake, Call, Message, Form, fail, heard, listen } = given;
    listen();
    const good = login(given, "ann", "key");
    const { id, json: sent, cause } = fake.calls.at(-1);
    assert.deepEqual([sent, cause], ['{"uid":"ann","authKey":"key"}', undefined]);
    const user = JSON.stringify({
      uid: "ann",
      tags: ["a", "b"],
      metadata: { list: [1, { two: 2 }] },
    });
    fake.host.tell(Message.SessionChanged, 0, Form.User, user);
    fake.host.tell(Message.LoginSuccess, 0, Form.User, "");
    fake.host.tell(Message.Settle, id, Form.User, "");
    const { value } = await outcome(good);
    assert.equal(value.getUid(), "ann");
    assert.equal(value.getTags().length, 2);
    assert.equal(value.getMetadata().list[1].two, 2);
    assert.deepEqual(heard, ["loginSuccess ann"]);

    const bad = login(given, "bob", "key");
    fail(Message.LoginFailure, 0);
    fail(Message.Settle, fake.calls.at(-1).id);
    const { error } = await outcome(bad);
    assert.equal(error.code, "ERR_X");
    assert.equal(error.message, "Failed.");
    assert.equal(error.status, 400);
    assert.deepEqual(Object.keys(error.toJSON()), [
      "code",
      "name",
      "message",
      "details",
      "status",
      "retryable",
      "retryAfter",
    ]);
    assert.deepEqual(heard, ["loginSuccess ann", "loginFailure ERR_X"]);

    const created = client.call(Call.CreateUser, () => ({
      args: { authKey: "key" },
      user: { uid: "eve", name: "Eve", tags: ["a"], metadata: { n: [1] } },
    }));
    const { json } = fake.calls.at(-1);
    const written = JSON.parse(json);
    assert.deepEqual(
      [written.user.tags.length, written.user.metadata.n[0], written.unreadable],
      [1, 1, undefined],
      json,
    );
    fake.host.tell(
      Message.Settle,
      fake.calls.at(-1).id,
      Form.Profile,
      JSON.stringify(written.user),
    );
    assert.equal((await outcome(created)).value.getName(), "Eve");
  });
}

for (const [what, page] of Object.entries({
  "Promise gives nothing": "Promise = function () {}",
  "Promise throws": "Promise = function () { throw new Error('mine') }",
  "Promise is deleted": "delete globalThis.Promise",
})) {
  test(`b1 ${what}: a call rejects with INTERNAL_ERROR, it does not throw`, async () => {
    const { client, Call } = await withFakeCore({ page });
    const { error } = await outcome(client.call(Call.LoggedInUser));
    assert.equal(error.code, "INTERNAL_ERROR");
  });
}

test("b1 on a page that has broken Object.hasOwn a login rejects, it does not give another user", async () => {
  const given = await initialised({ page: "Object.hasOwn = () => {}" });
  const { fake, Message, Form } = given;
  const promise = login(given, "ann", "key");
  fake.host.tell(Message.SessionChanged, 0, Form.User, ANN);
  fake.host.tell(Message.Settle, fake.calls.at(-1).id, Form.User, "");
  assert.equal((await outcome(promise)).error.code, "INTERNAL_ERROR");
});

test("b1 a member is looked for in a finite number of prototypes", async () => {
  const { member, run } = await realm({ page: "Object.getPrototypeOf = () => [{}]" });
  assert.equal(member(run("({})"), "loginSuccess"), undefined);
});

test("b1 what the watchdog rejects settles on a page that froze Error.prototype", async () => {
  for (const page of ["", PAGES["Error.prototype is frozen"], PAGES["clearTimeout throws"]]) {
    const given = await initialised({ page });
    const promise = login(given, "token-1");
    given.clock.advance(11_000);
    assert.equal((await outcome(promise)).error.code, "INTERNAL_ERROR", page);
  }
});

test("b1 arguments that throw reject with the cause, and no call throws", async () => {
  const given = await initialised();
  const { client, fake, Call, Message, fail, initArguments } = given;
  const thrown = new Error("mine");
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const hostile = {
    get appId() {
      throw thrown;
    },
    get uid() {
      throw thrown;
    },
  };
  for (const make of [
    () => client.call(Call.Init, () => initArguments(hostile)),
    () => client.call(Call.Init, () => initArguments("app", revoked.proxy)),
    () => client.call(Call.Init, () => initArguments(revoked.proxy)),
    () => login(given, hostile),
    () => login(given, revoked.proxy),
  ]) {
    const promise = make();
    const { id, args, cause } = fake.calls.at(-1);
    assert.deepEqual({ ...args }, { unreadable: "" });
    assert.ok(cause === thrown || cause.name === "TypeError");
    const ended = outcome(promise);
    fail(Message.Settle, id, { cause });
    assert.equal((await ended).error.cause, cause);
  }
});

test("b23 a field that JSON cannot write is named, the others are handed over", async () => {
  const { client, fake, Call } = await initialised();
  const cycle = {};
  cycle.self = cycle;
  for (const value of [
    { n: 1n },
    cycle,
    {
      toJSON: () => {
        throw new TypeError("mine");
      },
    },
  ]) {
    void client.call(Call.CreateUser, () => ({
      args: { authKey: "key" },
      user: { uid: "eve", name: "Eve", metadata: value },
    }));
    const { args, cause } = fake.calls.at(-1);
    assert.equal(args.unreadable, "metadata");
    assert.deepEqual({ ...args.user }, { uid: "eve", name: "Eve" });
    assert.equal(cause.name, "TypeError");
  }
});

test("b1 the watchdog is re-armed to the core's deadline plus one second", async () => {
  const given = await initialised();
  const { client, fake, Call, Message, Form, clock, listen } = given;
  listen();
  const promise = client.call(Call.GetUser, () => ({ args: { uid: "x" } }));
  const { id } = fake.calls.at(-1);
  clock.advance(1_500);
  fake.host.watch(id, 10_000);
  clock.advance(10_999);
  assert.equal(await outcome(promise), undefined);
  fake.host.tell(Message.Settle, id, Form.Profile, ANN);
  assert.equal((await outcome(promise)).value.getUid(), "ann");
  assert.equal(clock.pending(), 0);
});

test("b1 a call that the core forgets is rejected one second after its deadline", async () => {
  const given = await initialised();
  const { client, fake, Call, clock } = given;
  const promise = client.call(Call.GetUser, () => ({ args: { uid: "x" } }));
  fake.host.watch(fake.calls.at(-1).id, 2_000);
  clock.advance(2_999);
  assert.equal(await outcome(promise), undefined);
  clock.advance(1);
  assert.equal((await outcome(promise)).error.code, "INTERNAL_ERROR");
});

test("b1 messages of an abandoned instance are ignored, and the next call makes another", async () => {
  const given = await initialised();
  const { client, fake, Call, Message, Form, clock, heard, listen } = given;
  const abandoned = fake.host;
  const lost = login(given, "token-1");
  const { id } = fake.calls.at(-1);
  clock.advance(11_000);
  assert.equal((await outcome(lost)).error.code, "INTERNAL_ERROR");
  listen();
  const next = client.call(Call.LoggedInUser);
  await settled();
  assert.equal(fake.instances, 2);
  assert.deepEqual(
    fake.calls.slice(-2).map(({ kind }) => kind),
    [Call.Init, Call.LoggedInUser],
  );
  abandoned.tell(Message.SessionChanged, 0, Form.User, ANN);
  abandoned.tell(Message.LoginSuccess, 0, Form.User, "");
  abandoned.tell(Message.Settle, id, Form.User, "");
  abandoned.tell(Message.Settle, fake.calls.at(-1).id, Form.Value, '"stale"');
  assert.deepEqual(heard, []);
  assert.equal(client.session.store.get().status, "out");
  fake.host.tell(Message.Settle, fake.calls.at(-1).id, Form.User, "");
  assert.deepEqual(await outcome(next), { value: null });
});

for (const [what, text, events, status] of [
  ["is lost with the instance", "null", ["logoutSuccess"], "out"],
  ["comes back from storage", ANN, [], "in"],
  ["is another user's meanwhile", BOB, ["logoutSuccess", "loginSuccess bob"], "in"],
  ["has another token meanwhile", ANN.replace("token-1", "token-9"), ["loginSuccess ann"], "in"],
]) {
  test(`b1 a session that ${what}: ${events.join(", ") || "no event"}, without another call`, async () => {
    const given = await initialised(undefined, ANN);
    const { client, fake, Call, Message, Form, clock, heard, listen } = given;
    listen();
    const lost = client.call(Call.GetUser, () => ({ args: { uid: "x" } }));
    clock.advance(11_000);
    assert.equal((await outcome(lost)).error.code, "INTERNAL_ERROR");
    assert.equal(fake.instances, 2);
    assert.equal(fake.calls.at(-1).kind, Call.Init);
    fake.host.tell(Message.SessionChanged, 0, Form.User, text);
    fake.host.tell(Message.Settle, fake.calls.at(-1).id, Form.Value, "true");
    assert.deepEqual(heard, events);
    assert.equal(client.session.store.get().status, status);
  });
}

test("b1 an instance that fails at its start is not made again and again", async () => {
  const given = await initialised(undefined, ANN);
  const { fake, Call, clock } = given;
  const lost = login(given, "token-1");
  fake.onCall = ({ kind }) => {
    if (kind === Call.Init) throw new WebAssembly.RuntimeError("unreachable");
  };
  clock.advance(11_000);
  assert.equal((await outcome(lost)).error.code, "INTERNAL_ERROR");
  for (let i = 0; i < 10; i++) await settled();
  assert.equal(fake.instances, 2);
});

test("b7 a signal that aborts while the call is being made aborts it, with its reason", async () => {
  const given = await initialised({ page: "controller = new AbortController()" });
  const { fake, Call, context } = given;
  const { controller } = context;
  const reason = new Error("changed my mind");
  fake.onCall = ({ kind }) => kind === Call.Login && controller.abort(reason);
  void login(given, { authToken: "token-1", signal: controller.signal });
  const { id, kind, cause } = fake.calls.at(-1);
  assert.deepEqual([kind, id, cause], [Call.Abort, fake.calls.at(-2).id, reason]);
});

test("b7 a signal that has aborted before: the core gets the reason", async () => {
  const given = await initialised();
  const reason = new Error("too late");
  void login(given, { authToken: "token-1", signal: AbortSignal.abort(reason) });
  const { args, cause } = given.fake.calls.at(-1);
  assert.deepEqual([{ ...args }, cause], [{ aborted: "1" }, reason]);
});

test("b7 the same provider function has the same number, another one another", async () => {
  const given = await initialised();
  const { fake, Message, fail } = given;
  const [ann, bob] = [() => "a", () => "b"];
  const numbers = [ann, bob, ann].map((provider) => {
    void login(given, provider).catch(() => undefined);
    return fake.calls.at(-1).args.provider;
  });
  assert.equal(numbers[0], numbers[2]);
  assert.notEqual(numbers[0], numbers[1]);
  // The first caller has left; the others still count.
  fail(Message.Settle, fake.calls.at(-3).id);
  void login(given, { authToken: ann }).catch(() => undefined);
  assert.equal(fake.calls.at(-1).args.provider, numbers[0]);
});

test("b7 a provider is asked outside of the core's call; what it throws is handed over", async () => {
  const given = await initialised();
  const { fake, Call } = given;
  const failure = new Error("no network");
  let within = false;
  fake.onCall = ({ id, kind }) => {
    if (kind !== Call.Login) return;
    within = true;
    fake.host.askProvider(70 + id, id);
    within = false;
  };
  const asked = [];
  const provider = (result) => async () => {
    asked.push(within);
    if (result instanceof Error) throw result;
    return result;
  };
  for (const [result, args, cause] of [
    ["token", "token", undefined],
    [failure, "", failure],
    [42, "", undefined],
  ]) {
    void login(given, provider(result)).catch(() => undefined);
    const { id } = fake.calls.at(-1);
    fake.onCall = ((before) => (call) => {
      if (call.kind === Call.Login) before(call);
    })(fake.onCall);
    // The token is a text, not JSON.
    const { parse } = JSON;
    JSON.parse = (text) => (text === "token" ? text : parse(text));
    await settled();
    JSON.parse = parse;
    const answer = fake.calls.at(-1);
    assert.deepEqual(
      [answer.kind, answer.id, answer.json, answer.cause],
      [Call.Token, 70 + id, args, cause],
    );
  }
  assert.deepEqual(asked, [false, false, false]);
});

test("b1 dispose before the core is loaded, then a trap: the app stays disposed", async () => {
  const given = await withFakeCore();
  const { client, fake, Call, Message, Form } = given;
  fake.onCall = ({ kind, id }) => {
    if (kind === Call.Init) fake.host.tell(Message.Settle, id, Form.Value, "true");
    if (kind === Call.LoggedInUser) throw new WebAssembly.RuntimeError("unreachable");
  };
  const ready = client.call(Call.Init, () => ({ args: { appId: "app" } }));
  client.dispose();
  assert.equal(await ready, true);
  assert.equal((await outcome(client.call(Call.LoggedInUser))).error.code, "INTERNAL_ERROR");
  const before = fake.calls.length;
  void client.call(Call.GetUser, () => ({ args: { uid: "x" } }));
  await settled();
  assert.deepEqual(
    fake.calls.slice(before).map(({ kind }) => kind),
    [Call.GetUser],
  );
});

test("b2 a call names the init that was under way when it was made", async () => {
  const { client, fake, Call } = await withFakeCore();
  void client.call(Call.LoggedInUser);
  void client.call(Call.Init, () => ({ args: { appId: "app" } }));
  void client.call(Call.LoggedInUser);
  await settled();
  const [before, init, after] = fake.calls;
  assert.deepEqual([before.gate, init.gate, after.gate], [0, 0, init.id]);
});

test("b25 several logins that end with the instance are one event, each with an error of its own", async () => {
  const given = await initialised();
  const { client, clock } = given;
  const errors = [];
  client.listeners.add("a", { loginFailure: (error) => void errors.push(error) });
  client.listeners.add("b", { loginFailure: (error) => void errors.push(error) });
  const logins = [login(given, "token-1"), login(given, "token-1")];
  for (const promise of logins) promise.catch(() => undefined);
  clock.advance(11_000);
  for (const promise of logins) errors.push((await outcome(promise)).error);
  assert.deepEqual(
    errors.map(({ code }) => code),
    Array(4).fill("INTERNAL_ERROR"),
  );
  assert.equal(new Set(errors).size, 4);
});

test("b22 an environment without WebAssembly: WEBASSEMBLY_UNAVAILABLE, not retryable", async () => {
  const { client, Call } = await withFakeCore({ globals: { WebAssembly: undefined } });
  const { error } = await outcome(client.call(Call.Init, () => ({ args: { appId: "app" } })));
  assert.deepEqual(
    [error.code, error.name, error.retryable],
    ["WEBASSEMBLY_UNAVAILABLE", "WEBASSEMBLY_UNAVAILABLE", false],
  );
});

test("b1 a core that does not load rejects; the next call loads again", async () => {
  const { client, fake, Call, settled } = await withFakeCore();
  let times = 0;
  client.loadFrom(async () => {
    times++;
    throw new Error("offline");
  });
  for (const count of [1, 2]) {
    const { error } = await outcome(client.call(Call.LoggedInUser));
    assert.deepEqual(
      [error.code, error.retryable, error.cause.message],
      ["INTERNAL_ERROR", true, "offline"],
    );
    assert.equal(times, count);
  }
  await settled();
  assert.equal(fake.instances, 0);
});

test("b1 a core that does not arrive in 30 seconds rejects", async () => {
  const { client, Call, clock } = await withFakeCore();
  client.loadFrom(() => new Promise(() => {}));
  const promise = client.call(Call.LoggedInUser);
  clock.advance(29_999);
  assert.equal(await outcome(promise), undefined);
  clock.advance(1);
  assert.equal((await outcome(promise)).error.code, "INTERNAL_ERROR");
});

test("b22 the same warning is given once, to the logger if there is one", async () => {
  const given = await initialised();
  const { client, fake, Message, Form, logged } = given;
  const warn = (text) => fake.host.tell(Message.Warn, 0, Form.Value, text);
  warn("one");
  warn("one");
  const mine = [];
  client.setLogger((level, message) => void mine.push(`${level} ${message}`));
  warn("two");
  client.setLogger(() => {
    throw new Error("mine");
  });
  warn("three");
  assert.deepEqual(
    logged.map(([level, message]) => `${level} ${message}`),
    ["warn cometchat-auth: one"],
  );
  assert.deepEqual(mine, ["warn two"]);
});
