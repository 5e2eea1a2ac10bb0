"use client";

import { useEffect, useState } from "react";
import { CometChat, type User } from "cometchat-auth/lazy";

export default function Lazy() {
  const [user, setUser] = useState<User>();

  useEffect(() => {
    async function login() {
      performance.mark("init");
      const emulator = new URLSearchParams(location.search).get("emulator");
      const settings = new CometChat.AppSettingsBuilder()
        .setRegion("us")
        .useEmulator(emulator!)
        .build();
      await CometChat.init("emulator-app", settings);
      setUser(
        (await CometChat.getLoggedinUser()) ??
          (await CometChat.login("superhero1", "emulator-auth-key")),
      );
    }
    void login();
  }, []);

  return <p id="user">{user?.getName()}</p>;
}
