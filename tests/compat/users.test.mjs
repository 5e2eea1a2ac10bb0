/**
 * The calls that create, update and read users (rules B11, B16, B17, B23): requests, results, and
 * effects on the session.
 */
import assert from "node:assert/strict";
import { actionsIn, assertError, lines } from "../support/actions.mjs";
import { labSuite, until } from "../support/lab.mjs";

const lab = labSuite();
const { ready, loggedIn, login, currentUid, events, serverRequest } = actionsIn(lab);
const ADMIN = "https://emulator-app.api-us.cometchat.io/v3.0";
const CLIENT = "https://emulator-app.apiclient-us.cometchat.io/v3.0";
const USER_ENTRY = "emulator-app:common_store/user";

/**
 * Calls one of them with a `User` made from the description, or with the description itself. `with`
 * has additional fields of the user.
 */
const call = (page, name, described, { as = "User", and = {}, key = lab.emulator.authKey } = {}) =>
  page.evaluate(
    async ([name, described, as, and, key]) => {
      const given = Object.assign(as === "User" ? new CometChat.User(described) : described, and);
      const before = JSON.stringify(given);
      const outcome = await lab.outcome(
        CometChat[name](given, ...(name === "updateCurrentUserDetails" ? [] : [key])).then(
          (user) => ({
            ...user,
            isUser: user instanceof CometChat.User,
          }),
        ),
      );
      return { ...outcome, unchanged: JSON.stringify(given) === before };
    },
    [name, described, as, and, key],
  );

const FULL = {
  avatar: "https://pictures.test/a.png",
  link: "https://pages.test/a",
  role: "default",
  metadata: { deep: { er: [1, "zwei", null] } },
  statusMessage: "“quoted” \\ \n 日本",
  tags: ["one", "two"],
};

lab.test(
  "b16 createUser sends the known fields, and returns all fields of the service",
  async (given) => {
    const page = await ready(given);
    const made = await call(
      page,
      "createUser",
      { uid: "made-1", name: "Made", ...FULL },
      { and: { withAuthToken: true } },
    );
    assert.deepEqual(
      [
        made.value?.isUser,
        made.unchanged,
        typeof made.value.createdAt,
        typeof made.value.authToken,
      ],
      [true, true, "number", "string"],
    );
    for (const field of Object.keys(FULL)) assert.deepEqual(made.value[field], FULL[field], field);
    const [first] = given.requests();
    assert.deepEqual(
      [...lines([first]), first.headers.apikey, first.headers.authtoken],
      [`POST ${ADMIN}/users`, lab.emulator.authKey, undefined],
    );
    assert.deepEqual(JSON.parse(first.body), {
      hasBlockedMe: false,
      blockedByMe: false,
      deactivatedAt: 0,
      uid: "made-1",
      name: "Made",
      ...FULL,
      status: "offline",
      withAuthToken: true,
    });

    const plain = await call(
      page,
      "createUser",
      { uid: " made-2 ", name: "Made", ...FULL, nonsense: 1, authToken: "no", status: "online" },
      { as: "object" },
    );
    assert.deepEqual(
      [plain.value?.isUser, plain.value?.uid, plain.unchanged],
      [true, "made-2", true],
    );
    assert.deepEqual(JSON.parse(given.requests()[1].body), {
      uid: "made-2",
      name: "Made",
      ...FULL,
    });
    assert.deepEqual(
      [await currentUid(page), await events(page)],
      [null, []],
      "it starts no session",
    );
  },
);

lab.test(
  "b11 updateUser of the current user refreshes the stored user, keeps its secrets, fires no event",
  async (given) => {
    await serverRequest("POST", "/users", { uid: "updated-self", name: "Before" });
    const other = await ready(given);
    const { page, token } = await loggedIn(given, "updated-self");
    await other.waitForFunction(() => lab.events.length === 1);
    const stored = () => page.evaluate((key) => lab.entries()[key], USER_ENTRY);
    const before = await stored();
    const outcome = await call(
      page,
      "updateUser",
      { uid: "UPDATED-SELF", name: "After", metadata: { a: 1 } },
      { as: "object" },
    );
    assert.deepEqual(
      [outcome.value?.uid, outcome.value?.name, outcome.unchanged],
      ["updated-self", "After", true],
    );
    assert.equal(lines(given.requests()).at(-1), `PUT ${ADMIN}/users/UPDATED-SELF`);
    // In this response the service sends empty tags, in a login response it sends no tags.
    assert.deepEqual(await stored(), { ...before, name: "After", metadata: { a: 1 }, tags: [] });
    assert.equal(before.authToken, token);
    for (const tab of [page, other]) {
      assert.equal(
        await tab.evaluate(async () => (await CometChat.getLoggedinUser()).getName()),
        "After",
      );
    }
    assert.deepEqual(
      [await events(page), await events(other)],
      [[], ["loginSuccess updated-self"]],
    );
  },
);

lab.test("b11 updateUser of another user does not change the session", async (given) => {
  await serverRequest("POST", "/users", { uid: "updated-other", name: "Before" });
  const { page } = await loggedIn(given);
  const disk = () => page.evaluate(() => ({ ...localStorage }));
  const before = await disk();
  assert.equal(
    (await call(page, "updateUser", { uid: "updated-other", name: "After" })).value?.name,
    "After",
  );
  assert.deepEqual([await disk(), await events(page)], [before, []]);
});

lab.test(
  "b16 getUser sends the session's token and no body; unknown fields are kept",
  async (given) => {
    await serverRequest("POST", "/users", {
      uid: "asked-for",
      name: "Asked for",
      metadata: { a: 1 },
    });
    const { page, token } = await loggedIn(given);
    const user = await page.evaluate(async () => {
      const user = await CometChat.getUser(" asked-for ");
      return { ...user, isUser: user instanceof CometChat.User, metadata: user.getMetadata() };
    });
    assert.deepEqual(
      [user.uid, user.name, user.isUser, user.metadata, user.authToken, typeof user.createdAt],
      ["asked-for", "Asked for", true, { a: 1 }, undefined, "number"],
    );
    const request = given.requests().at(-1);
    assert.deepEqual(
      [...lines([request]), request.headers.authtoken, request.headers.apikey, request.body],
      [`GET ${CLIENT}/users/asked-for`, token, undefined, ""],
    );
  },
);

lab.test(
  "b22 an error of the service has its code, status and details, and ends no session",
  async (given) => {
    const { page } = await loggedIn(given);
    assert.equal(
      assertError(
        await call(page, "createUser", { uid: "superhero2", name: "Twice" }),
        "ERR_UID_ALREADY_EXISTS",
      ).status,
      400,
    );
    assert.equal(
      assertError(
        await call(page, "updateUser", { uid: "nobody-here", name: "Nobody" }),
        "ERR_UID_NOT_FOUND",
      ).status,
      404,
    );
    const key = "not-the-key-51aa";
    const refused = assertError(
      await call(page, "createUser", { uid: "made-3", name: "Made" }, { key }),
      "AUTH_ERR_APIKEY_NOT_FOUND",
    );
    assert.equal(refused.all.includes(key), false, refused.all);
    assertError(
      await page.evaluate(() => lab.outcome(CometChat.getUser("nobody-here"))),
      "ERR_UID_NOT_FOUND",
    );
    assert.deepEqual([await currentUid(page), await events(page)], ["superhero1", []]);
  },
);

lab.test(
  "b10 an unknown token, found by any call, ends the session in every tab, once",
  async (given) => {
    for (const name of ["getUser", "updateCurrentUserDetails"]) {
      const other = await ready(given);
      const { page, token } = await loggedIn(given);
      await other.waitForFunction(() => lab.events.length === 1);
      await serverRequest("DELETE", `/users/superhero1/auth_tokens/${token}`);
      const outcomes = await page.evaluate((name) => {
        const given = name === "getUser" ? "superhero3" : { name: "Iron Man" };
        return Promise.all([
          lab.outcome(CometChat[name](given)),
          lab.outcome(CometChat[name](given)),
        ]);
      }, name);
      for (const outcome of outcomes) assertError(outcome, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
      assert.deepEqual([await currentUid(page), await events(page)], [null, ["logoutSuccess"]]);
      await other.waitForFunction(() => lab.events.length === 2);
      assert.deepEqual(await events(other), ["loginSuccess superhero1", "logoutSuccess"]);
      await Promise.all([page.close(), other.close()]);
    }
  },
);

lab.test("b10 an unknown older token does not end a newer session", async (given) => {
  const { page } = await loggedIn(given);
  let answer;
  const unknown = {
    status: 401,
    body: { error: { code: "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", message: "No such token." } },
  };
  given.answer(({ method }) =>
    method === "GET"
      ? { ...unknown, until: new Promise((resolve) => (answer = resolve)) }
      : undefined,
  );
  await page.evaluate(() => void (window.asking = lab.outcome(CometChat.getUser("superhero3"))));
  await until("the request", () => answer);
  assert.equal((await login(page, "superhero2")).value?.uid, "superhero2");
  answer();
  assertError(await page.evaluate(() => window.asking), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
  assert.deepEqual(
    [await currentUid(page), await events(page)],
    ["superhero2", ["logoutSuccess", "loginSuccess superhero2"]],
  );
});

/** The invalid field, the code, and whether `updateUser` rejects it too. */
const REFUSED = [
  [{ name: "A" }, "UID_IS_COMPULSORY", true],
  [{ uid: "", name: "A" }, "INVALID_UID", true],
  [{ uid: "  ", name: "A" }, "INVALID_UID", true],
  [{ uid: 5, name: "A" }, "INVALID_UID", true],
  [{ uid: ["a"], name: "A" }, "INVALID_UID", true],
  [{ uid: "undefined", name: "A" }, "INVALID_UID", true],
  [{ uid: "a" }, "USER_NAME_IS_COMPULSORY", false],
  [{ uid: "a", name: "" }, "INVALID_USER_NAME", true],
  [{ uid: "a", name: 5 }, "INVALID_USER_NAME", true],
  [{ uid: "a", name: "A", avatar: "" }, "INVALID_USER_AVATAR", false],
  [{ uid: "a", name: "A", link: "" }, "INVALID_USER_LINK", false],
  [{ uid: "a", name: "A", role: "" }, "INVALID_USER_ROLE", false],
  [{ uid: "a", name: "A", metadata: "" }, "INVALID_USER_METADATA", false],
  [{ uid: "a", name: "A", statusMessage: "" }, "INVALID_USER_STATUS_MESSAGE", false],
  [{ uid: "a", name: "A", tags: [] }, "INVALID_USER_TAGS", false],
  [{ uid: "a", name: "A", tags: "one" }, "INVALID_USER_TAGS", false],
];
lab.test(
  "b23 an invalid user is rejected with the code of its field, without a request",
  async (given) => {
    const page = await ready(given);
    for (const [described, code, forAChange] of REFUSED) {
      // A plain object, and a `User` with the fields set: its constructor omits empty ones.
      for (const as of ["object", "User"]) {
        const of = { as, and: as === "User" ? described : {} };
        for (const name of forAChange ? ["createUser", "updateUser"] : ["createUser"]) {
          const outcome = await call(page, name, as === "User" ? {} : described, of);
          assert.equal(
            outcome.error?.code,
            code,
            `${name}(${as} ${JSON.stringify(described)}): ${JSON.stringify(outcome)}`,
          );
        }
      }
    }
    assert.deepEqual([await page.evaluate(() => lab.sent), await events(page)], [0, []]);
  },
);

/** Metadata nested so many levels deep, as JSON. */
const nestedMetadata = (depth) => '{"a":'.repeat(depth) + "1" + "}".repeat(depth);

/**
 * Calls the API with a user that has metadata nested so deeply. Returns the outcome, with the depth
 * of the user's metadata.
 */
const callNested = (page, name, depth) =>
  page.evaluate(
    async ([name, metadata, key]) => {
      const nested = { uid: "nested", name: "Nested", metadata: JSON.parse(metadata) };
      const args = {
        createUser: [nested, key],
        updateUser: [nested, key],
        updateCurrentUserDetails: [{ metadata: nested.metadata }],
        getUser: ["nested"],
        getLoggedinUser: [],
      };
      return lab.outcome(
        CometChat[name](...args[name]).then((user) => {
          let [level, depth] = [user.getMetadata(), 0];
          for (; typeof level === "object"; level = level.a) depth++;
          return depth;
        }),
      );
    },
    [name, nestedMetadata(depth), lab.emulator.authKey],
  );

/** Answers with a user that has metadata nested so deeply. */
const answerNested = (given, depth) =>
  given.answer(({ path, preflight }) => {
    if (preflight) return undefined;
    const uid = path.endsWith("/me") ? "superhero1" : "nested";
    return { body: `{"data":{"uid":"${uid}","name":"N","metadata":${nestedMetadata(depth)}}}` };
  });

lab.test("b22 metadata nested 1 000 levels deep are sent, received and stored", async (given) => {
  const { page } = await loggedIn(given);
  answerNested(given, 1_000);
  for (const name of [
    "createUser",
    "updateUser",
    "getUser",
    "updateCurrentUserDetails",
    "getLoggedinUser",
  ]) {
    assert.deepEqual(await callNested(page, name, 1_000), { value: 1_000 }, name);
  }
  const sent = given.requests().filter(({ body }) => body.includes(nestedMetadata(1_000)));
  assert.equal(sent.length, 3);
});

for (const depth of [1_001, 5_000]) {
  lab.test(`b22 metadata nested ${depth} levels deep are not sent`, async (given) => {
    const { page } = await loggedIn(given);
    const before = given.requests().length;
    for (const name of ["createUser", "updateUser", "updateCurrentUserDetails"]) {
      assertError(await callNested(page, name, depth), "INVALID_USER_METADATA");
    }
    assert.equal(given.requests().length, before);
  });
}

for (const depth of [1_010, 5_000]) {
  lab.test(
    `b22 a response with metadata nested ${depth} levels deep is rejected`,
    async (given) => {
      const { page } = await loggedIn(given);
      answerNested(given, depth);
      for (const name of ["createUser", "updateUser", "getUser", "updateCurrentUserDetails"]) {
        assertError(await callNested(page, name, 1), "INVALID_RESPONSE");
      }
      assert.equal(await currentUid(page), "superhero1");
    },
  );
}
