/** The demo's token server without Vite: which uids it puts into a URL of the service. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SOURCE = fileURLToPath(new URL("../../www/server/your-server.ts", import.meta.url));

const listen = (server) =>
  new Promise((resolve, reject) =>
    server
      .once("error", reject)
      .listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${server.address().port}`)),
  );

/** The paths of the requests to the service. */
const asked = [];
const service = createServer((request, response) => {
  asked.push(request.url);
  response
    .writeHead(200, { "Content-Type": "application/json" })
    .end('{"data":{"authToken":"superhero1_token"}}');
});
let page;
let address;

before(async () => {
  const emulatorUrl = await listen(service);
  const { outputFiles } = await build({
    entryPoints: [SOURCE],
    bundle: true,
    platform: "node",
    format: "esm",
    write: false,
  });
  const code = `data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`;
  const { yourServer } = await import(code);
  let handle;
  yourServer({ emulatorUrl, appId: "emulator-app", restApiKey: "rest-key" }).configureServer({
    middlewares: { use: (handler) => (handle = handler) },
  });
  page = createServer((request, response) =>
    handle(request, response, () => response.writeHead(404).end()),
  );
  address = await listen(page);
});
after(() => {
  service.close();
  page?.close();
});

const tokenFor = async (uid) => {
  const response = await fetch(`${address}/your-server/token`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ uid }),
  });
  return { status: response.status, body: await response.json() };
};

for (const uid of [".", "..", " .. ", "\t.\n"]) {
  test(`h9 the uid ${JSON.stringify(uid)} is refused, and no request is sent`, async () => {
    asked.length = 0;
    const { status, body } = await tokenFor(uid);
    assert.deepEqual([status, body.error.code], [400, "YOUR_SERVER_UID_INVALID"]);
    assert.deepEqual(asked, []);
  });
}

for (const [uid, segment] of [
  ["superhero1", "superhero1"],
  ["../roles", "..%2Froles"],
  ["%2e%2e", "%252e%252e"],
  ["...", "..."],
]) {
  test(`h9 the uid ${JSON.stringify(uid)} is one segment of the path`, async () => {
    asked.length = 0;
    assert.deepEqual(await tokenFor(uid), { status: 200, body: { authToken: "superhero1_token" } });
    assert.deepEqual(asked, [`/v3/users/${segment}/auth_tokens`]);
  });
}
