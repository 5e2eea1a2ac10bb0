import { CometChat } from "cometchat-auth/wasm-url";

async function main() {
  performance.mark("init");
  const emulator = new URLSearchParams(location.search).get("emulator");
  const settings = new CometChat.AppSettingsBuilder().setRegion("us").useEmulator(emulator).build();
  await CometChat.init("emulator-app", settings);
  const user =
    (await CometChat.getLoggedinUser()) ??
    (await CometChat.login("superhero1", "emulator-auth-key"));
  document.querySelector("#user").textContent = user.getName();
}

main();
