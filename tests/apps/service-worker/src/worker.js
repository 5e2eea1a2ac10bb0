import { CometChat } from "cometchat-auth";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function login(emulator) {
  const settings = new CometChat.AppSettingsBuilder().setRegion("us").useEmulator(emulator).build();
  await CometChat.init("emulator-app", settings);
  const user =
    (await CometChat.getLoggedinUser()) ??
    (await CometChat.login("superhero1", "emulator-auth-key"));
  return user.getName();
}

self.addEventListener("message", ({ data, ports: [port] }) =>
  login(data).then(
    (name) => port.postMessage(name),
    (error) => port.postMessage(String(error)),
  ),
);
