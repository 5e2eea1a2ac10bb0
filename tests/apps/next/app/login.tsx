"use client";

import { useEffect } from "react";
import { CometChat } from "cometchat-auth";
import { useLoggedinUser } from "cometchat-auth/react";

export function Login() {
  const user = useLoggedinUser();

  useEffect(() => {
    async function login() {
      performance.mark("init");
      const emulator = new URLSearchParams(location.search).get("emulator");
      const settings = new CometChat.AppSettingsBuilder()
        .setRegion("us")
        .useEmulator(emulator!)
        .build();
      await CometChat.init("emulator-app", settings);
      if (!(await CometChat.getLoggedinUser()))
        await CometChat.login("superhero1", "emulator-auth-key");
    }
    void login();
  }, []);

  return <p id="user">{user?.getName() ?? "nobody yet"}</p>;
}
