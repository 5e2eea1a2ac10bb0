/** Logs in and out in Node.js, and prints "ok". */
export async function program(CometChat) {
  const settings = new CometChat.AppSettingsBuilder()
    .setRegion("us")
    .useEmulator(process.env.EMULATOR_URL)
    .setLogger(() => undefined)
    .build();
  await CometChat.init("emulator-app", settings);
  const user = await CometChat.login("superhero1", "emulator-auth-key");
  const { success } = await CometChat.logout();
  console.log(user.getName() === "Iron Man" && success ? "ok" : "another user, or no logout");
}
