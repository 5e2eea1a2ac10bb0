import { beforeEach, expect, test } from "vitest";

const { CometChat, isCometChatException } = await import(process.env.ENTRY);

const settings = () =>
  new CometChat.AppSettingsBuilder()
    .setRegion("us")
    .setRequestTimeout(5000)
    .useEmulator(process.env.EMULATOR_URL)
    .setLogger(() => undefined)
    .build();

beforeEach(() => localStorage.clear());

test("a login is stored in the environment's localStorage", async () => {
  await CometChat.init("emulator-app", settings());
  const user = await CometChat.login("superhero1", "emulator-auth-key");
  expect(user.getName()).toBe("Iron Man");
  expect(CometChat.persistence).toBe("local");
  expect(localStorage.getItem("emulator-app:common_store/user")).toContain("superhero1");
  expect((await CometChat.getLoggedinUser()).getUid()).toBe("superhero1");
  expect((await CometChat.logout()).success).toBe(true);
  expect(localStorage.getItem("emulator-app:common_store/user")).toBe(null);
});

test("an error has its code", async () => {
  await CometChat.init("emulator-app", settings());
  const error = await CometChat.login("superhero1", "wrong").catch((caught) => caught);
  expect(isCometChatException(error)).toBe(true);
  expect(error.code).toBe("AUTH_ERR_APIKEY_NOT_FOUND");
});
