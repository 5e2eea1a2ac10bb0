/**
 * Each fault rule of the emulator, seen doing what it says from a page. The page is the emulator's
 * own opposite: another origin, plain `fetch`, no client library in between.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, afterEach, before, test } from "node:test";
import { launchBrowser } from "../support/browser.mjs";
import { startEmulator } from "../support/emulator.mjs";

const TEST = { timeout: 30_000 };

let emulator;
let server;
let browser;
let page;

before(async () => {
  emulator = await startEmulator();
  server = createServer((request, response) =>
    response
      .writeHead(200, { "content-type": "text/html" })
      .end("<!doctype html><title>page</title>"),
  );
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  browser = await launchBrowser({ args: ["--host-resolver-rules=MAP elsewhere.test 127.0.0.1"] });
  page = await browser.newPage();
  await page.goto(`http://localhost:${server.address().port}/`);
});
after(async () => {
  await browser?.close();
  await new Promise((resolve) => server?.close(resolve));
  await emulator?.stop();
});
afterEach(() => control("POST", "reset"));

/** One of the emulator's own calls, from the test. */
async function control(method, path, body) {
  const response = await fetch(`${emulator.url}/emulator/v1/${path}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const reply = await response.json();
  assert.equal(response.status, 200, JSON.stringify(reply));
  return reply.data;
}
const fault = (rule) => control("POST", "faults", rule);
const journal = () => control("GET", "requests");

/**
 * One request from the page: its status, headers and text and how long both took; or `failed`,
 * where in it `fetch` gave up. `patience` milliseconds later it gives up by itself.
 */
function ask(path, { method = "GET", headers = {}, body, patience = 8_000 } = {}) {
  const url = `${emulator.url}/v3.0${path}`;
  return page.evaluate(
    async ({ url, method, headers, body, patience }) => {
      const abort = new AbortController();
      setTimeout(() => abort.abort(), patience);
      const started = performance.now();
      const since = () => Math.round(performance.now() - started);
      let response;
      try {
        response = await fetch(url, {
          method,
          headers,
          body,
          signal: abort.signal,
          cache: "no-store",
        });
      } catch (error) {
        return { failed: "head", name: error.name, ms: since() };
      }
      const head = {
        status: response.status,
        type: response.headers.get("content-type"),
        headers: Object.fromEntries(response.headers),
        headMs: since(),
      };
      try {
        return { ...head, text: await response.text(), ms: since() };
      } catch (error) {
        return { ...head, failed: "body", name: error.name, ms: since() };
      }
    },
    { url, method, headers, body, patience },
  );
}
const user = (uid = "superhero1") =>
  ask(`/users/${uid}`, { headers: { apiKey: emulator.restApiKey } });
const create = (uid) =>
  ask("/users", {
    method: "POST",
    headers: { apiKey: emulator.restApiKey, "content-type": "application/json" },
    body: JSON.stringify({ uid, name: uid }),
  });
const exists = async (uid) =>
  (await fetch(`${emulator.url}/v3/users/${uid}`, { headers: { apiKey: emulator.restApiKey } }))
    .status === 200;

test("without a rule the page gets the service's reply", TEST, async () => {
  const reply = await user();
  assert.equal(reply.status, 200);
  assert.equal(JSON.parse(reply.text).data.name, "Iron Man");
});

test(
  "status alone answers with an error in the service's envelope, and the service does nothing",
  TEST,
  async () => {
    await fault({ match: { method: "POST", path: "/users$" }, act: { status: 503 } });
    const reply = await create("neo");
    assert.equal(reply.status, 503);
    assert.equal(JSON.parse(reply.text).error.code, "ERR_EMULATED_FAULT");
    assert.equal(await exists("neo"), false);
  },
);

test("status, body, headers and content type are answered as given", TEST, async () => {
  await fault({
    act: {
      status: 429,
      body: { error: { code: "ERR_TOO_MANY_REQUESTS" } },
      headers: { "Retry-After": "7" },
    },
  });
  const json = await user();
  assert.equal(json.status, 429);
  assert.equal(json.type, "application/json");
  assert.equal(json.headers["retry-after"], "7");
  assert.deepEqual(JSON.parse(json.text), { error: { code: "ERR_TOO_MANY_REQUESTS" } });

  await control("DELETE", "faults");
  await fault({ act: { status: 502, body: "<h1>Bad gateway</h1>", contentType: "text/html" } });
  const html = await user();
  assert.deepEqual([html.status, html.type, html.text], [502, "text/html", "<h1>Bad gateway</h1>"]);
});

test(
  "a wrong content type and a header taken away leave the service's reply itself as it is",
  TEST,
  async () => {
    await fault({ act: { contentType: "text/plain", headers: { "x-rate-limit": null } } });
    const reply = await user();
    assert.deepEqual([reply.status, reply.type], [200, "text/plain"]);
    assert.equal(JSON.parse(reply.text).data.uid, "superhero1");
    assert.equal(reply.headers["x-rate-limit"], undefined);
    assert.notEqual(reply.headers["x-rate-limit-remaining"], undefined);
  },
);

test("delayMs waits before the reply", TEST, async () => {
  await fault({ act: { delayMs: 700 } });
  const reply = await user();
  assert.equal(reply.status, 200);
  assert.ok(reply.headMs >= 690, `${reply.headMs} ms`);
});

test("bodyDelayMs waits in the middle of the body", TEST, async () => {
  await fault({ act: { bodyDelayMs: 700 } });
  const reply = await user();
  assert.equal(JSON.parse(reply.text).data.uid, "superhero1");
  assert.ok(
    reply.ms - reply.headMs >= 600,
    `head after ${reply.headMs} ms, all after ${reply.ms} ms`,
  );
});

test("hang before: no reply, and nothing happened", TEST, async () => {
  await fault({ match: { method: "POST" }, act: { hang: "before" } });
  const hanging = ask("/users", {
    method: "POST",
    headers: { apiKey: emulator.restApiKey },
    body: '{"uid":"neo","name":"Neo"}',
    patience: 1_200,
  });
  assert.deepEqual((({ failed, name }) => ({ failed, name }))(await hanging), {
    failed: "head",
    name: "AbortError",
  });
  assert.equal(await exists("neo"), false);
  assert.equal((await journal()).find((entry) => entry.method === "POST").outcome, "hung");
});

test("hang after: no reply, though it happened", TEST, async () => {
  await fault({ match: { method: "POST" }, act: { hang: "after" } });
  const reply = await ask("/users", {
    method: "POST",
    headers: { apiKey: emulator.restApiKey },
    body: '{"uid":"neo","name":"Neo"}',
    patience: 1_200,
  });
  assert.equal(reply.name, "AbortError");
  assert.equal(await exists("neo"), true);
});

test("hang body: the head and half of the body, then nothing", TEST, async () => {
  await fault({ act: { hang: "body" } });
  const reply = await ask("/users/superhero1", {
    headers: { apiKey: emulator.restApiKey },
    patience: 1_200,
  });
  assert.deepEqual([reply.status, reply.failed, reply.name], [200, "body", "AbortError"]);
  assert.ok(reply.headMs < 1_000, `${reply.headMs} ms`);
});

test("drop before: the connection ends, and nothing happened", TEST, async () => {
  await fault({ match: { method: "POST" }, act: { drop: "before" } });
  const reply = await create("neo");
  assert.deepEqual([reply.failed, reply.name], ["head", "TypeError"]);
  assert.equal(await exists("neo"), false);
  assert.equal((await journal()).find((entry) => entry.method === "POST").outcome, "dropped");
});

test("drop after: the connection ends, though it happened", TEST, async () => {
  await fault({ match: { method: "POST" }, act: { drop: "after" } });
  const reply = await create("neo");
  assert.deepEqual([reply.failed, reply.name], ["head", "TypeError"]);
  assert.equal(await exists("neo"), true);
});

test("truncate cuts the connection inside the body", TEST, async () => {
  await fault({ act: { truncate: 20 } });
  const reply = await user();
  assert.deepEqual([reply.status, reply.failed, reply.name], [200, "body", "TypeError"]);
  assert.equal((await journal()).find((entry) => entry.method === "GET").outcome, "cut");
});

test("cors false keeps the reply from the page, after a preflight that passed", TEST, async () => {
  await fault({ match: { method: "POST" }, act: { cors: false } });
  const reply = await create("neo");
  assert.deepEqual([reply.failed, reply.name], ["head", "TypeError"]);
  assert.equal(await exists("neo"), true);
  const answered = (await journal()).map((entry) => `${entry.method} ${entry.status}`);
  assert.ok(answered.includes("POST 200"), answered.join());
});

test(
  "a rule for OPTIONS makes the preflight fail, so that the request is never sent",
  TEST,
  async () => {
    await fault({ match: { method: "OPTIONS" }, act: { cors: false } });
    const reply = await ask("/me", { method: "PUT", headers: { authToken: "x", "x-fresh": "1" } });
    assert.deepEqual([reply.failed, reply.name], ["head", "TypeError"]);
    assert.deepEqual(
      (await journal()).map((entry) => entry.method),
      ["OPTIONS"],
    );
  },
);

test("method, path, uid and app choose the requests", TEST, async () => {
  await fault({
    match: { method: "get", path: "^/v3\\.0/users/[^/]+$", uid: "SUPERHERO2", app: emulator.appId },
    act: { status: 500 },
  });
  assert.equal((await user("superhero1")).status, 200);
  assert.equal((await user("superhero2")).status, 500);
  assert.equal(
    (await ask("/users/superhero2/auth_tokens", { headers: { apiKey: emulator.restApiKey } }))
      .status,
    200,
  );
  assert.equal(
    (
      await ask("/users/superhero2", {
        method: "PUT",
        headers: { apiKey: emulator.restApiKey },
        body: '{"name":"x"}',
      })
    ).status,
    200,
  );
});

test("uid also means the user whose auth token a request carries", TEST, async () => {
  const login = await ask("/users/superhero2/auth_tokens", {
    method: "POST",
    headers: { apiKey: emulator.restApiKey },
  });
  const authToken = JSON.parse(login.text).data.authToken;
  await fault({ match: { uid: "superhero2" }, act: { status: 418 } });
  assert.equal((await ask("/me", { method: "PUT", headers: { authToken } })).status, 418);
});

test("nth and times: the second and third of four requests fail", TEST, async () => {
  await fault({ match: { nth: 2 }, times: 2, act: { status: 500 } });
  const statuses = [];
  for (let n = 0; n < 4; n++) {
    statuses.push((await user()).status);
  }
  assert.deepEqual(statuses, [200, 500, 500, 200]);
  const [rule] = await control("GET", "faults");
  assert.deepEqual([rule.seen, rule.used], [4, 2]);
});

test("the first rule that takes effect wins, and a removed one is gone", TEST, async () => {
  const first = await fault({ act: { status: 501 } });
  await fault({ act: { status: 502 } });
  assert.equal((await user()).status, 501);
  await control("DELETE", `faults/${first.id}`);
  assert.equal((await user()).status, 502);
  await control("DELETE", "faults");
  assert.equal((await user()).status, 200);
});

test("an invalid rule is refused with the reason", TEST, async () => {
  const refuse = async (rule, words) => {
    const response = await fetch(`${emulator.url}/emulator/v1/faults`, {
      method: "POST",
      body: JSON.stringify(rule),
    });
    const { error } = await response.json();
    assert.equal(response.status, 400);
    assert.match(error.message, words);
  };
  await refuse({ act: {} }, /"act" is empty/);
  await refuse(
    { match: { path: "(" }, act: { status: 500 } },
    /match\.path is not a regular expression/,
  );
  await refuse({ act: { status: 99 } }, /200 to 599/);
  await refuse({ act: { stauts: 500 } }, /unknown field `stauts`, expected one of `status`/);
  await refuse({ act: { hang: "often" } }, /expected one of `before`, `after`, `body`/);
  await refuse({ match: { nth: 0 }, act: { status: 500 } }, /at least 1/);
  await refuse({ act: { headers: { "a b": "c" } } }, /act\.headers/);
  assert.deepEqual(await control("GET", "faults"), []);
});

test(
  "a page of this machine can use the control API, a page of another site cannot, not even " +
    "without reading",
  TEST,
  async () => {
    const url = `${emulator.url}/emulator/v1`;
    assert.equal(await page.evaluate(async (url) => (await fetch(url)).status, url), 200);

    const other = await browser.newPage();
    try {
      const statuses = [];
      other.on(
        "response",
        (response) => response.url().startsWith(url) && statuses.push(response.status()),
      );
      await other.goto(`http://elsewhere.test:${server.address().port}/`);
      const seen = await other.evaluate(async (url) => {
        const read = fetch(`${url}/state`).then(
          () => "read",
          () => "refused",
        );
        const posted = fetch(`${url}/reset`, { method: "POST", mode: "no-cors" }).then(
          () => "sent",
          () => "refused",
        );
        const picture = new Promise((resolve) => {
          const image = new Image();
          image.onload = image.onerror = resolve;
          image.src = `${url}/requests`;
        });
        return Promise.all([read, posted, picture]).then(([read]) => read);
      }, url);
      assert.equal(seen, "refused");
      assert.deepEqual(
        statuses.filter((status) => status !== 403),
        [],
      );
    } finally {
      await other.close();
    }
  },
);
