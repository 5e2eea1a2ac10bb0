/** The service and who may call it, in both shells. */
import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { describe, test } from "node:test";
import { KEY, TEST, useEmulator } from "./emulator.mjs";

const { emulator, requests, raw, open } = useEmulator();

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
