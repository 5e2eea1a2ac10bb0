/** Login listeners, the session store, exceptions, and JSON. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { realm, settled } from "../support/facade.mjs";

async function listeners(page) {
  const facade = await realm({ page });
  const reported = [];
  const list = new facade.Listeners((level, message, cause) => reported.push([message, cause]));
  return { ...facade, list, reported };
}

test("b24 listeners hear in the order of adding; the same id replaces and keeps its place", async () => {
  const { list } = await listeners();
  const heard = [];
  for (const id of ["b", "10", "2", "a", "10"])
    list.add(id, { logoutSuccess: () => void heard.push(id) });
  list.remove("a");
  list.remove("unknown");
  list.announce("logoutSuccess", () => undefined);
  assert.deepEqual(heard, ["b", "10", "2"]);
});

test("b24 an event that a handler causes comes after the present one has reached all", async () => {
  const { list } = await listeners();
  const heard = [];
  list.add("a", {
    loginSuccess() {
      heard.push("a in");
      list.announce("logoutSuccess", () => undefined);
    },
    logoutSuccess: () => void heard.push("a out"),
  });
  list.add("b", {
    loginSuccess: () => void heard.push("b in"),
    logoutSuccess: () => void heard.push("b out"),
  });
  list.announce("loginSuccess", () => ({}));
  assert.deepEqual(heard, ["a in", "b in", "a out", "b out"]);
});

test("b24 a handler that throws or rejects is reported and disturbs no other", async () => {
  const { list, reported } = await listeners();
  const heard = [];
  list.add("a", {
    logoutSuccess: () => {
      throw "thrown";
    },
  });
  list.add("b", { logoutSuccess: () => Promise.reject("rejected") });
  list.add("c", { logoutSuccess: () => void heard.push("c") });
  list.announce("logoutSuccess", () => undefined);
  await settled();
  assert.deepEqual(heard, ["c"]);
  assert.deepEqual(
    reported.map(([, cause]) => cause),
    ["thrown", "rejected"],
  );
});

test("b24 a handler that was removed or replaced meanwhile is not called, a new one neither", async () => {
  const { list } = await listeners();
  const heard = [];
  list.add("a", {
    logoutSuccess() {
      list.remove("b");
      list.add("c", { logoutSuccess: () => void heard.push("new c") });
      list.add("d", { logoutSuccess: () => void heard.push("d") });
    },
  });
  list.add("b", { logoutSuccess: () => void heard.push("b") });
  list.add("c", { logoutSuccess: () => void heard.push("c") });
  list.announce("logoutSuccess", () => undefined);
  assert.deepEqual(heard, []);
});

test("b24 after clear() in a handler no other listener is called", async () => {
  const { list } = await listeners();
  const heard = [];
  list.add("a", { logoutSuccess: () => list.clear() });
  list.add("b", { logoutSuccess: () => void heard.push("b") });
  list.announce("logoutSuccess", () => undefined);
  list.announce("logoutSuccess", () => undefined);
  assert.deepEqual(heard, []);
});

test("b24 a listener that is added again by a handler is called once", async () => {
  const { list, reported } = await listeners();
  const heard = [];
  const again = {
    logoutSuccess: () => {
      heard.push("again");
      throw "thrown";
    },
  };
  list.add("a", { logoutSuccess: () => list.add("b", again) });
  list.add("b", again);
  list.announce("logoutSuccess", () => undefined);
  await settled();
  assert.deepEqual(heard, ["again"]);
  assert.match(reported[0][0], /^The login listener "b" failed in logoutSuccess/);
});

test("b23 handlers count on the listener and on its class, not on Object.prototype", async () => {
  const { list, LoginListener, run } = await listeners(
    "var heard = []; Object.prototype.logoutSuccess = () => heard.push('polluted')",
  );
  list.add("a", run("({})"));
  list.add("b", run("new (class { logoutSuccess() { heard.push('class') } })()"));
  list.add("c", new LoginListener(run("({})")));
  list.add(
    "d",
    new LoginListener(run("new (class { logoutSuccess() { heard.push('copied') } })()")),
  );
  list.add("e", null);
  list.announce("logoutSuccess", () => undefined);
  await settled();
  assert.deepEqual([...run("heard")], ["class", "copied"]);
});

async function sessionStore() {
  const facade = await realm();
  const reported = [];
  const session = new facade.Session((level, message, cause) => reported.push(cause));
  return { ...facade, session, store: session.store, reported };
}

test("b32 a subscriber gets the present state at once, and every change", async () => {
  const { session, store, User } = await sessionStore();
  const states = [];
  const end = store.subscribe(({ status, user }) => states.push(`${status} ${user?.getName()}`));
  session.set(null);
  session.set(new User("ann", "Ann"));
  session.set(new User("ann", "Ann Lee"));
  end();
  end();
  session.set(null);
  assert.deepEqual(states, ["unknown undefined", "out undefined", "in Ann", "in Ann Lee"]);
});

test("b32 get() gives the same object until something changes", async () => {
  const { session, store, User } = await sessionStore();
  const unknown = store.get();
  session.set(undefined);
  assert.equal(store.get(), unknown);
  session.set(null);
  const out = store.get();
  session.set(null);
  assert.equal(store.get(), out);
  session.set(new User("ann"));
  const user = store.get();
  assert.equal(store.get(), user);
  assert.notEqual(user, out);
});

test("b32 a subscriber that throws is reported and disturbs no other", async () => {
  const { session, store, reported } = await sessionStore();
  const states = [];
  store.subscribe(() => {
    throw "mine";
  });
  store.subscribe(({ status }) => states.push(status));
  session.set(null);
  assert.deepEqual(
    [states, reported],
    [
      ["unknown", "out"],
      ["mine", "mine"],
    ],
  );
});

test("b32 one that is ended by another during a change is not called; each sees the last state last", async () => {
  const { session, store, User } = await sessionStore();
  const seen = { a: [], b: [] };
  let end = () => {};
  store.subscribe(({ status }) => {
    seen.a.push(status);
    if (status === "out") session.set(new User("ann"));
    if (status === "in") end();
  });
  end = store.subscribe(({ status }) => seen.b.push(status));
  session.set(null);
  assert.deepEqual(seen.a, ["unknown", "out", "in"]);
  assert.deepEqual(seen.b, ["unknown"]);
});

test("b32 close() says unknown and ends subscriptions, but not those of a binding", async () => {
  const { session, store, User } = await sessionStore();
  const seen = { app: [], binding: [] };
  store.subscribe(({ status }) => seen.app.push(status));
  session.observe(({ status }) => seen.binding.push(status));
  session.set(new User("ann"));
  session.close();
  session.set(null);
  assert.deepEqual(seen.app, ["unknown", "in", "unknown"]);
  assert.deepEqual(seen.binding, ["unknown", "in", "unknown", "out"]);
});

test("b26 no property of the store leads to the auth token", async () => {
  const { session, store, User } = await sessionStore();
  session.set(new User({ uid: "ann", authToken: "secret-token" }));
  const reachable = (value) =>
    typeof value === "string"
      ? value
      : Reflect.ownKeys(Object(value)).map((key) => reachable(value[key]));
  assert.match(String(reachable(store.get())), /secret-token/);
  assert.doesNotMatch(String(reachable(store)), /secret-token/);
});

test("b32 the store works behind a proxy, as Vue makes one", async () => {
  const { store } = await sessionStore();
  const proxied = new Proxy(store, {});
  const states = [];
  proxied.subscribe(({ status }) => states.push(status))();
  assert.equal(proxied.get(), store.get());
  assert.deepEqual(states, ["unknown"]);
});

test("b22 an exception holds what it was given, and nothing of Object.prototype", async () => {
  const { CometChatException, run } = await realm({
    page:
      'for (const name of ["details", "status", "retryAfter", "cause", "retryable"]) ' +
      'Object.prototype[name] = "polluted"',
  });
  const error = new CometChatException(run('({ code: -1, message: "m" })'));
  assert.deepEqual(Object.entries(error).flat(), [
    ...["code", "-1"],
    ...["name", "CometChatException"],
    ...["retryable", false],
  ]);
});

test("b22 isCometChatException knows exceptions of another copy, and nothing else", async () => {
  const [one, other] = [await realm(), await realm()];
  const error = new other.CometChatException({ code: "X" });
  assert.equal(error instanceof one.CometChatException, false);
  assert.equal(one.isCometChatException(error), true);
  for (const value of [undefined, null, 0, "", "X", {}, new Error("X"), { code: "X" }])
    assert.equal(one.isCometChatException(value), false);
});

test("b1 where the page has broken Error, what rejects is still an error with a code", async () => {
  const { exception, CometChatException, run } = await realm();
  run("Object.defineProperty = Object.setPrototypeOf = () => { throw 1 }");
  const error = exception({ code: "X", message: "m", retryable: true });
  assert.equal(error instanceof CometChatException, true);
  assert.deepEqual([error.code, error.message, error.retryable], ["X", "m", true]);
});

for (const page of [
  "",
  'Array.prototype.toJSON = function () { return "[…]" }',
  'Object.prototype.toJSON = function () { return "{…}" }',
]) {
  test(`b23 JSON is written as without ${page || "anything"}`, async () => {
    const { canonical, stringify, run } = await realm({ page });
    const text = '{"a":[1,"2",{"b":null}],"__proto__":{"c":[]},"2":true,"1":false}';
    assert.equal(
      canonical(text),
      '{"1":false,"2":true,"a":[1,"2",{"b":null}],"__proto__":{"c":[]}}',
    );
    assert.throws(() => canonical("{"), { name: "SyntaxError" });
    const value = run(
      "({ d: new Date(0), u: undefined, f() {}, n: NaN, l: [undefined, () => 1], own: { toJSON: " +
        "(key) => key } })",
    );
    assert.equal(
      stringify(value),
      '{"d":"1970-01-01T00:00:00.000Z","n":null,"l":[null,null],"own":"own"}',
    );
    const same = run("(() => { const same = {}; return [same, same] })()");
    assert.equal(stringify(same), "[{},{}]");
    const cycle = run("(() => { const cycle = {}; cycle.list = [cycle]; return cycle })()");
    assert.throws(() => stringify(cycle), { name: "TypeError" });
    assert.throws(() => stringify(run("({ n: 1n })")), { name: "TypeError" });
  });
}
