/**
 * The official client, as it comes from npm, against the emulator's own TLS port: no front in
 * between, every host of the service resolves to the emulator. It logs in with its socket on and
 * stays connected (`SOCKET_SECONDS`, 35 if not set: two of its pings and more).
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { launchBrowser } from "../support/browser.mjs";
import { startEmulator } from "../support/emulator.mjs";

const SECONDS = Number(process.env.SOCKET_SECONDS || 35);
const SDK = readFileSync(createRequire(import.meta.url).resolve("@cometchat/chat-sdk-javascript"));

let emulator;
let server;
let browser;

before(async () => {
  emulator = await startEmulator({ args: ["--tls"] });
  server = createServer((request, response) => {
    const script = request.url === "/sdk.js";
    response
      .writeHead(200, { "content-type": script ? "text/javascript" : "text/html" })
      .end(script ? SDK : '<!doctype html><title>page</title><script src="/sdk.js"></script>');
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  browser = await launchBrowser({
    args: [
      `--host-resolver-rules=MAP *.cometchat.io 127.0.0.1:${emulator.port}`,
      // Exactly this certificate is trusted, no other.
      `--ignore-certificate-errors-spki-list=${emulator.tls.spki}`,
    ],
  });
});
after(async () => {
  await browser?.close();
  await new Promise((resolve) => server?.close(resolve));
  await emulator?.stop();
});

const control = async (method, path) =>
  (await (await fetch(`http://127.0.0.1:${emulator.port}/emulator/v1/${path}`, { method })).json())
    .data;
const sockets = async () =>
  (await control("GET", "requests")).filter((entry) => entry.socket !== undefined);
const frames = (entry, kind) =>
  entry.socket.filter((frame) => frame[kind] !== undefined).map((frame) => frame[kind]);

/**
 * A page of a fresh profile with the client initialised, its socket on, and what its connection
 * listener heard in `heard`.
 */
async function open() {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`http://localhost:${server.address().port}/`);
  await page.evaluate(async (appId) => {
    const settings = new CometChat.AppSettingsBuilder()
      .subscribePresenceForAllUsers()
      .setRegion("us")
      .autoEstablishSocketConnection(true)
      .build();
    await CometChat.init(appId, settings);
    window.heard = [];
    const on = (word) => () => window.heard.push(word);
    const listener = {
      onConnected: on("connected"),
      inConnecting: on("connecting"),
      onDisconnected: on("disconnected"),
    };
    CometChat.addConnectionListener("test", new CometChat.ConnectionListener(listener));
  }, emulator.appId);
  return page;
}
const logIn = (page, uid) =>
  page.evaluate(async ({ uid, key }) => (await CometChat.login(uid, key)).getUid(), {
    uid,
    key: emulator.authKey,
  });
const connected = (page) =>
  page.waitForFunction(() => CometChat.getConnectionStatus() === "connected", undefined, {
    timeout: 15_000,
  });

test(
  `it logs in with its socket on and stays connected for ${SECONDS} s`,
  { timeout: 60_000 + SECONDS * 1000 },
  async () => {
    const page = await open();
    assert.equal(await logIn(page, "cometchat-uid-1"), "cometchat-uid-1");
    await connected(page);
    await sleep(SECONDS * 1000);
    assert.equal(await page.evaluate(() => CometChat.getConnectionStatus()), "connected");
    assert.deepEqual(
      (await page.evaluate(() => window.heard)).filter((word) => word === "disconnected"),
      [],
    );

    const [socket, ...others] = await sockets();
    assert.deepEqual(others, [], "one socket was enough");
    const received = frames(socket, "received");
    assert.deepEqual(
      [received[0].type, received[0].sender, socket.host],
      ["auth", "cometchat-uid-1", `${emulator.appId}.websocket-us.cometchat.io`],
    );
    assert.match(received[0].body.auth, /^\*\*\*/, "the pass is not in the journal");
    const pings = received.filter((frame) => frame.action === "ping").length;
    assert.ok(pings >= Math.floor(SECONDS / 16), `${pings} pings in ${SECONDS} s`);
    assert.equal(frames(socket, "sent").filter((frame) => frame.action === "pong").length, pings);

    const requests = (await control("GET", "requests")).map(
      (entry) => `${entry.method} ${entry.host} ${entry.path} ${entry.status}`,
    );
    assert.ok(requests.includes("POST metrics-us.cometchat.io /v1/ping 200"), requests.join("\n"));
    assert.ok(
      requests.includes(`POST ${emulator.appId}.apiclient-us.cometchat.io /v3.0/user_sessions 200`),
      requests.join("\n"),
    );
    assert.deepEqual(
      requests.filter((line) => /[45]\d\d$/.test(line)),
      [],
    );

    await page.evaluate(() => CometChat.logout());
    await sleep(500);
    assert.deepEqual(frames((await sockets())[0], "closed")[0].code, 1000);
    await page.context().close();
  },
);

test(
  "a session that is revoked loses its socket, and its pass opens no other",
  { timeout: 60_000 },
  async () => {
    await control("POST", "reset");
    const page = await open();
    await logIn(page, "cometchat-uid-2");
    await connected(page);
    const revoke = await fetch(
      `http://127.0.0.1:${emulator.port}/v3/users/cometchat-uid-2/auth_tokens`,
      { method: "DELETE", headers: { apiKey: emulator.restApiKey } },
    );
    assert.equal(revoke.status, 200);
    await page.waitForFunction(() => window.heard.includes("disconnected"), undefined, {
      timeout: 15_000,
    });
    const [first, ...again] = await sockets();
    assert.deepEqual(frames(first, "closed")[0], {
      by: "emulator",
      code: 1008,
      reason: "the session has ended",
    });
    for (const entry of again) {
      assert.equal(
        frames(entry, "sent").find((frame) => frame.type === "auth")?.body.code ?? "401",
        "401",
      );
    }
    await page.context().close();
  },
);
