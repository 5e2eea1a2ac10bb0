// Pages that replace built-in objects or pass unusual arguments: every call settles with a
// CometChatException, and no wrong request is sent.
import assert from "node:assert/strict";
import { htmlWith, labSuite, trapsOnDemand } from "../support/lab.mjs";
import { bundle } from "../support/package.mjs";

const lab = labSuite();

lab.test("b7 an aborted signal: the login rejects and sends no request", async (given) => {
  const page = await given.open();
  await page.evaluate(() => (lab.listen(), lab.init()));
  const heard = await page.evaluate(async () => {
    lab.sent = 0;
    const request = {
      uid: "superhero1",
      authKey: "emulator-auth-key",
      signal: AbortSignal.abort(),
    };
    const outcome = await lab.outcome(CometChat.login(request));
    return [outcome.error?.code, lab.sent, lab.events];
  });
  assert.deepEqual(heard, ["REQUEST_ABORTED", 0, ["loginFailure REQUEST_ABORTED"]]);
});

lab.test("b1 a response body that never ends: REQUEST_TIMEOUT", async (given) => {
  const page = await given.open();
  await page.evaluate(() => lab.init({ timeout: 300 }));
  given.answer(({ method }) =>
    method === "POST" ? { headers: { "Content-Length": "5000" }, body: "{" } : undefined,
  );
  const outcome = await page.evaluate(() =>
    lab.outcome(CometChat.login("superhero1", "emulator-auth-key")),
  );
  assert.equal(outcome.error?.code, "REQUEST_TIMEOUT");
});

lab.test(
  "b23 an invalid signal rejects, and the message names the arguments of login",
  async (given) => {
    const page = await given.open();
    await page.evaluate(() => (lab.listen(), lab.init()));
    const heard = await page.evaluate(async () => {
      const outcome = await lab.outcome(
        CometChat.login({ uid: "superhero1", authKey: "emulator-auth-key", signal: "none" }),
      );
      return [outcome.error?.code, outcome.error?.message, lab.events];
    });
    assert.equal(heard[0], "MISSING_PARAMETERS");
    assert.match(heard[1], /AbortSignal/);
    assert.deepEqual(heard[2], ["loginFailure MISSING_PARAMETERS"]);
  },
);

lab.test(
  "b1 arguments whose properties throw: the call rejects and does not throw",
  async (given) => {
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
  },
);

lab.test(
  "b1 a request timeout of another type is ignored: calls have the default timeout",
  async (given) => {
    const page = await given.open();
    const outcomes = await page.evaluate(async () => {
      const seen = [];
      for (const requestTimeout of [Object.create(null), {}, [1], Symbol("soon")]) {
        seen.push(await CometChat.init("someapp", { region: "us", requestTimeout }));
        window.fetch = () =>
          new Promise((resolve) =>
            setTimeout(
              () => resolve(new Response('{"error":{"code":"LATER"}}', { status: 400 })),
              1500,
            ),
          );
        seen.push((await CometChat.login("superhero1", "some-key").catch((error) => error)).code);
      }
      return seen;
    });
    assert.deepEqual(outcomes, Array(4).fill([true, "LATER"]).flat());
  },
);

lab.test("b23 a bigint is converted to text like a number", async (given) => {
  const page = await given.open();
  await page.evaluate(() => lab.init());
  const code = await page.evaluate(
    async () => (await lab.outcome(CometChat.login("superhero1", 10n))).error?.code,
  );
  assert.equal(code, "AUTH_ERR_APIKEY_NOT_FOUND");
});

lab.test("b1 a replaced fetch whose response has no headers works", async (given) => {
  const page = await given.open();
  await page.evaluate(() => lab.init({ timeout: 2000 }));
  const outcome = await page.evaluate(() => {
    const said = { data: { uid: "superhero1", authToken: "t" } };
    window.fetch = async () => ({
      ok: true,
      status: 200,
      text: async () => JSON.stringify(said),
    });
    return lab.outcome(CometChat.login("superhero1", "some-key"));
  });
  assert.equal(outcome.error, undefined);
});

// Reasons for a login that the facade ends without the core, and how to cause them.
const FAILURES = {
  "a policy forbids WebAssembly": async (given) => {
    given.serve("/no-wasm", {
      body: htmlWith('<script type="module" src="/ours.js"></script>'),
      headers: { "Content-Security-Policy": "script-src 'self'" },
    });
    return given.open("/no-wasm");
  },
  "the lazy part does not arrive": async (given) => {
    await (await given.ownContext()).route(/\/core-[^/]*\.js$/, (route) => route.abort());
    return given.open("/lazy");
  },
  "the lazy part does not arrive in time": async (given) => {
    const context = await given.ownContext();
    await context.addInitScript(() => {
      const { setTimeout } = window;
      window.setTimeout = (then, ms, ...args) => setTimeout(then, ms === 30_000 ? 50 : ms, ...args);
    });
    await context.route(/\/core-[^/]*\.js$/, () => {});
    return given.open("/lazy");
  },
  "the WebAssembly traps": async (given) => {
    await (await given.ownContext()).addInitScript(trapsOnDemand);
    const page = await given.open();
    await page.evaluate(async () => {
      await lab.init();
      // Both logins are pending when another call traps.
      window.fails = () => (
        (window.trap = true),
        CometChat.getLoggedinUser().catch(() => undefined)
      );
    });
    return page;
  },
  "the WebAssembly forgets the call": async (given) => {
    const page = await given.open();
    await page.evaluate(async () => {
      await lab.init({ timeout: 100 });
      window.fetch = () => new Promise(() => {});
      // Only the core's timers pass the id of a call, the watchdog's timer does not.
      const { setTimeout } = window;
      window.setTimeout = (then, ms, ...args) => (args.length > 0 ? 0 : setTimeout(then, ms));
    });
    return page;
  },
};

for (const [what, open] of Object.entries(FAILURES)) {
  lab.test(
    `b25 a login that fails because ${what} fires loginFailure once, with one object per handler`,
    async (given) => {
      const page = await open(given);
      const { codes, events, distinct, again } = await page.evaluate(async (key) => {
        const told = [];
        let again;
        lab.listen("a", { loginFailure: (error) => void told.push(error) });
        lab.listen("b", { loginFailure: (error) => void told.push(error) });
        // A call by a handler is not among the calls that have failed.
        CometChat.addLoginListener("c", {
          loginFailure: () => void (again ??= lab.outcome(CometChat.init("!"))),
        });
        const login = () =>
          CometChat.login("superhero1", key).catch((error) => (lab.events.push("promise"), error));
        const init = CometChat.isInitialized() ? undefined : lab.init().catch(() => undefined);
        // The second login joins the first.
        const logins = [login(), login()];
        window.fails?.();
        const errors = await Promise.all(logins);
        await init;
        return {
          codes: errors.map(({ code }) => code),
          events: lab.events,
          distinct: new Set([...told, ...errors]).size,
          again: (await again).error?.isException,
        };
      }, lab.emulator.authKey);
      assert.deepEqual(codes, ["INTERNAL_ERROR", "INTERNAL_ERROR"]);
      assert.deepEqual(events, [
        "loginFailure INTERNAL_ERROR",
        "loginFailure INTERNAL_ERROR",
        "promise",
        "promise",
      ]);
      assert.equal(distinct, 4);
      assert.equal(again, true);
    },
  );
}

lab.test("b25 a trap in another call than login fires no loginFailure", async (given) => {
  const page = await FAILURES["the WebAssembly traps"](given);
  const heard = await page.evaluate(async () => {
    lab.listen();
    window.trap = true;
    return [(await lab.outcome(CometChat.getLoggedinUser())).error?.code, lab.events];
  });
  assert.deepEqual(heard, ["INTERNAL_ERROR", []]);
});

lab.test(
  "b24 a handler logs in another user and removes a listener: both promises settle",
  async (given) => {
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
  },
);

lab.test(
  "b15 `storage` dispatched by a handler and a patched storage: the login succeeds",
  async (given) => {
    const page = await given.open();
    const heard = await page.evaluate(async (key) => {
      await lab.init();
      const { setItem } = Storage.prototype;
      let said = 0;
      const say = () => (said++, window.dispatchEvent(new Event("storage")));
      Storage.prototype.setItem = function (...entry) {
        setItem.apply(this, entry);
        say();
      };
      lab.listen("a", { loginSuccess: say });
      const user = await CometChat.login("superhero1", key);
      return [user.getUid(), lab.events, said > 1];
    }, "emulator-auth-key");
    // An error thrown in the page fails the test.
    assert.deepEqual(heard, ["superhero1", ["loginSuccess superhero1"], true]);
  },
);

lab.test(
  "b1 events inside a patched fetch, timer or AbortController are handled, and calls settle",
  async (given) => {
    const page = await given.open();
    const outcomes = await page.evaluate(async (key) => {
      await lab.init();
      let events = 0;
      const dispatch = () => {
        for (const name of ["storage", "focus", "pagehide", "pageshow"]) {
          events++;
          window.dispatchEvent(new Event(name));
        }
      };
      for (const [holder, name] of [
        [window, "fetch"],
        [window, "setTimeout"],
        [window, "clearTimeout"],
        [AbortController.prototype, "abort"],
      ]) {
        const original = holder[name];
        holder[name] = function (...args) {
          dispatch();
          const result = original.apply(this, args);
          dispatch();
          return result;
        };
      }
      const login = await lab.outcome(CometChat.login("superhero1", key));
      const abort = new AbortController();
      const options = { uid: "superhero2", authKey: key, signal: abort.signal };
      const aborted = lab.outcome(CometChat.login(options));
      abort.abort();
      const logout = await lab.outcome(CometChat.logout());
      const all = [login, await aborted, logout];
      return { codes: all.map(({ error }) => error?.code), isTested: events > 50 };
    }, "emulator-auth-key");
    // An error thrown in the page fails the test.
    assert.deepEqual(outcomes.codes, [undefined, "REQUEST_ABORTED", undefined]);
    assert.ok(outcomes.isTested);
  },
);

lab.test(
  "b1 a custom signal that throws when a listener is added or removed: the call settles",
  async (given) => {
    const page = await given.open();
    const outcomes = await page.evaluate(async (key) => {
      await lab.init();
      const throws = () => {
        throw new Error("not today");
      };
      const login = (signal) =>
        lab.outcome(CometChat.login({ uid: "nobody-x", authKey: key, signal }));
      const odd = [
        { addEventListener: throws, removeEventListener: throws },
        { addEventListener() {}, removeEventListener: throws },
        { addEventListener() {} },
      ];
      return (await Promise.all(odd.map(login))).map(({ error }) => error?.code);
    }, "emulator-auth-key");
    assert.deepEqual(outcomes, Array(3).fill("ERR_UID_NOT_FOUND"));
  },
);

lab.test(
  "b1 a replaced fetch that returns no promise, or text without a promise, works as with await",
  async (given) => {
    const page = await given.open();
    const outcomes = await page.evaluate(async () => {
      await lab.init({ timeout: 3000 });
      const reply = { status: 200, text: () => '{"data":{"uid":"superhero1","authToken":"t"}}' };
      const seen = [];
      for (const fetch of [
        async () => reply,
        () => reply,
        () => ({ then: (done) => done(reply) }),
      ]) {
        window.fetch = fetch;
        seen.push((await lab.outcome(CometChat.login("superhero1", "some-key"))).value?.uid);
        await CometChat.logout().catch(() => undefined);
      }
      return seen;
    });
    assert.deepEqual(outcomes, ["superhero1", "superhero1", "superhero1"]);
  },
);

lab.test(
  "b7 the result of a provider is ignored if its instance was abandoned, also if its id is reused",
  async (given) => {
    await (await given.ownContext()).addInitScript(trapsOnDemand);
    const page = await given.open();
    const outcomes = await page.evaluate(async () => {
      await lab.init();
      const sent = [];
      window.fetch = async (url, { method, headers }) => {
        sent.push([method, headers.authToken]);
        return new Response(JSON.stringify({ data: { uid: headers.authToken.split("-")[0] } }));
      };
      const answers = [];
      const login = () =>
        lab.outcome(
          CometChat.login({ authToken: () => new Promise((answer) => answers.push(answer)) }),
        );
      const asked = async (count) => {
        while (answers.length < count) await new Promise((go) => setTimeout(go, 5));
      };
      const first = login();
      await asked(1);
      window.trap = true;
      await lab.outcome(CometChat.getLoggedinUser());
      const second = login();
      await asked(2);
      answers[0]("superhero1-old");
      await new Promise((go) => setTimeout(go, 50));
      answers[1]("superhero2-new");
      return [(await first).error?.code, (await second).value?.uid, sent];
    });
    assert.deepEqual(outcomes, ["INTERNAL_ERROR", "superhero2", [["PUT", "superhero2-new"]]]);
  },
);

lab.test("b4 each handler and each promise gets its own user and error objects", async (given) => {
  const page = await given.open();
  const distinct = await page.evaluate(async (key) => {
    await lab.init();
    const got = [];
    for (const id of ["a", "b"])
      CometChat.addLoginListener(id, { loginSuccess: (user) => got.push(user) });
    got.push(
      ...(await Promise.all([
        CometChat.login("superhero1", key),
        CometChat.login("superhero1", key),
      ])),
    );
    const failed = await Promise.all(
      ["nobody-x", "nobody-x"].map((uid) => CometChat.login(uid, key).catch((error) => error)),
    );
    return [new Set(got).size, failed[0].code, new Set(failed).size];
  }, "emulator-auth-key");
  assert.deepEqual(distinct, [4, "ERR_UID_NOT_FOUND", 2]);
});

lab.test("b3 a builder without build() is used as settings", async (given) => {
  const page = await given.open();
  const url = await page.evaluate(async () => {
    let asked;
    window.fetch = async (url) => ((asked = String(url)), new Response("{}"));
    await CometChat.init(
      "emulator-app",
      new CometChat.AppSettingsBuilder().setRegion("us").useEmulator("http://127.0.0.1:9"),
    );
    await CometChat.login("superhero1", "some-key").catch(() => {});
    return asked;
  });
  assert.equal(url, "http://127.0.0.1:9/v3.0/users/superhero1/auth_tokens");
});

lab.test("b3 an init that fails does not change the timeout of the current app", async (given) => {
  const page = await given.open();
  const outcome = await page.evaluate(async () => {
    await lab.init();
    const failed = await lab.outcome(
      CometChat.init("emulator-app", { region: "moon", requestTimeout: Infinity }),
    );
    const real = window.fetch;
    window.fetch = async (...request) => (
      await new Promise((go) => setTimeout(go, 300)),
      real(...request)
    );
    return [
      failed.error?.isException,
      await lab.outcome(CometChat.login("superhero1", "emulator-auth-key")),
    ];
  });
  assert.equal(outcome[0], true);
  assert.equal(outcome[1].error, undefined);
});

for (const what of ["crypto.getRandomValues", "crypto", "navigator"]) {
  lab.test(
    `b1 a page without ${what}: init and login work, and the ids have the usual form`,
    async (given) => {
      const page = await given.open();
      const ended = await page.evaluate(async (what) => {
        const [owner, name] = what.includes(".") ? [crypto, what.split(".")[1]] : [window, what];
        Object.defineProperty(owner, name, { configurable: true, value: undefined });
        const ids = [];
        const ended = await lab.outcome(
          lab.init().then(() => CometChat.login("superhero1", "emulator-auth-key")),
        );
        ids.push(
          lab.entries()["emulator-app:keys_store/deviceId"],
          sessionStorage.getItem("sessionId"),
        );
        return { ended, ids };
      }, what);
      assert.equal(ended.ended.value?.uid, "superhero1", JSON.stringify(ended));
      const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
      assert.match(ended.ids[0], new RegExp(`^emulator-app_${uuid}_\\d{13}$`));
      assert.match(ended.ids[1], new RegExp(`^WEB-4_2_0-${uuid}-\\d{13}$`));
    },
  );
}

lab.test(
  "b14 a worker without storage and document: login, calls and logout work in memory",
  async (given) => {
    const source = `
    import { CometChat } from "cometchat-auth";
    const settings = new CometChat.AppSettingsBuilder().setRegion("us").build();
    await CometChat.init("emulator-app", settings);
    const user = await CometChat.login("superhero1", "emulator-auth-key");
    const friend = await CometChat.getUser("superhero2");
    const where = CometChat.persistence;
    const { success } = await CometChat.logout();
    const after = await CometChat.getLoggedinUser();
    postMessage([user.getUid(), friend.getUid(), where, success, after]);`;
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
  },
);

lab.test(
  "the memory has two pages, and the stack in the first needs less than 4 KB",
  async (given) => {
    await (
      await given.ownContext()
    ).addInitScript(() => {
      const { instantiate } = WebAssembly;
      WebAssembly.instantiate = async (...args) => {
        const instance = await instantiate.apply(WebAssembly, args);
        window.memory = instance.exports.memory;
        return instance;
      };
    });
    const page = await given.open();
    const used = await page.evaluate(async () => {
      await lab.init();
      const long = `"\\${"x".repeat(1000)}`;
      await lab.outcome(CometChat.login("superhero1", long));
      await lab.outcome(CometChat.login("unknown-user", "emulator-auth-key"));
      await CometChat.login("superhero1", "emulator-auth-key");
      await CometChat.getUser("superhero2");
      const user = await CometChat.getLoggedinUser();
      user.setMetadata({ text: "y".repeat(1000), list: [[[{ deep: [1] }]]] });
      await CometChat.updateCurrentUserDetails(user);
      await CometChat.logout();
      const bytes = new Uint8Array(window.memory.buffer);
      // The data end below 4 KB. The stack is behind them: 32 KB, used from its end.
      const touched = bytes.findIndex((byte, at) => at >= 4096 && byte > 0);
      return { touched, pages: bytes.length / 65_536 };
    });
    assert.ok(used.touched > 32 * 1024 && used.touched < 36 * 1024, JSON.stringify(used));
    assert.equal(used.pages, 2);
  },
);
