import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { after, before, test } from "node:test";
import { startLine } from "./line.mjs";

let server;
let line;

before(async () => {
  // Echoes its input; answers "much" with 100 000 bytes.
  server = createServer((socket) =>
    socket
      .on("data", (text) => socket.write(String(text) === "much" ? Buffer.alloc(100_000) : text))
      .on("error", () => undefined),
  );
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  line = await startLine(server.address().port);
});
after(async () => {
  await line?.stop();
  await new Promise((resolve) => server?.close(resolve));
});

/** Milliseconds until this number of bytes has come back. */
async function exchange(socket, text, bytes) {
  const start = performance.now();
  socket.write(text);
  for (let got = 0; got < bytes;) {
    got += (await once(socket, "data"))[0].length;
  }
  return performance.now() - start;
}

async function open() {
  const socket = connect({ host: "127.0.0.1", port: line.port });
  await once(socket, "connect");
  return socket;
}

/** The shortest of some tries, because a busy machine only adds time. */
async function shortest(tries, measure) {
  const times = [];
  for (let i = 0; i < tries; i++) times.push(await measure());
  return Math.min(...times);
}

test("an exchange costs the round trip that was added, the first one also that of the handshake", async () => {
  line.set({ roundTripMs: 100 });
  const sockets = [];
  const first = await shortest(4, async () => {
    sockets.push(await open());
    return exchange(sockets.at(-1), "a", 1);
  });
  const second = await shortest(4, () => exchange(sockets[0], "b", 1));
  for (const socket of sockets) socket.destroy();
  assert.ok(first >= 199 && first < 290, `first: ${first} ms`);
  assert.ok(second >= 99 && second < 190, `second: ${second} ms`);
});

test("a line without additions adds no more than its own work", async () => {
  line.set();
  const socket = await open();
  const time = await shortest(30, () => exchange(socket, "a", 1));
  socket.destroy();
  assert.ok(time < 10, `${time} ms`);
});

test("bytes come at the rate of the line, which all its connections share", async () => {
  line.set({ bytesPerSecond: 500_000 });
  const sockets = [await open(), await open()];
  const alone = await shortest(3, () => exchange(sockets[0], "much", 100_000));
  const together = await shortest(3, async () =>
    Math.max(...(await Promise.all(sockets.map((socket) => exchange(socket, "much", 100_000))))),
  );
  for (const socket of sockets) socket.destroy();
  assert.ok(alone >= 195 && alone < 350, `alone: ${alone} ms`);
  assert.ok(together >= 395 && together < 650, `together: ${together} ms`);
});

test("every connection is counted", async () => {
  line.set();
  const before = line.opened();
  const sockets = [await open(), await open(), await open()];
  await exchange(sockets[2], "a", 1);
  assert.equal(line.opened() - before, 3);
  for (const socket of sockets) socket.destroy();
});
