/** The fault rules of both shells. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { KEY, ME, TEST, useEmulator } from "./emulator.mjs";

const { emulator, requests, raw } = useEmulator();

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
