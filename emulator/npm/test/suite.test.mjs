/**
 * The tests of both shells. They run against this package, or against the native program that
 * `EMULATOR_UNDER_TEST` names.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { run, SHELL, start } from "./shell.mjs";

const TEST = { timeout: 30_000 };
const KEY = { apikey: "emulator-rest-api-key" };
const ME = { match: { method: "GET", path: "/me$" } };

let emulator;

before(async () => {
  emulator = await start();
});
afterEach(() => emulator.control("POST", "reset"));
after(async () => {
  assert.equal(await emulator.stop(), 0);
});

const requests = (query = "") => emulator.control("GET", `requests${query}`);
const paths = (entries) => entries.map(({ method, path }) => `${method} ${path}`);

/** Sends bytes and gives all that comes back until the connection ends. */
function raw(text) {
  const { port } = new URL(emulator.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), "127.0.0.1");
    let answer = "";
    socket.on("data", (data) => (answer += data));
    socket.on("close", () => resolve(answer));
    socket.on("error", (error) => (error.code === "ECONNRESET" ? resolve(answer) : reject(error)));
    socket.write(text);
  });
}

/** A web socket, and what comes on it. */
async function open(options = {}) {
  const socket = new WebSocket(emulator.url.replace("http:", "ws:"), options);
  const frames = [];
  const closed = new Promise((resolve) =>
    socket.on("close", (code, reason) => resolve([code, reason.toString()])),
  );
  socket.on("message", (data) => frames.push(JSON.parse(data.toString())));
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  const next = async () => {
    while (frames.length === 0) await sleep(5);
    return frames.shift();
  };
  return { socket, next, closed, say: (frame) => socket.send(JSON.stringify(frame)) };
}

describe("the service", () => {
  test("a user is created, logs in and out", TEST, async () => {
    await emulator.rest(emulator, "POST", "/users", { uid: "Neo", name: "Neo" });
    const me = await emulator.login(emulator, "neo");
    assert.deepEqual([me.uid, me.name], ["neo", "Neo"]);
    const out = await emulator.call("DELETE", "/v3.0/me", { authtoken: me.authToken });
    assert.equal(out.status, 200);
    const again = await emulator.call("GET", "/v3.0/me", { authtoken: me.authToken });
    assert.equal(again.reply.error.code, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
  });

  test("pages and descriptions are there", TEST, async () => {
    const ready = await emulator.call("GET", "/", { accept: "application/json" });
    assert.deepEqual([ready.reply.ready, ready.reply.url], [true, emulator.url]);
    const { reply } = await emulator.call("GET", "/openapi.json");
    assert.match(reply.openapi, /^3\.1/);
    const avatar = await fetch(`${emulator.url}/avatars/superhero1.svg`);
    assert.equal(avatar.headers.get("content-type"), "image/svg+xml");
  });

  test("a body above 10 KB is refused, one above 1 MB as well", TEST, async () => {
    for (const count of [10_300, 900_000, 1_200_000]) {
      const body = JSON.stringify({ uid: "a", name: "x".repeat(count) });
      const response = await emulator.call("POST", "/v3/users", KEY, body).catch(() => undefined);
      // The connection may break while the rest of a very large body is on its way.
      if (count < 1_000_000) assert.equal(response.status, 413, `${count}`);
    }
    const entries = await requests();
    assert.deepEqual(
      entries.map(({ status, body }) => [status, body]),
      Array(3).fill([413, "(more than 10240 bytes)"]),
    );
  });

  test("texts outside ASCII and empty bodies arrive as sent", TEST, async () => {
    const name = "Zoë 🦊";
    await emulator.rest(emulator, "POST", "/users", { uid: "zoe", name });
    assert.equal((await emulator.rest(emulator, "GET", "/users/zoe")).name, name);
    const { status } = await emulator.call("POST", "/v3/users", KEY, "\u00ff{");
    assert.equal(status, 400);
    assert.equal((await emulator.call("POST", "/v3/users", KEY)).status, 400);
  });

  test("too many header fields are refused", TEST, async () => {
    const fields = Array.from({ length: 101 }, (_, at) => `x-${at}: 1\r\n`).join("");
    const answer = await raw(`GET / HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`);
    assert.match(answer, /^HTTP\/1.1 431/);
  });
});

describe("who is answered", () => {
  const status = (headers, path = "/") =>
    new Promise((resolve, reject) => {
      const url = new URL(path, emulator.url);
      const request = httpRequest(url, { headers: { accept: "application/json", ...headers } });
      request.on("response", (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on("error", reject);
      request.end();
    });

  test("names that other sites could point here are refused", TEST, async () => {
    for (const [host, expected] of [
      ["evil.test", 403],
      ["localhost", 200],
      ["x.api-us.cometchat.io", 200],
    ]) {
      assert.equal(await status({ host }), expected, host);
    }
  });

  test("m3: pages of other machines are refused, also for web sockets", TEST, async () => {
    for (const [origin, allowed] of [
      ["https://evil.example", false],
      ["null", false],
      ["http://localhost.evil.example", false],
      ["http://localhost:5173", true],
      ["http://127.0.0.1:3000", true],
    ]) {
      assert.equal(await status({ origin }), allowed ? 200 : 403, origin);
      const opened = await open({ headers: { origin } }).then(
        ({ socket }) => (socket.terminate(), true),
        () => false,
      );
      assert.equal(opened, allowed, `a web socket of ${origin}`);
      const preflight = await emulator.call("OPTIONS", "/v3.0/me", {
        origin,
        "access-control-request-method": "PUT",
      });
      const readable = preflight.headers.has("access-control-allow-origin");
      assert.equal(readable, allowed, `a preflight of ${origin}`);
    }
    assert.ok(!JSON.stringify(await requests()).includes("evil"), "the refused are not kept");
  });

  test("the control API is for this machine's pages and programs", TEST, async () => {
    const path = "/emulator/v1/state";
    assert.equal(await status({}, path), 200);
    assert.equal(await status({ origin: "http://localhost:1" }, path), 200);
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { host: "x.api-us.cometchat.io" },
      { "sec-fetch-site": "cross-site" },
    ]) {
      assert.equal(await status(headers, path), 403, JSON.stringify(headers));
    }
  });
});

describe("the control API", () => {
  test("it says what it is and lists its calls", TEST, async () => {
    const about = await emulator.control("GET", "");
    assert.deepEqual([about.shell, about.url, about.kept], [SHELL, emulator.url, false]);
    assert.ok(about.calls.some(({ method, path }) => method === "POST" && path.endsWith("/apps")));
    for (const [method, path, status] of [
      ["GET", "nothing", 404],
      ["DELETE", "faults/99", 404],
      ["DELETE", "faults/x", 400],
      ["GET", "requests?before=1", 400],
      ["GET", "requests?app=nobodys", 404],
      ["PUT", "clock", 400],
      ["PUT", "readings", 200],
    ]) {
      const response = await emulator.call(method, `/emulator/v1/${path}`);
      assert.equal(response.status, status, `${method} ${path}`);
    }
  });

  test("m11: a fresh app has an id and keys of its own", TEST, async () => {
    const one = await emulator.control("POST", "apps");
    const two = await emulator.control("POST", "apps", { users: [{ uid: "ann", name: "Ann" }] });
    const all = [one, two].flatMap((app) => [app.id, app.authKey, app.restApiKey]);
    assert.equal(new Set(all).size, 6, all.join());
    assert.deepEqual([one.uids.length, two.uids], [10, ["ann"]]);
    const other = await emulator.call("GET", "/v3/users", {
      appid: one.id,
      apikey: two.restApiKey,
    });
    assert.equal(other.status, 401, "another app's key");
    assert.equal((await emulator.login(two, "ann")).uid, "ann");
    const taken = await emulator.call(
      "POST",
      "/emulator/v1/apps",
      {},
      { id: one.id.toUpperCase() },
    );
    assert.equal(taken.status, 400);
    await emulator.control("DELETE", `apps/${one.id}`);
    const gone = await emulator.call("GET", "/v3/users", { appid: one.id });
    assert.notEqual(gone.status, 200);
    assert.equal((await emulator.call("DELETE", "/emulator/v1/apps/emulator-app")).status, 400);
    assert.deepEqual(
      (await emulator.control("GET", "apps")).map(({ id }) => id).sort(),
      [two.id, "emulator-app"].sort(),
    );
  });

  test("m11: reset, journal, fault rules, clock and readings are per app", TEST, async () => {
    const [one, two] = [
      await emulator.control("POST", "apps"),
      await emulator.control("POST", "apps"),
    ];
    await emulator.control("POST", `faults?app=${one.id}`, { ...ME, act: { status: 503 } });
    await emulator.control("PUT", `clock?app=${one.id}`, { offsetSeconds: 86_400 });
    await emulator.control("PUT", `readings?app=${one.id}`, { singleUseTokens: true });
    const [a, b] = [
      await emulator.login(one, "superhero1"),
      await emulator.login(two, "superhero1"),
    ];
    const me = (app, { authToken }) =>
      emulator.call("GET", "/v3.0/me", { appid: app.id, authtoken: authToken });
    assert.deepEqual([(await me(one, a)).status, (await me(two, b)).status], [503, 200]);
    const created = async (app) =>
      (await emulator.rest(app, "POST", "/users", { uid: "x", name: "X" })).createdAt;
    const ahead = (await created(one)) - (await created(two));
    assert.ok(Math.abs(ahead - 86_400) < 5, `${ahead}`);
    const again = (app, { authToken }) =>
      emulator.call("PUT", "/v3.0/me", { appid: app.id, authtoken: authToken }, { deviceId: "d" });
    assert.deepEqual([(await again(one, a)).status, (await again(two, b)).status], [401, 200]);
    assert.equal((await requests(`?app=${one.id}`)).length, 5);
    assert.equal((await emulator.control("GET", `faults?app=${two.id}`)).length, 0);

    await emulator.control("POST", `reset?app=${one.id}`);
    assert.deepEqual(await requests(`?app=${one.id}`), []);
    assert.deepEqual(await emulator.control("GET", `faults?app=${one.id}`), []);
    const clock = await emulator.control("GET", `clock?app=${one.id}`);
    assert.equal(clock.offsetSeconds, 0);
    const readings = await emulator.control("GET", `readings?app=${one.id}`);
    assert.equal(readings.singleUseTokens, false);
    const absent = await emulator.call("GET", "/v3/users/x", {
      appid: one.id,
      apikey: one.restApiKey,
    });
    assert.equal(absent.status, 404);
    assert.equal((await me(one, a)).status, 401, "its sessions ended");
    assert.equal((await me(two, b)).status, 200, "the other's did not");
    assert.equal((await emulator.rest(two, "GET", "/users/x")).uid, "x");
  });

  test("settings for all apps apply to apps without settings of their own", TEST, async () => {
    const app = await emulator.control("POST", "apps");
    await emulator.control("PUT", "clock", { offsetSeconds: 100 });
    await emulator.control("PUT", `clock?app=${app.id}`, { offsetSeconds: 7 });
    await emulator.control("PUT", "readings", { coreLimit: 3, strictAuthKeys: true });
    await emulator.control("PUT", `readings?app=${app.id}`, { coreLimit: 5 });
    assert.equal((await emulator.control("GET", "clock?app=emulator-app")).offsetSeconds, 100);
    assert.equal((await emulator.control("GET", `clock?app=${app.id}`)).offsetSeconds, 7);
    const readings = await emulator.control("GET", `readings?app=${app.id}`);
    assert.deepEqual([readings.coreLimit, readings.strictAuthKeys], [5, true]);
    await emulator.control("PUT", `readings?app=${app.id}`, { coreLimit: null });
    assert.equal((await emulator.control("GET", `readings?app=${app.id}`)).coreLimit, 3);
  });

  test("a snapshot can be restored, of everything and of one app", TEST, async () => {
    const app = await emulator.control("POST", "apps");
    const { authToken } = await emulator.login(app, "superhero1");
    await emulator.control("POST", `faults?app=${app.id}`, { ...ME, act: { status: 503 } });
    const [all, one] = [
      await emulator.control("GET", "state"),
      await emulator.control("GET", `state?app=${app.id}`),
    ];
    assert.deepEqual(
      one.apps.map(({ id }) => id),
      [app.id],
    );
    await emulator.rest(app, "DELETE", "/users/superhero1", { permanent: true });
    await emulator.rest(emulator, "POST", "/users", { uid: "kept", name: "Kept" });
    await emulator.control("PUT", `state?app=${app.id}`, one);
    const me = () => emulator.call("GET", "/v3.0/me", { appid: app.id, authtoken: authToken });
    assert.equal((await me()).status, 503, "the session and the rule are back");
    assert.equal((await emulator.rest(emulator, "GET", "/users/kept")).uid, "kept");
    await emulator.control("PUT", "state", all);
    const kept = await emulator.call("GET", "/v3/users/kept", KEY);
    assert.equal(kept.status, 404, "everything was put back");
    assert.deepEqual(await emulator.control("GET", "state"), all);
    const wrong = await emulator.call("PUT", `/emulator/v1/state?app=${app.id}`, {}, { apps: [] });
    assert.equal(wrong.status, 400);
  });

  test(
    "a named snapshot is saved, restored and removed, for one app or for all",
    TEST,
    async () => {
      const app = await emulator.control("POST", "apps");
      const of = (name) => `snapshots/${name}?app=${app.id}`;
      await emulator.control("PUT", of("before"));
      await emulator.control("PUT", "snapshots/all");
      await emulator.rest(app, "DELETE", "/users/superhero1", { permanent: true });
      await emulator.rest(emulator, "POST", "/users", { uid: "kept", name: "Kept" });
      await emulator.control("POST", of("before"));
      assert.equal((await emulator.rest(app, "GET", "/users/superhero1")).uid, "superhero1");
      assert.equal((await emulator.rest(emulator, "GET", "/users/kept")).uid, "kept");
      assert.deepEqual(await emulator.control("GET", `snapshots?app=${app.id}`), ["before"]);
      assert.deepEqual(await emulator.control("GET", "snapshots"), ["all"]);
      await emulator.control("POST", "snapshots/all");
      assert.equal((await emulator.call("GET", "/v3/users/kept", KEY)).status, 404);
      const other = await emulator.call("POST", "/emulator/v1/snapshots/before");
      assert.equal(other.status, 404, "it is a snapshot of the app only");
      await emulator.control("DELETE", "snapshots/all");
      assert.deepEqual(await emulator.control("GET", "snapshots"), []);
      await emulator.control("DELETE", `apps/${app.id}`);
      for (let number = 0; number < 100; number++) {
        await emulator.control("PUT", `snapshots/${number}`);
      }
      const { status, reply } = await emulator.call("PUT", "/emulator/v1/snapshots/more");
      assert.deepEqual([status, reply.error.code], [400, "EMULATOR_BAD_REQUEST"]);
      for (let number = 0; number < 100; number++) {
        await emulator.control("DELETE", `snapshots/${number}`);
      }
    },
  );
});

describe("the journal", () => {
  test("it lists the requests without secrets", TEST, async () => {
    const { authToken } = await emulator.login(emulator, "superhero1");
    await emulator.call("GET", `/v3/users?searchKey=${authToken}`, { "x-api-key": KEY.apikey });
    await emulator.call("GET", `/v3/users/superhero1/auth%5Ftokens/${authToken}`, KEY);
    const entries = await requests();
    const text = JSON.stringify(entries);
    for (const secret of [authToken, KEY.apikey]) assert.ok(!text.includes(secret), text);
    assert.deepEqual(paths(entries), [
      "POST /v3/users/superhero1/auth_tokens",
      "PUT /v3.0/me",
      "GET /v3/users",
      "GET /v3/users/superhero1/auth%5Ftokens/***",
    ]);
    const [first, second] = entries;
    assert.deepEqual(
      [second.uid, second.status, second.outcome, second.app],
      ["superhero1", 200, "answered", "emulator-app"],
    );
    assert.match(first.headers.apikey, /^\*\*\* [0-9a-f]{8}$/);
    assert.deepEqual(paths(await requests(`?after=${second.id}`)).length, 2);
    assert.deepEqual(paths(await requests("?limit=1")), paths(entries.slice(-1)));
  });

  test("a call waits for new entries and for changes of entries", TEST, async () => {
    await emulator.control("POST", "faults", { ...ME, act: { delayMs: 300 } });
    const begun = performance.now();
    const [opened, answer] = await Promise.all([
      requests("?wait=5000"),
      sleep(100).then(() => emulator.call("GET", "/v3.0/me")),
    ]);
    assert.deepEqual(
      opened.map(({ outcome }) => outcome),
      ["open"],
    );
    assert.equal(answer.status, 401);
    const changed = await requests(`?since=${opened[0].rev}&wait=5000`);
    assert.deepEqual([changed[0].id, changed[0].status], [opened[0].id, 401]);
    assert.ok(performance.now() - begun < 4000);
    assert.deepEqual(await requests(`?since=${changed[0].rev}&wait=50`), []);
  });

  test("requests of the emulator's own tools are not in it", TEST, async () => {
    await emulator.control("POST", "faults", { act: { status: 500 } });
    const headers = { ...KEY, "x-emulator-client": "dashboard" };
    assert.equal((await emulator.call("GET", "/v3/users", headers)).status, 200);
    assert.deepEqual(await requests(), []);
  });
});

describe("fault rules", () => {
  const me = () => emulator.call("GET", "/v3.0/me");
  const fault = (act, rest = {}) => emulator.control("POST", "faults", { ...ME, ...rest, act });

  test("status, body, headers, content type and CORS", TEST, async () => {
    const headers = {
      "Retry-After": "7",
      "x-emulated": "yes",
      "Access-Control-Expose-Headers": null,
    };
    await fault({ status: 418, body: "plain", headers, contentType: "text/x-y", cors: false });
    const response = await fetch(`${emulator.url}/v3.0/me`);
    assert.deepEqual([response.status, await response.text()], [418, "plain"]);
    const shown = (name) => response.headers.get(name);
    assert.deepEqual(
      [shown("retry-after"), shown("x-emulated"), shown("content-type")],
      ["7", "yes", "text/x-y"],
    );
    assert.equal(shown("access-control-allow-origin"), null);
    assert.equal((await requests())[0].fault, (await emulator.control("GET", "faults"))[0].id);
  });

  test(
    "nth and times say for which requests; a rule can be replaced and removed",
    TEST,
    async () => {
      const rule = await fault({ status: 503 }, { times: 1, match: { ...ME.match, nth: 2 } });
      const statuses = [];
      for (let at = 0; at < 3; at++) statuses.push((await me()).status);
      assert.deepEqual(statuses, [401, 503, 401]);
      const [{ seen, used, source }] = await emulator.control("GET", "faults");
      assert.deepEqual([seen, used, source], [3, 1, "api"]);
      await emulator.control("PUT", `faults/${rule.id}`, { ...ME, act: { status: 504 } });
      assert.equal((await me()).status, 504);
      await emulator.control("DELETE", `faults/${rule.id}`);
      assert.equal((await me()).status, 401);
    },
  );

  test("delays", TEST, async () => {
    await fault({ delayMs: 200, bodyDelayMs: 200 });
    const begun = performance.now();
    assert.equal((await me()).status, 401);
    assert.ok(performance.now() - begun >= 390);
  });

  test(
    "a dropped connection, before and after the service has handled the request",
    TEST,
    async () => {
      for (const [drop, there] of [
        ["before", 404],
        ["after", 200],
      ]) {
        const rule = { match: { method: "POST", path: "/users$" }, act: { drop } };
        const { id } = await emulator.control("POST", "faults", rule);
        const body = { uid: `user-${drop}`, name: "X" };
        await assert.rejects(emulator.rest(emulator, "POST", "/users", body));
        const { status } = await emulator.call("GET", `/v3/users/user-${drop}`, KEY);
        assert.equal(status, there, drop);
        await emulator.control("DELETE", `faults/${id}`);
      }
      assert.equal((await requests())[0].outcome, "dropped");
    },
  );

  test("a service that hangs, before, after and in the middle of the body", TEST, async () => {
    for (const hang of ["before", "after", "body"]) {
      const { id } = await fault({ hang });
      const asked = fetch(`${emulator.url}/v3.0/me`, { signal: AbortSignal.timeout(300) });
      await assert.rejects(
        asked.then((response) => response.text()),
        { name: "TimeoutError" },
      );
      await emulator.control("DELETE", `faults/${id}`);
    }
    assert.deepEqual(
      (await requests()).map(({ outcome }) => outcome),
      ["hung", "hung", "hung"],
    );
  });

  test("a body that is cut", TEST, async () => {
    await fault({ truncate: 20 });
    const answer = await raw("GET /v3.0/me HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const [head, body] = answer.split("\r\n\r\n");
    assert.equal(body.length, 20);
    assert.ok(Number(/content-length: (\d+)/i.exec(head)[1]) > 20);
    assert.equal((await requests())[0].outcome, "cut");
  });

  test("invalid rules are refused with the reason", TEST, async () => {
    for (const [rule, words] of [
      [{ act: {} }, "is empty"],
      [{ act: { status: 99 } }, "99"],
      [{ act: { status: 500 }, match: { path: "(" } }, "match.path"],
      [{ act: { status: 500 }, nope: 1 }, "nope"],
      [{ act: { headers: { "content-length": "1" } } }, "content-length"],
      [{ act: { delayMs: 600_001 } }, "600001"],
      [{ act: { status: 500 }, times: 0 }, "at least 1"],
    ]) {
      const { status, reply } = await emulator.call("POST", "/emulator/v1/faults", {}, rule);
      assert.equal(status, 400);
      assert.ok(reply.error.message.includes(words), reply.error.message);
    }
  });
});

describe("the web socket", () => {
  const auth = (app, { uid, jwt }) => ({
    appId: app.appId ?? app.id,
    type: "auth",
    sender: uid,
    deviceId: "d",
    body: { auth: jwt },
  });

  test("it accepts the pass of me, answers pings, and ends with the session", TEST, async () => {
    const me = await emulator.login(emulator, "superhero1");
    const { say, next, closed } = await open();
    say(auth(emulator, me));
    assert.deepEqual((await next()).body, { code: "200", status: "OK" });
    say({ action: "ping" });
    assert.deepEqual(await next(), { action: "pong", ack: "true" });
    await emulator.rest(emulator, "DELETE", "/users/superhero1/auth_tokens");
    assert.deepEqual(await closed, [1008, "the session has ended"]);
    const [entry] = (await requests()).filter(({ socket }) => socket);
    assert.match(entry.socket[0].received.body.auth, /^\*\*\*/);
    assert.equal(entry.socket.at(-1).closed.code, 1008);
    assert.equal(entry.status, 101);
  });

  test("other passes, other frames and large frames end it", TEST, async () => {
    for (const [frame, code] of [
      [JSON.stringify(auth(emulator, { uid: "superhero1", jwt: "x" })), 1008],
      ["x", 1007],
      [Buffer.from("x"), 1003],
      ["[".repeat(70_000), 1009],
    ]) {
      const { socket, closed } = await open();
      socket.send(frame);
      assert.equal((await closed)[0], code);
    }
  });

  test(
    "m2: there are at most 256, and one that closes makes room",
    { timeout: 60_000 },
    async () => {
      const sockets = [];
      for (let at = 0; at < 256; at++) sockets.push(await open());
      await assert.rejects(open(), /503/);
      sockets[0].socket.close();
      await sockets[0].closed;
      await sleep(100);
      sockets.push(await open());
      for (const { socket } of sockets) socket.close();
      await Promise.all(sockets.map(({ closed }) => closed));
    },
  );

  test(
    "m2: frames do not postpone the ten seconds until the auth frame",
    { timeout: 30_000 },
    async () => {
      const { say, closed } = await open();
      const begun = performance.now();
      const timer = setInterval(() => say({}), 1000);
      assert.deepEqual(await closed, [1008, "no auth frame came"]);
      clearInterval(timer);
      const seconds = (performance.now() - begun) / 1000;
      assert.ok(seconds > 9 && seconds < 12, `${seconds} s`);
    },
  );
});

describe("starting and ending", () => {
  const folder = mkdtempSync(join(tmpdir(), "emulator-"));
  const file = (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  };

  test("a seed adds its apps and fault rules; a reset restores them", TEST, async () => {
    const seed = file("seed.json", {
      $schema: "./seed.schema.json",
      faults: [{ match: { path: "/nowhere" }, act: { status: 500 } }],
      apps: [
        {
          id: "my-app",
          users: [{ uid: "ann", name: "Ann" }],
          tokens: [{ authToken: "ann_token", uid: "ann", pinned: true }],
          faults: [{ ...ME, times: 1, act: { status: 503 } }],
        },
      ],
    });
    const own = await start("--seed", seed);
    try {
      assert.deepEqual([own.appId, own.users], ["my-app", ["ann"]]);
      const me = () => own.call("GET", "/v3.0/me", { authtoken: "ann_token" });
      assert.deepEqual([(await me()).status, (await me()).status], [503, 200]);
      await own.control("DELETE", "faults");
      await own.control("POST", "reset");
      const rules = await own.control("GET", "faults");
      assert.deepEqual(
        rules.map(({ app, source, used }) => [app, source, used]),
        [
          [undefined, "seed", 0],
          ["my-app", "seed", 0],
        ],
      );
      const { apps, faults } = await own.control("GET", "state");
      assert.deepEqual([apps[0].faults.length, faults.length], [1, 1]);
    } finally {
      await own.stop();
    }
  });

  test("an invalid seed is refused with the position of the problem", TEST, async () => {
    for (const [content, words] of [
      ["{", "EOF"],
      [{ apps: [{ id: "a b" }] }, "apps[0].id"],
      [{ apps: [{ id: "a", users: [{ uid: "x" }] }] }, "name"],
      [{ apps: [{ id: "a", faults: [{ act: {} }] }] }, "apps[0].faults[0]"],
      [{ apps: [], faults: [{ act: { status: 1 } }] }, "faults[0]"],
    ]) {
      const { code, stderr } = await run(["--seed", file("bad.json", content)]);
      assert.notEqual(code, 0);
      assert.ok(stderr.includes(words) && stderr.includes("bad.json"), stderr);
    }
  });

  test("the readings and several apps and regions can be set at the start", TEST, async () => {
    const own = await start("--app", "a", "--app", "b", "--region", "eu", "--strict-auth-keys");
    try {
      assert.deepEqual([own.appId, own.region], ["a", "eu"]);
      const readings = await own.control("GET", "readings");
      assert.equal(readings.strictAuthKeys, true);
      const create = { appid: "b", apikey: own.authKey };
      const { status } = await own.call("POST", "/v3/users", create, { uid: "x", name: "X" });
      assert.equal(status, 403);
    } finally {
      await own.stop();
    }
  });

  test("exec runs a command with an emulator and ends with its status", TEST, async () => {
    const script = `
      const { COMETCHAT_EMULATOR_URL: url, COMETCHAT_EMULATOR_REST_API_KEY: key } = process.env;
      const response = await fetch(url + "/v3/users", { headers: { apikey: key } });
      console.log(response.status);
      process.exit(7);`;
    const command = [process.execPath, "--input-type=module", "-e", script];
    const { code, stdout } = await run(["exec", "--", ...command]);
    assert.deepEqual([code, stdout.trim()], [7, "200"]);
    const absent = await run(["exec", "--", "no-such-command"]);
    assert.ok(absent.code !== 0 && absent.stderr.includes("no-such-command"), absent.stderr);
  });

  test("m7: options that let others in print a warning", TEST, async () => {
    const node = [process.execPath, "-e", ""];
    for (const [args, words] of [
      [["--host", "0.0.0.0"], "Every machine"],
      [["--allow-host", "*"], "every web site"],
      [["--allow-origin", "*"], "every web page"],
      [["--open-control"], "--open-control"],
    ]) {
      const inExec = await run(["exec", ...args, "--", ...node]);
      assert.equal(inExec.code, 0, inExec.stderr);
      assert.match(inExec.stderr, /WARNING/);
      assert.ok(inExec.stderr.includes(words), inExec.stderr);
      const own = await start(...args);
      await own.stop();
      assert.ok(own.errors().includes(words), own.errors());
    }
    const quiet = await run(["exec", "--", ...node]);
    assert.equal(quiet.stderr, "");
  });

  test("the ready message names some of many users", TEST, async () => {
    const users = Array.from({ length: 150 }, (_, at) => ({ uid: `user-${at}`, name: "User" }));
    const file = join(mkdtempSync(join(tmpdir(), "seed-")), "seed.json");
    writeFileSync(file, JSON.stringify({ apps: [{ id: "many", users }] }));
    const own = await start("--seed", file);
    assert.deepEqual([own.users.length, own.users[0], own.userCount], [100, "user-0", 150]);
    await own.stop();
    assert.match(own.errors(), /users +user-0, .*user-9 and 140 more\n/);
  });

  test("invalid options print one line that says what to do", TEST, async () => {
    for (const args of [
      ["--nope"],
      ["--app", "a.b"],
      ["--region", "US "],
      ["--allow-host", "http://x"],
      ["--allow-origin", "x"],
      ["exec"],
      ["--port", "99999999"],
    ]) {
      const { code, stderr } = await run(args);
      assert.ok(code !== 0 && stderr.length > 20, `${args}: ${code} ${stderr}`);
    }
    const { port } = new URL(emulator.url);
    const taken = await run(["--port", port]);
    assert.ok(taken.code !== 0 && taken.stderr.includes("taken"), taken.stderr);
  });

  test("the emulator serves the schema of seed documents", TEST, async () => {
    const served = await emulator.call("GET", "/emulator/v1/schema");
    const kept = JSON.parse(
      readFileSync(new URL("../../seed.schema.json", import.meta.url), "utf8"),
    );
    assert.deepEqual(served.reply, kept);
  });
});
