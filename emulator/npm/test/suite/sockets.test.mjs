/** The web sockets of both shells. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TEST, useEmulator } from "./emulator.mjs";

const { emulator, requests, open } = useEmulator();

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
