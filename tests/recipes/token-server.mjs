/** Tests that every token server of recipes/token-server has to pass, with its page. */
import assert from "node:assert/strict";
import { startChild } from "../support/child.mjs";
import { asked, onPage } from "./recipe.mjs";

/**
 * @param {{command: string, args: string[], cwd: string}} program prints its address when it is
 * ready
 */
export async function tokenServerTest(environment, { command, args, cwd }) {
  const { emulator } = environment;
  const env = {
    PORT: "0",
    COMETCHAT_APP_ID: emulator.appId,
    COMETCHAT_REGION: emulator.region,
    COMETCHAT_REST_API_KEY: emulator.restApiKey,
    COMETCHAT_EMULATOR_URL: emulator.url,
    RUST_BACKTRACE: undefined,
  };
  const start = (over) =>
    startChild({
      name: "the token server",
      command,
      args,
      cwd,
      env: { ...env, ...over },
      ready: (stdout) => /^http:\/\/127\.0\.0\.1:\d+\/$/m.exec(stdout)?.[0],
    });

  await assert.rejects(
    start({ COMETCHAT_REST_API_KEY: undefined }),
    /COMETCHAT_REST_API_KEY is not set/,
  );

  const server = await start({});
  try {
    const stranger = await fetch(`${server.ready}token`, { method: "POST" });
    assert.deepEqual(
      [stranger.status, await asked(emulator)],
      [401, []],
      "without a session of the app there is no token, and no request to the service",
    );

    for (const uid of [".", ".."]) {
      const entered = await fetch(`${server.ready}session`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ uid }),
      });
      const cookie = entered.headers.getSetCookie().map((text) => text.split(";")[0]);
      const refused = await fetch(`${server.ready}token`, {
        method: "POST",
        headers: { cookie: cookie.join("; ") },
      });
      assert.equal(refused.status, 400, `the uid ${uid} is refused`);
    }
    assert.deepEqual(await asked(emulator), [], "and no request is sent for it");

    const replies = [];
    await onPage(
      environment,
      async (page) => {
        page.on("response", (response) => replies.push(response));
        const enter = async (uid) => {
          await page.getByLabel("Who are you?").fill(uid);
          await page.getByRole("button", { name: "Log in" }).click();
        };
        const userIs = (name) => page.locator("#user", { hasText: name }).waitFor();
        await page.goto(server.ready);
        await enter("superhero1");
        await userIs("Iron Man");
        const LOGIN = ["POST /v3/users/superhero1/auth_tokens 200", "PUT /v3.0/me 200"];
        assert.deepEqual(await asked(emulator), LOGIN);

        const token = replies.find((reply) => reply.url().endsWith("/token"));
        assert.equal(token.headers()["cache-control"], "no-store");
        assert.deepEqual(Object.keys(await token.json()), ["authToken"]);

        await page.reload();
        await userIs("Iron Man");
        assert.deepEqual(
          await asked(emulator),
          LOGIN,
          "the session was found, no token was asked for",
        );

        await page.getByRole("button", { name: "Log out" }).click();
        await page.getByLabel("Who are you?").waitFor();
        assert.equal(
          (await page.context().request.post(`${server.ready}token`)).status(),
          401,
          "the app's own session is over as well",
        );
        await enter("superhero2");
        await userIs("Captain America");

        // The page shows the user of the app's own session, not an earlier user in the browser.
        await page
          .context()
          .request.post(`${server.ready}session`, { data: { uid: "superhero3" } });
        await page.reload();
        await userIs("Spiderman");

        await page.getByRole("button", { name: "Log out" }).click();
        await enter("nobody/../superhero1");
        await page.getByRole("alert").filter({ hasText: /\w/ }).waitFor();
        assert.match(
          (await asked(emulator)).at(-1),
          /^POST \/v3\/users\/nobody%2F(\.\.|%2E%2E)%2Fsuperhero1\/auth_tokens 4\d\d$/,
          "a uid is one segment of the path",
        );
        assert.equal(replies.findLast((reply) => reply.url().endsWith("/token")).status(), 502);

        const bodies = await Promise.all(replies.map((reply) => reply.text().catch(() => "")));
        assert.ok(
          bodies.length > 10 && bodies.some((body) => body.includes("authToken")),
          "the replies were read",
        );
        assert.ok(
          !bodies.some((body) => body.includes(emulator.restApiKey)),
          "the REST API key is in no reply",
        );
      },
      { expected: /status of 502/ },
    );
    assert.ok(
      !(server.stdout() + server.stderr()).includes(emulator.restApiKey),
      "and in no log line",
    );
  } finally {
    await server.stop();
  }
}
