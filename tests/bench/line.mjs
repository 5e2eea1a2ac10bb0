/**
 * A simulated network between browser and server: a TCP proxy that adds a round-trip time and
 * limits the bytes per second. Chromium's own throttling works per request; here a handshake costs
 * its real number of round trips. The kernel accepts a connection at once, so the round trip of the
 * TCP handshake is added to the client's first data. Packet loss and TCP slow start are not
 * simulated.
 */
import { connect, createServer } from "node:net";

/**
 * @param {number} port where the server listens, on loopback
 * @returns {Promise<{
 *   port: number,
 *   opened: () => number,
 *   set: (profile: {roundTripMs?: number, bytesPerSecond?: number}) => void,
 *   stop: () => Promise<void>
 * }>}
 *   `opened`: number of connections so far. `set`: applies from now on; `{}` adds no delay and no
 *   limit
 */
export async function startLine(port) {
  let opened = 0;
  let profile = { roundTripMs: 0, bytesPerSecond: Infinity };
  const sockets = new Set();
  // Each direction is shared by all connections: the time when it is free again, in milliseconds.
  const freeAt = { up: 0, down: 0 };

  /** Forwards the data of `from` in order, delayed and limited by the profile. */
  const pass = (from, to, direction, handshake) => {
    let first = handshake;
    let last = 0;
    // Timers of different lengths may fire out of order; data must stay in order.
    const waiting = [];
    const after = (bytes, deliver) => {
      const { roundTripMs, bytesPerSecond } = profile;
      const now = performance.now();
      const sent =
        bytesPerSecond === Infinity
          ? now
          : Math.max(now, freeAt[direction]) + (bytes * 1000) / bytesPerSecond;
      freeAt[direction] = sent;
      const due = Math.max(last, sent + roundTripMs / 2 + (first ? roundTripMs : 0));
      first = false;
      last = due;
      // Without a delay, do not even wait for a timer.
      if (due <= now && waiting.length === 0) return deliver();
      waiting.push(deliver);
      setTimeout(() => waiting.shift()(), due - now);
    };
    // A slow network delivers a large response in packets.
    from.on("data", (chunk) => {
      for (let at = 0; at < chunk.length; at += 1460) {
        const packet = profile.bytesPerSecond === Infinity ? chunk : chunk.subarray(at, at + 1460);
        after(packet.length, () => to.destroyed || to.write(packet));
        if (packet === chunk) break;
      }
    });
    from.on("end", () => after(0, () => to.end()));
    from.on("close", () => after(0, () => to.destroy()));
    from.on("error", () => undefined);
  };

  const server = createServer((client) => {
    opened++;
    const upstream = connect({ host: "127.0.0.1", port });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("close", () => sockets.delete(socket));
    }
    pass(client, upstream, "up", true);
    pass(upstream, client, "down", false);
  });
  await new Promise((resolve, reject) =>
    server.once("error", reject).listen(0, "127.0.0.1", resolve),
  );

  return {
    port: server.address().port,
    opened: () => opened,
    set: ({ roundTripMs = 0, bytesPerSecond = Infinity } = {}) =>
      void (profile = { roundTripMs, bytesPerSecond }),
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
