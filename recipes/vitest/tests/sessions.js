import { CometChat } from "cometchat-auth";
import { useApp } from "cometchat-emulator/vitest";
import { afterEach, beforeEach, expect, test } from "vitest";

/** The tests of each file. They fail if files affect each other. */
export function sessionTests(rounds) {
  const app = useApp({ users: [{ uid: "ann", name: "Ann" }] });

  beforeEach(async () => {
    const { url, appId, region } = app();
    await CometChat.init({ appId, appSettings: { region, emulator: url } });
  });
  afterEach(async () => {
    await CometChat.dispose();
    await app().reset();
  });

  for (let round = 0; round < rounds; round++) {
    test(`a user logs in with a token (${round})`, async () => {
      const user = await CometChat.login(await app().createAuthToken("ann"));
      expect(user.getName()).toBe("Ann");
      const asked = await app().requests();
      expect(asked.map(({ method, uid }) => `${method} ${uid}`)).toEqual(["PUT ann"]);
    });

    test(`a user of this file does not exist in others (${round})`, async () => {
      await app().createUser({ uid: `user-${round}`, name: "New" });
      const user = await CometChat.login(`user-${round}`, app().authKey);
      expect(user.getName()).toBe("New");
      const { apps } = await app().snapshot();
      expect(apps[0].users.map(({ uid }) => uid)).toEqual(["ann", `user-${round}`]);
    });

    test(`a service that fails once (${round})`, async () => {
      const act = { status: 503, body: { error: { code: "ERR_DOWN", message: "Down." } } };
      await app().fault({ match: { path: "/me$" }, times: 1, act });
      const token = await app().createAuthToken("ann");
      await expect(CometChat.login(token)).rejects.toMatchObject({ code: "ERR_DOWN" });
      expect((await CometChat.login(token)).getUid()).toBe("ann");
    });

    test(`a token that was revoked (${round})`, async () => {
      await CometChat.login(await app().createAuthToken("ann"));
      await app().revoke("ann");
      expect(await CometChat.verifySession()).toBe(null);
    });

    test(`a clock that is ahead (${round})`, async () => {
      await app().setClock(86_400 * (round + 1));
      const { createdAt } = await app().createUser("later");
      const days = (createdAt - Date.now() / 1000) / 86_400;
      expect(Math.round(days)).toBe(round + 1);
    });
  }
}
