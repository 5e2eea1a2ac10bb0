/** The control API of both shells. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SHELL } from "../shell.mjs";
import { KEY, ME, TEST, useEmulator } from "./emulator.mjs";

const { emulator, requests } = useEmulator();

describe("the control API", () => {
  test("it says what it is and lists its calls", TEST, async () => {
    const about = await emulator.control("GET", "");
    assert.deepEqual([about.shell, about.url, about.kept], [SHELL, emulator.url, false]);
    assert.ok(about.calls.some(({ method, path }) => method === "POST" && path.endsWith("/apps")));
    for (const [method, path, status] of [
      ["GET", "nothing", 404],
      ["DELETE", "faults/99", 404],
      ["DELETE", "faults/x", 400],
      ["GET", "requests?before=1", 400],
      ["GET", "requests?app=nobodys", 404],
      ["PUT", "clock", 400],
      ["PUT", "readings", 200],
    ]) {
      const response = await emulator.call(method, `/emulator/v1/${path}`);
      assert.equal(response.status, status, `${method} ${path}`);
    }
  });

  test("m11: a fresh app has an id and keys of its own", TEST, async () => {
    const one = await emulator.control("POST", "apps");
    const two = await emulator.control("POST", "apps", { users: [{ uid: "ann", name: "Ann" }] });
    const all = [one, two].flatMap((app) => [app.id, app.authKey, app.restApiKey]);
    assert.equal(new Set(all).size, 6, all.join());
    assert.deepEqual([one.uids.length, two.uids], [10, ["ann"]]);
    const other = await emulator.call("GET", "/v3/users", {
      appid: one.id,
      apikey: two.restApiKey,
    });
    assert.equal(other.status, 401, "another app's key");
    assert.equal((await emulator.login(two, "ann")).uid, "ann");
    const taken = await emulator.call(
      "POST",
      "/emulator/v1/apps",
      {},
      { id: one.id.toUpperCase() },
    );
    assert.equal(taken.status, 400);
    await emulator.control("DELETE", `apps/${one.id}`);
    const gone = await emulator.call("GET", "/v3/users", { appid: one.id });
    assert.notEqual(gone.status, 200);
    assert.equal((await emulator.call("DELETE", "/emulator/v1/apps/emulator-app")).status, 400);
    assert.deepEqual(
      (await emulator.control("GET", "apps")).map(({ id }) => id).sort(),
      [two.id, "emulator-app"].sort(),
    );
  });

  test("m11: reset, journal, fault rules, clock and readings are per app", TEST, async () => {
    const [one, two] = [
      await emulator.control("POST", "apps"),
      await emulator.control("POST", "apps"),
    ];
    await emulator.control("POST", `faults?app=${one.id}`, { ...ME, act: { status: 503 } });
    await emulator.control("PUT", `clock?app=${one.id}`, { offsetSeconds: 86_400 });
    await emulator.control("PUT", `readings?app=${one.id}`, { singleUseTokens: true });
    const [a, b] = [
      await emulator.login(one, "superhero1"),
      await emulator.login(two, "superhero1"),
    ];
    const me = (app, { authToken }) =>
      emulator.call("GET", "/v3.0/me", { appid: app.id, authtoken: authToken });
    assert.deepEqual([(await me(one, a)).status, (await me(two, b)).status], [503, 200]);
    const created = async (app) =>
      (await emulator.rest(app, "POST", "/users", { uid: "x", name: "X" })).createdAt;
    const ahead = (await created(one)) - (await created(two));
    assert.ok(Math.abs(ahead - 86_400) < 5, `${ahead}`);
    const again = (app, { authToken }) =>
      emulator.call("PUT", "/v3.0/me", { appid: app.id, authtoken: authToken }, { deviceId: "d" });
    assert.deepEqual([(await again(one, a)).status, (await again(two, b)).status], [401, 200]);
    assert.equal((await requests(`?app=${one.id}`)).length, 5);
    assert.equal((await emulator.control("GET", `faults?app=${two.id}`)).length, 0);

    await emulator.control("POST", `reset?app=${one.id}`);
    assert.deepEqual(await requests(`?app=${one.id}`), []);
    assert.deepEqual(await emulator.control("GET", `faults?app=${one.id}`), []);
    const clock = await emulator.control("GET", `clock?app=${one.id}`);
    assert.equal(clock.offsetSeconds, 0);
    const readings = await emulator.control("GET", `readings?app=${one.id}`);
    assert.equal(readings.singleUseTokens, false);
    const absent = await emulator.call("GET", "/v3/users/x", {
      appid: one.id,
      apikey: one.restApiKey,
    });
    assert.equal(absent.status, 404);
    assert.equal((await me(one, a)).status, 401, "its sessions ended");
    assert.equal((await me(two, b)).status, 200, "the other's did not");
    assert.equal((await emulator.rest(two, "GET", "/users/x")).uid, "x");
  });

  test("settings for all apps apply to apps without settings of their own", TEST, async () => {
    const app = await emulator.control("POST", "apps");
    await emulator.control("PUT", "clock", { offsetSeconds: 100 });
    await emulator.control("PUT", `clock?app=${app.id}`, { offsetSeconds: 7 });
    await emulator.control("PUT", "readings", { coreLimit: 3, strictAuthKeys: true });
    await emulator.control("PUT", `readings?app=${app.id}`, { coreLimit: 5 });
    assert.equal((await emulator.control("GET", "clock?app=emulator-app")).offsetSeconds, 100);
    assert.equal((await emulator.control("GET", `clock?app=${app.id}`)).offsetSeconds, 7);
    const readings = await emulator.control("GET", `readings?app=${app.id}`);
    assert.deepEqual([readings.coreLimit, readings.strictAuthKeys], [5, true]);
    await emulator.control("PUT", `readings?app=${app.id}`, { coreLimit: null });
    assert.equal((await emulator.control("GET", `readings?app=${app.id}`)).coreLimit, 3);
  });

  test("a snapshot can be restored, of everything and of one app", TEST, async () => {
    const app = await emulator.control("POST", "apps");
    const { authToken } = await emulator.login(app, "superhero1");
    await emulator.control("POST", `faults?app=${app.id}`, { ...ME, act: { status: 503 } });
    const [all, one] = [
      await emulator.control("GET", "state"),
      await emulator.control("GET", `state?app=${app.id}`),
    ];
    assert.deepEqual(
      one.apps.map(({ id }) => id),
      [app.id],
    );
    await emulator.rest(app, "DELETE", "/users/superhero1", { permanent: true });
    await emulator.rest(emulator, "POST", "/users", { uid: "kept", name: "Kept" });
    await emulator.control("PUT", `state?app=${app.id}`, one);
    const me = () => emulator.call("GET", "/v3.0/me", { appid: app.id, authtoken: authToken });
    assert.equal((await me()).status, 503, "the session and the rule are back");
    assert.equal((await emulator.rest(emulator, "GET", "/users/kept")).uid, "kept");
    await emulator.control("PUT", "state", all);
    const kept = await emulator.call("GET", "/v3/users/kept", KEY);
    assert.equal(kept.status, 404, "everything was put back");
    assert.deepEqual(await emulator.control("GET", "state"), all);
    const wrong = await emulator.call("PUT", `/emulator/v1/state?app=${app.id}`, {}, { apps: [] });
    assert.equal(wrong.status, 400);
  });

  test(
    "a named snapshot is saved, restored and removed, for one app or for all",
    TEST,
    async () => {
      const app = await emulator.control("POST", "apps");
      const of = (name) => `snapshots/${name}?app=${app.id}`;
      await emulator.control("PUT", of("before"));
      await emulator.control("PUT", "snapshots/all");
      await emulator.rest(app, "DELETE", "/users/superhero1", { permanent: true });
      await emulator.rest(emulator, "POST", "/users", { uid: "kept", name: "Kept" });
      await emulator.control("POST", of("before"));
      assert.equal((await emulator.rest(app, "GET", "/users/superhero1")).uid, "superhero1");
      assert.equal((await emulator.rest(emulator, "GET", "/users/kept")).uid, "kept");
      assert.deepEqual(await emulator.control("GET", `snapshots?app=${app.id}`), ["before"]);
      assert.deepEqual(await emulator.control("GET", "snapshots"), ["all"]);
      await emulator.control("POST", "snapshots/all");
      assert.equal((await emulator.call("GET", "/v3/users/kept", KEY)).status, 404);
      const other = await emulator.call("POST", "/emulator/v1/snapshots/before");
      assert.equal(other.status, 404, "it is a snapshot of the app only");
      await emulator.control("DELETE", "snapshots/all");
      assert.deepEqual(await emulator.control("GET", "snapshots"), []);
      await emulator.control("DELETE", `apps/${app.id}`);
      for (let number = 0; number < 100; number++) {
        await emulator.control("PUT", `snapshots/${number}`);
      }
      const { status, reply } = await emulator.call("PUT", "/emulator/v1/snapshots/more");
      assert.deepEqual([status, reply.error.code], [400, "EMULATOR_BAD_REQUEST"]);
      for (let number = 0; number < 100; number++) {
        await emulator.control("DELETE", `snapshots/${number}`);
      }
    },
  );
});
