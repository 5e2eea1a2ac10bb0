// What a page may do to the package without meaning to: every call settles with a CometChatException, nothing is sent that should not be.
import assert from "node:assert/strict";
import { labSuite } from "../support/lab.mjs";
import { bundle } from "../support/package.mjs";

const lab = labSuite();

lab.test("b7 a signal that has gone off already: rejected, and nothing is sent", async (given) => {
  const page = await given.open();
  await page.evaluate(() => (lab.listen(), lab.init()));
  const heard = await page.evaluate(async () => {
    lab.sent = 0;
    const request = { uid: "superhero1", authKey: "emulator-auth-key", signal: AbortSignal.abort() };
    const outcome = await lab.outcome(CometChat.login(request));
    return [outcome.error?.code, lab.sent, lab.events];
  });
  assert.deepEqual(heard, ["REQUEST_ABORTED", 0, ["loginFailure REQUEST_ABORTED"]]);
});

lab.test("b1 a body that never ends is a timeout", async (given) => {
  const page = await given.open();
  await page.evaluate(() => lab.init({ timeout: 300 }));
  given.answer(({ method }) => (method === "POST" ? { headers: { "Content-Length": "5000" }, body: "{" } : undefined));
  const outcome = await page.evaluate(() => lab.outcome(CometChat.login("superhero1", "emulator-auth-key")));
  assert.equal(outcome.error?.code, "REQUEST_TIMEOUT");
});

lab.test("b23 a signal that is none rejects, and says what login takes", async (given) => {
  const page = await given.open();
  await page.evaluate(() => (lab.listen(), lab.init()));
  const heard = await page.evaluate(async () => {
    const outcome = await lab.outcome(CometChat.login({ uid: "superhero1", authKey: "emulator-auth-key", signal: "none" }));
    return [outcome.error?.code, outcome.error?.message, lab.events];
  });
  assert.equal(heard[0], "MISSING_PARAMETERS");
  assert.match(heard[1], /AbortSignal/);
  assert.deepEqual(heard[2], ["loginFailure MISSING_PARAMETERS"]);
});

lab.test("b1 arguments that cannot be read reject, they do not throw", async (given) => {
  const page = await given.open();
  await page.evaluate(() => lab.init());
  const code = await page.evaluate(async () => {
    const hostile = {
      get uid() {
        throw new Error("mine");
      },
    };
    return (await lab.outcome(CometChat.login(hostile))).error?.code;
  });
  assert.equal(code, "MISSING_PARAMETERS");
});

lab.test("b23 a big integer is a text like any number", async (given) => {
  const page = await given.open();
  await page.evaluate(() => lab.init());
  const code = await page.evaluate(async () => (await lab.outcome(CometChat.login("superhero1", 10n))).error?.code);
  assert.equal(code, "AUTH_ERR_APIKEY_NOT_FOUND");
});

lab.test("b1 a page's imitation of fetch, without headers, is read as far as it goes", async (given) => {
  const page = await given.open();
  await page.evaluate(() => lab.init({ timeout: 2000 }));
  const outcome = await page.evaluate(() => {
    const said = { data: { uid: "superhero1", authToken: "t" } };
    window.fetch = async () => ({ ok: true, status: 200, text: async () => JSON.stringify(said) });
    return lab.outcome(CometChat.login("superhero1", "some-key"));
  });
  assert.equal(outcome.error, undefined);
});

lab.test("b24 a handler logs in as another and removes a listener: events in order, promises both settle", async (given) => {
  const page = await given.open();
  const heard = await page.evaluate(async (key) => {
    await lab.init();
    const heard = [];
    let second;
    CometChat.addLoginListener("a", {
      loginSuccess(user) {
        heard.push(`a ${user.getUid()}`);
        CometChat.removeLoginListener("b");
        if (user.getUid() === "superhero1") second = CometChat.login("superhero2", key);
      },
      logoutSuccess: () => heard.push("a out"),
    });
    CometChat.addLoginListener("b", { loginSuccess: () => heard.push("b") });
    await CometChat.login("superhero1", key);
    heard.push((await second).getUid());
    return heard;
  }, "emulator-auth-key");
  assert.deepEqual(heard, ["a superhero1", "a out", "a superhero2", "superhero2"]);
});

lab.test("b4 each handler and each promise gets objects of its own, users and errors alike", async (given) => {
  const page = await given.open();
  const distinct = await page.evaluate(async (key) => {
    await lab.init();
    const got = [];
    for (const id of ["a", "b"]) CometChat.addLoginListener(id, { loginSuccess: (user) => got.push(user) });
    got.push(...(await Promise.all([CometChat.login("superhero1", key), CometChat.login("superhero1", key)])));
    const failed = await Promise.all(["nobody-x", "nobody-x"].map((uid) => CometChat.login(uid, key).catch((error) => error)));
    return [new Set(got).size, failed[0].code, new Set(failed).size];
  }, "emulator-auth-key");
  assert.deepEqual(distinct, [4, "ERR_UID_NOT_FOUND", 2]);
});

lab.test("b3 a builder that nobody called build() on means what was set on it", async (given) => {
  const page = await given.open();
  const url = await page.evaluate(async () => {
    let asked;
    window.fetch = async (url) => ((asked = String(url)), new Response("{}"));
    await CometChat.init("emulator-app", new CometChat.AppSettingsBuilder().setRegion("us").useEmulator("http://127.0.0.1:9"));
    await CometChat.login("superhero1", "some-key").catch(() => {});
    return asked;
  });
  assert.equal(url, "http://127.0.0.1:9/v3.0/users/superhero1/auth_tokens");
});

lab.test("b3 an init that fails leaves the deadline of the app that is there as it was", async (given) => {
  const page = await given.open();
  const outcome = await page.evaluate(async () => {
    await lab.init();
    const failed = await lab.outcome(CometChat.init("emulator-app", { region: "moon", requestTimeout: Infinity }));
    const real = window.fetch;
    window.fetch = async (...request) => (await new Promise((go) => setTimeout(go, 300)), real(...request));
    return [failed.error?.isException, await lab.outcome(CometChat.login("superhero1", "emulator-auth-key"))];
  });
  assert.equal(outcome[0], true);
  assert.equal(outcome[1].error, undefined);
});

for (const what of ["crypto.getRandomValues", "crypto", "navigator"]) {
  lab.test(`b1 a page without ${what}: init and login work, and the ids have their form`, async (given) => {
    const page = await given.open();
    const ended = await page.evaluate(async (what) => {
      const [owner, name] = what.includes(".") ? [crypto, what.split(".")[1]] : [window, what];
      Object.defineProperty(owner, name, { configurable: true, value: undefined });
      const ids = [];
      const ended = await lab.outcome(lab.init().then(() => CometChat.login("superhero1", "emulator-auth-key")));
      ids.push(lab.entries()["emulator-app:keys_store/deviceId"], sessionStorage.getItem("sessionId"));
      return { ended, ids };
    }, what);
    assert.equal(ended.ended.value?.uid, "superhero1", JSON.stringify(ended));
    const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
    assert.match(ended.ids[0], new RegExp(`^emulator-app_${uuid}_\\d{13}$`));
    assert.match(ended.ids[1], new RegExp(`^WEB-4_2_0-${uuid}-\\d{13}$`));
  });
}

lab.test("b14 a worker, which has no storage and no document: login, calls and logout, in memory", async (given) => {
  const source = `
    import { CometChat } from "cometchat-auth";
    const settings = new CometChat.AppSettingsBuilder().setRegion("us").build();
    await CometChat.init("emulator-app", settings);
    const user = await CometChat.login("superhero1", "emulator-auth-key");
    const friend = await CometChat.getUser("superhero2");
    const where = CometChat.persistence;
    const { success } = await CometChat.logout();
    postMessage([user.getUid(), friend.getUid(), where, success, await CometChat.getLoggedinUser()]);`;
  for (const [path, body] of await bundle({ worker: source })) {
    given.serve(path, { type: "text/javascript", body });
  }
  const page = await given.open("/empty");
  const said = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const worker = new Worker("/worker.js", { type: "module" });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => resolve(message);
        worker.addEventListener("messageerror", () => resolve("messageerror"));
      }),
  );
  assert.deepEqual(said, ["superhero1", "superhero2", "memory", true, null]);
});
