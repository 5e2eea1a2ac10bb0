/** The journal of both shells. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { KEY, ME, TEST, paths, useEmulator } from "./emulator.mjs";

const { emulator, requests } = useEmulator();

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
