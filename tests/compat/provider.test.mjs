/** Logins with a token provider (rules B6 to B8). */
import assert from "node:assert/strict";
import { actionsIn, assertError, lines } from "../support/actions.mjs";
import { labSuite } from "../support/lab.mjs";

const lab = labSuite();
const { ready, loggedIn, login, currentUid, events, createToken } = actionsIn(lab);
const IRON_MAN = "superhero1";
const CAPTAIN = "superhero2";

/**
 * Logs in `times` at once with a provider that returns this token; `asked` counts its calls.
 */
const withProvider = (page, token, { uid, times = 1 } = {}) =>
  page.evaluate(
    async ([token, uid, times]) => {
      window.asked ??= 0;
      const provider = async () => {
        window.asked++;
        await new Promise((resolve) => setTimeout(resolve, 20));
        return token;
      };
      const request = () =>
        CometChat.login(uid === undefined ? provider : { uid, authToken: provider });
      const outcomes = await Promise.all(
        Array.from({ length: times }, () => lab.outcome(request())),
      );
      return { outcomes, asked: window.asked };
    },
    [token, uid, times],
  );

lab.test(
  "b7 concurrent logins call one provider once, and the one request carries its token",
  async (given) => {
    const page = await ready(given);
    const token = await createToken(IRON_MAN);
    const { outcomes, asked } = await withProvider(page, ` ${token}\n`, { times: 3 });
    assert.deepEqual(
      outcomes.map(({ value }) => [value?.uid, value?.authToken]),
      Array(3).fill([IRON_MAN, token]),
    );
    assert.equal(asked, 1);
    assert.deepEqual(lines(given.requests()), [
      "PUT https://emulator-app.apiclient-us.cometchat.io/v3.0/me",
    ]);
    assert.equal(given.requests()[0].headers.authtoken, token);
    assert.deepEqual(await events(page), [`loginSuccess ${IRON_MAN}`]);
  },
);

lab.test(
  "b6 with a session no provider is called, also after a reload; for another uid it is called",
  async (given) => {
    const { page } = await loggedIn(given);
    for (const uid of [undefined, IRON_MAN, "SUPERHERO1"]) {
      assert.equal((await withProvider(page, "never", { uid })).outcomes[0].value?.uid, IRON_MAN);
    }
    await page.reload();
    await page.evaluate(() => (lab.listen(), lab.init()));
    const { outcomes, asked } = await withProvider(page, "never");
    assert.deepEqual(
      [outcomes[0].value?.uid, asked, await page.evaluate(() => lab.sent)],
      [IRON_MAN, 0, 0],
    );
    const token = await createToken(CAPTAIN);
    const other = await withProvider(page, token, { uid: CAPTAIN });
    assert.deepEqual([other.outcomes[0].value?.authToken, other.asked], [token, 1]);
    assert.deepEqual(await events(page), [
      `loginSuccess ${IRON_MAN}`,
      "logoutSuccess",
      `loginSuccess ${CAPTAIN}`,
    ]);
  },
);

lab.test(
  "b6 a provider that returns another user's token: INVALID_RESPONSE, the earlier session stays",
  async (given) => {
    const { page } = await loggedIn(given);
    const { outcomes } = await withProvider(page, await createToken("superhero3"), {
      uid: CAPTAIN,
    });
    assertError(outcomes[0], "INVALID_RESPONSE");
    assert.equal(await currentUid(page), IRON_MAN);
  },
);

lab.test(
  "b7 a provider that throws, rejects or returns no token: TOKEN_PROVIDER_FAILED, no request",
  async (given) => {
    const page = await ready(given);
    const codes = await page.evaluate(async () => {
      const providers = [
        () => {
          throw new Error("thrown");
        },
        () => Promise.reject(new Error("rejected")),
        () => Promise.reject(undefined),
        () => undefined,
        () => null,
        () => "",
        async () => " \n",
        () => 5,
        () => ({ token: "t" }),
        () => ({ then: (_, reject) => reject(new Error("a thenable's")) }),
      ];
      const codes = [];
      for (const provider of providers)
        codes.push((await lab.outcome(CometChat.login(provider))).error?.code);
      return codes;
    });
    assert.deepEqual(codes, Array(10).fill("TOKEN_PROVIDER_FAILED"));
    assert.deepEqual(await events(page), Array(10).fill("loginFailure TOKEN_PROVIDER_FAILED"));
    assert.equal(await page.evaluate(() => lab.sent), 0);
    assert.equal((await login(page, IRON_MAN)).value?.uid, IRON_MAN);
  },
);

lab.test(
  "b7 the error of a provider is the cause for both joined callers and for the listeners",
  async (given) => {
    const page = await given.open();
    const causes = await page.evaluate(async () => {
      const heard = [];
      CometChat.addLoginListener("l", { loginFailure: (error) => heard.push(error) });
      await lab.init();
      const mine = new Error("the server is away");
      const provider = () => new Promise((_, reject) => setTimeout(() => reject(mine), 30));
      const calls = [CometChat.login(provider), CometChat.login(provider)];
      const ended = await Promise.all(calls.map((call) => call.catch((error) => error)));
      return [...ended, ...heard].map((error) => [error.code, error.cause === mine]);
    });
    assert.deepEqual(causes, Array(3).fill(["TOKEN_PROVIDER_FAILED", true]));
  },
);

lab.test(
  "b7 the first caller aborts while its provider runs: the joined caller gets the login",
  async (given) => {
    const page = await ready(given);
    const token = await createToken(IRON_MAN);
    const [first, second, asked] = await page.evaluate(async (token) => {
      let asked = 0;
      const provider = () =>
        new Promise((resolve) => setTimeout(() => resolve(token), 50, asked++));
      const abort = new AbortController();
      const calls = [
        CometChat.login({ authToken: provider, signal: abort.signal }),
        CometChat.login(provider),
      ].map(lab.outcome);
      abort.abort();
      return [...(await Promise.all(calls)), asked];
    }, token);
    assertError(first, "REQUEST_ABORTED");
    assert.deepEqual([second.value?.uid, asked], [IRON_MAN, 1], JSON.stringify(second));
  },
);

lab.test(
  "b8 a logout while a provider runs wins: the token of the provider is not sent",
  async (given) => {
    const page = await ready(given);
    const [going, ended] = await page.evaluate(async () => {
      let give;
      const going = lab.outcome(CometChat.login(() => new Promise((resolve) => (give = resolve))));
      const ended = await lab.outcome(CometChat.logout());
      give("too late");
      await new Promise((resolve) => setTimeout(resolve, 50));
      return [await going, ended];
    });
    assertError(going, "LOGIN_ABORTED");
    assert.deepEqual(ended, { value: {} });
    assert.deepEqual([await page.evaluate(() => lab.sent), await currentUid(page)], [0, null]);
  },
);

lab.test(
  "b7 while a provider runs, another login is refused: by key, by token, for another uid",
  async (given) => {
    const page = await ready(given);
    const token = await createToken(IRON_MAN);
    const codes = await page.evaluate(
      async ([token, key]) => {
        const provider = () => new Promise((resolve) => setTimeout(() => resolve(token), 50));
        const going = lab.outcome(CometChat.login(provider));
        const others = [
          CometChat.login("superhero1", key),
          CometChat.login(token),
          CometChat.login({ uid: "superhero2", authToken: provider }),
        ];
        const codes = await Promise.all(others.map(lab.outcome));
        return [...codes.map(({ error }) => error?.code), (await going).value?.uid];
      },
      [token, lab.emulator.authKey],
    );
    assert.deepEqual(codes, [
      "LOGIN_IN_PROGRESS",
      "LOGIN_IN_PROGRESS",
      "LOGIN_IN_PROGRESS",
      IRON_MAN,
    ]);
  },
);

lab.test(
  "b24 a provider may call the API: the calls it makes settle, and so does its login",
  async (given) => {
    const page = await ready(given);
    const token = await createToken(IRON_MAN);
    const said = await page.evaluate(async (token) => {
      const within = [];
      const user = await CometChat.login(async () => {
        within.push(
          CometChat.getAppId(),
          await CometChat.getLoggedinUser(),
          (await lab.outcome(CometChat.login("other", "key"))).error.code,
        );
        return token;
      });
      return [...within, user.getUid()];
    }, token);
    assert.deepEqual(said, ["emulator-app", null, "LOGIN_IN_PROGRESS", IRON_MAN]);
  },
);

lab.test("b26 a provider's token in an error of the service is masked", async (given) => {
  const page = await ready(given);
  const token = "token-of-a-provider-91cc";
  given.answer(({ method }) =>
    method === "PUT"
      ? {
          status: 401,
          body: {
            error: {
              code: "AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
              message: `The auth token ${token} is unknown.`,
            },
          },
        }
      : undefined,
  );
  const { outcomes } = await withProvider(page, token);
  const error = assertError(outcomes[0], "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
  assert.match(error.message, /\*\*\*/);
  assert.equal(error.all.includes(token), false, error.all);
});
