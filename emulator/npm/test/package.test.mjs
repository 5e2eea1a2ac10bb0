/**
 * What only the npm package has: the emulator in process, import and export, a given certificate.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, statSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connectEmulator, createEmulator, EmulatorError } from "../dist/index.js";
import { run, start } from "./shell.mjs";

const TEST = { timeout: 30_000 };
const folder = mkdtempSync(join(tmpdir(), "emulator-package-"));

test("createEmulator returns an emulator with the methods that tests need", TEST, async () => {
  const emulator = await createEmulator({
    port: 0,
    seed: { apps: [{ id: "my-app", users: [{ uid: "ann", name: "Ann" }] }] },
    faults: [{ match: { path: "/users/bob$" }, times: 1, act: { status: 503 } }],
  });
  const { url, appId, region, authKey, restApiKey } = emulator;
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.deepEqual([appId, region], ["my-app", "us"]);
  assert.ok(authKey !== "" && restApiKey !== "" && emulator.port > 0);

  await emulator.createUser("bob");
  await emulator.createUser({ uid: "carol", name: "Carol", tags: ["x"] });
  const get = (uid) => fetch(`${url}/v3/users/${uid}`, { headers: { apikey: restApiKey } });
  assert.deepEqual([(await get("bob")).status, (await get("bob")).status], [503, 200]);

  const token = await emulator.createAuthToken("ann");
  const me = () => fetch(`${url}/v3.0/me`, { headers: { authtoken: token } });
  assert.equal((await me()).status, 200);
  const snapshot = await emulator.snapshot();
  await emulator.revoke("ann");
  assert.equal((await me()).status, 401);
  await emulator.restore(snapshot);
  assert.equal((await me()).status, 200);

  await emulator.fault({ match: { path: "/me$" }, act: { status: 500 } });
  assert.equal((await me()).status, 500);
  assert.equal((await emulator.faults()).length, 2);
  await emulator.clearFaults();
  assert.equal((await me()).status, 200);

  const asked = await emulator.requests();
  assert.deepEqual(
    asked.map(({ method, path }) => `${method} ${path}`),
    [...Array(2).fill("GET /v3/users/bob"), ...Array(5).fill("GET /v3.0/me")],
    "the test's own preparations are not in it",
  );
  await emulator.setClock(86_400);
  const later = await emulator.createUser("dora");
  assert.ok(later.createdAt - Date.now() / 1000 > 86_000);
  assert.equal((await emulator.setReadings({ strictAuthKeys: true })).strictAuthKeys, true);
  await emulator.reset();
  assert.deepEqual(await emulator.requests(), []);
  assert.equal((await emulator.readings()).strictAuthKeys, false);
  await assert.rejects(emulator.createAuthToken("bob"), EmulatorError);
  assert.equal((await emulator.faults())[0].source, "seed");

  const app = await emulator.createApp({ users: [{ uid: "eve", name: "Eve" }] });
  assert.notEqual(app.restApiKey, restApiKey);
  await app.createAuthToken("eve");
  await app.reset();
  const connected = await connectEmulator(url);
  assert.equal((await connected.apps()).length, 2);
  await app.remove();
  assert.equal((await connected.apps()).length, 1);
  await emulator.close();
  await assert.rejects(fetch(url));
});

test("without a port, handle answers", TEST, async () => {
  const emulator = await createEmulator({ listen: false });
  const ask = (path, init) => emulator.handle(new Request(`http://127.0.0.1${path}`, init));
  const token = await emulator.createAuthToken("superhero1");
  const response = await ask("/v3.0/me", {
    method: "PUT",
    headers: { authtoken: token },
    body: "{}",
  });
  assert.equal(response.status, 200);
  assert.equal((await response.json()).data.uid, "superhero1");
  const preflight = await ask("/v3.0/me", {
    method: "OPTIONS",
    headers: { origin: "http://localhost:1", "access-control-request-method": "PUT" },
  });
  assert.equal(preflight.status, 204);

  await emulator.fault({ match: { path: "/me$" }, times: 1, act: { drop: "before" } });
  await assert.rejects(ask("/v3.0/me"), TypeError);
  await emulator.fault({ match: { path: "/me$" }, times: 1, act: { truncate: 10 } });
  const cut = await ask("/v3.0/me");
  await assert.rejects(cut.text(), TypeError);
  await emulator.fault({ match: { path: "/me$" }, times: 1, act: { hang: "before" } });
  const client = new AbortController();
  setTimeout(() => client.abort(), 100);
  await assert.rejects(ask("/v3.0/me", { signal: client.signal }), { name: "AbortError" });
  const outcomes = (await emulator.requests()).map(({ outcome }) => outcome);
  assert.deepEqual(outcomes, ["answered", "answered", "dropped", "cut", "hung"]);
  await emulator.close();
});

test("invalid options reject with a message that says what to do", TEST, async () => {
  for (const [options, words] of [
    [{ app: "a.b" }, "not an app id"],
    [{ seed: { apps: [{ id: "a", users: [{ uid: "x" }] }] } }, "name"],
    [{ seed: "/no/such/file.json" }, "no such file"],
    [{ faults: [{ act: {} }] }, "is empty"],
    [{ allowOrigins: ["x"] }, "not an origin"],
  ]) {
    await assert.rejects(createEmulator(options), (error) => error.message.includes(words));
  }
  const first = await createEmulator();
  await assert.rejects(createEmulator({ port: first.port }), /taken/);
  await first.close();
});

test("an exported state is imported at the next start", TEST, async () => {
  const file = join(folder, "state.json");
  const first = await start("--export-on-exit", file, "--import", file);
  await first.rest(first, "POST", "/users", { uid: "kept", name: "Kept" });
  assert.equal(await first.stop(), 0);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const second = await start("--export-on-exit", file, "--import", file);
  assert.equal((await second.rest(second, "GET", "/users/kept")).name, "Kept");
  await second.stop();
});

test("init writes a seed that starts, and does not overwrite a file", TEST, async () => {
  const file = join(folder, "my-seed.json");
  assert.equal((await run(["init", file])).code, 0);
  const own = await start("--seed", file);
  assert.deepEqual([own.appId, own.users], ["my-app", ["ann", "bob"]]);
  await own.stop();
  const again = await run(["init", file]);
  assert.ok(again.code === 1 && again.stderr.includes("already"), again.stderr);
  const { $schema } = JSON.parse(readFileSync(file, "utf8"));
  assert.equal($schema, "./node_modules/cometchat-emulator/seed.schema.json");
});

test("it serves TLS with a given certificate", TEST, async () => {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = [
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=DNS:localhost,IP:127.0.0.1",
  ];
  const made = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync(
    "openssl",
    ["req", ...made, "-keyout", key, "-out", cert, "-days", "2", ...subject],
    {
      stdio: "ignore",
    },
  );
  const own = await start("--tls-cert", cert, "--tls-key", key);
  assert.match(own.url, /^https:/);
  const status = await new Promise((resolve, reject) => {
    const request = httpsRequest(`${own.url}/v3.0/me`, { ca: readFileSync(cert) }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on("error", reject);
    request.end();
  });
  assert.equal(status, 401);
  await own.stop();
  const half = await run(["--tls-cert", cert]);
  assert.ok(half.code === 2 && half.stderr.includes("must be used together"), half.stderr);
});

test(
  "the dashboard's files are served with a strict policy, and nothing beside them",
  TEST,
  async (context) => {
    if (!existsSync(new URL("../dashboard/index.html", import.meta.url))) {
      context.diagnostic("the dashboard is not built: only the plain page is tested");
    }
    const own = await start();
    const page = await fetch(`${own.url}/`, { headers: { accept: "text/html" } });
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-security-policy"), /default-src 'none'/);
    for (const path of [
      "/dashboard/../package.json",
      "/dashboard/%2e%2e/package.json",
      "/dashboard/x.js",
    ]) {
      assert.equal((await fetch(own.url + path)).status, 404, path);
    }
    await own.stop();
  },
);
