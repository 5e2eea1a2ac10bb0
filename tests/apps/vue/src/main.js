import { CometChat } from "cometchat-auth";
import { createApp, h, isReactive, reactive, ref } from "vue";

// Everything that users hold, behind Vue's proxies.
const builder = ref(new CometChat.AppSettingsBuilder());
const user = ref(null);
const listener = reactive(
  new CometChat.LoginListener({ loginSuccess: (loggedIn) => (user.value = loggedIn) }),
);

createApp({
  setup: () => () => [
    h("p", { id: "user" }, user.value?.getName() ?? ""),
    h("p", { id: "proxies" }, [builder.value, listener, user.value].map(isReactive).join()),
  ],
}).mount("#app");

async function main() {
  performance.mark("init");
  const emulator = new URLSearchParams(location.search).get("emulator");
  const settings = ref(builder.value.setRegion("us").useEmulator(emulator).build());
  CometChat.addLoginListener("page", listener);
  await CometChat.init("emulator-app", settings.value);
  user.value =
    (await CometChat.getLoggedinUser()) ??
    (await CometChat.login(reactive({ uid: "superhero1", authKey: "emulator-auth-key" })));
  const copy = reactive(new CometChat.User(user.value));
  copy.setName("A copy");
}

main();
