/** How both shells start and end. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { run, start } from "../shell.mjs";
import { ME, TEST, useEmulator } from "./emulator.mjs";

const { emulator } = useEmulator();

describe("starting and ending", () => {
  const folder = mkdtempSync(join(tmpdir(), "emulator-"));
  const file = (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  };

  test("a seed adds its apps and fault rules; a reset restores them", TEST, async () => {
    const seed = file("seed.json", {
      $schema: "./seed.schema.json",
      faults: [{ match: { path: "/nowhere" }, act: { status: 500 } }],
      apps: [
        {
          id: "my-app",
          users: [{ uid: "ann", name: "Ann" }],
          tokens: [{ authToken: "ann_token", uid: "ann", pinned: true }],
          faults: [{ ...ME, times: 1, act: { status: 503 } }],
        },
      ],
    });
    const own = await start("--seed", seed);
    try {
      assert.deepEqual([own.appId, own.users], ["my-app", ["ann"]]);
      const me = () => own.call("GET", "/v3.0/me", { authtoken: "ann_token" });
      assert.deepEqual([(await me()).status, (await me()).status], [503, 200]);
      await own.control("DELETE", "faults");
      await own.control("POST", "reset");
      const rules = await own.control("GET", "faults");
      assert.deepEqual(
        rules.map(({ app, source, used }) => [app, source, used]),
        [
          [undefined, "seed", 0],
          ["my-app", "seed", 0],
        ],
      );
      const { apps, faults } = await own.control("GET", "state");
      assert.deepEqual([apps[0].faults.length, faults.length], [1, 1]);
    } finally {
      await own.stop();
    }
  });

  test("an invalid seed is refused with the position of the problem", TEST, async () => {
    for (const [content, words] of [
      ["{", "EOF"],
      [{ apps: [{ id: "a b" }] }, "apps[0].id"],
      [{ apps: [{ id: "a", users: [{ uid: "x" }] }] }, "name"],
      [{ apps: [{ id: "a", faults: [{ act: {} }] }] }, "apps[0].faults[0]"],
      [{ apps: [], faults: [{ act: { status: 1 } }] }, "faults[0]"],
    ]) {
      const { code, stderr } = await run(["--seed", file("bad.json", content)]);
      assert.notEqual(code, 0);
      assert.ok(stderr.includes(words) && stderr.includes("bad.json"), stderr);
    }
  });

  test("the readings and several apps and regions can be set at the start", TEST, async () => {
    const own = await start("--app", "a", "--app", "b", "--region", "eu", "--strict-auth-keys");
    try {
      assert.deepEqual([own.appId, own.region], ["a", "eu"]);
      const readings = await own.control("GET", "readings");
      assert.equal(readings.strictAuthKeys, true);
      const create = { appid: "b", apikey: own.authKey };
      const { status } = await own.call("POST", "/v3/users", create, { uid: "x", name: "X" });
      assert.equal(status, 403);
    } finally {
      await own.stop();
    }
  });

  test("exec runs a command with an emulator and ends with its status", TEST, async () => {
    const script = `
      const { COMETCHAT_EMULATOR_URL: url, COMETCHAT_EMULATOR_REST_API_KEY: key } = process.env;
      const response = await fetch(url + "/v3/users", { headers: { apikey: key } });
      console.log(response.status);
      process.exit(7);`;
    const command = [process.execPath, "--input-type=module", "-e", script];
    const { code, stdout } = await run(["exec", "--", ...command]);
    assert.deepEqual([code, stdout.trim()], [7, "200"]);
    const absent = await run(["exec", "--", "no-such-command"]);
    assert.ok(absent.code !== 0 && absent.stderr.includes("no-such-command"), absent.stderr);
  });

  test("m7: options that let others in print a warning", TEST, async () => {
    const node = [process.execPath, "-e", ""];
    for (const [args, words] of [
      [["--host", "0.0.0.0"], "Every machine"],
      [["--allow-host", "*"], "every web site"],
      [["--allow-origin", "*"], "every web page"],
      [["--open-control"], "--open-control"],
    ]) {
      const inExec = await run(["exec", ...args, "--", ...node]);
      assert.equal(inExec.code, 0, inExec.stderr);
      assert.match(inExec.stderr, /WARNING/);
      assert.ok(inExec.stderr.includes(words), inExec.stderr);
      const own = await start(...args);
      await own.stop();
      assert.ok(own.errors().includes(words), own.errors());
    }
    const quiet = await run(["exec", "--", ...node]);
    assert.equal(quiet.stderr, "");
  });

  test("the ready message names some of many users", TEST, async () => {
    const users = Array.from({ length: 150 }, (_, at) => ({ uid: `user-${at}`, name: "User" }));
    const file = join(mkdtempSync(join(tmpdir(), "seed-")), "seed.json");
    writeFileSync(file, JSON.stringify({ apps: [{ id: "many", users }] }));
    const own = await start("--seed", file);
    assert.deepEqual([own.users.length, own.users[0], own.userCount], [100, "user-0", 150]);
    await own.stop();
    assert.match(own.errors(), /users +user-0, .*user-9 and 140 more\n/);
  });

  test("invalid options print one line that says what to do", TEST, async () => {
    for (const args of [
      ["--nope"],
      ["--app", "a.b"],
      ["--region", "US "],
      ["--allow-host", "http://x"],
      ["--allow-origin", "x"],
      ["exec"],
      ["--port", "99999999"],
    ]) {
      const { code, stderr } = await run(args);
      assert.ok(code !== 0 && stderr.length > 20, `${args}: ${code} ${stderr}`);
    }
    const { port } = new URL(emulator.url);
    const taken = await run(["--port", port]);
    assert.ok(taken.code !== 0 && taken.stderr.includes("taken"), taken.stderr);
  });

  test("the emulator serves the schema of seed documents", TEST, async () => {
    const served = await emulator.call("GET", "/emulator/v1/schema");
    const kept = JSON.parse(
      readFileSync(new URL("../../../seed.schema.json", import.meta.url), "utf8"),
    );
    assert.deepEqual(served.reply, kept);
  });
});
