import "zone.js";
import "@angular/compiler";
import { Component, NgZone, type OnInit, provideZoneChangeDetection } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { CometChat } from "cometchat-auth";

/** zone.js notices the promises of the package: the page shows the name without being told. */
@Component({
  selector: "app-root",
  template: `<p id="user">{{ name }}</p>
    <p id="zone">{{ zone }}</p>`,
})
class App implements OnInit {
  name = "";
  zone = "";

  async ngOnInit() {
    performance.mark("init");
    const emulator = new URLSearchParams(location.search).get("emulator");
    const settings = new CometChat.AppSettingsBuilder()
      .setRegion("us")
      .useEmulator(emulator!)
      .build();
    await CometChat.init("emulator-app", settings);
    const user =
      (await CometChat.getLoggedinUser()) ??
      (await CometChat.login("superhero1", "emulator-auth-key"));
    this.name = user.getName() ?? "";
    this.zone = NgZone.isInAngularZone() ? "in Angular's zone" : "outside of it";
  }
}

bootstrapApplication(App, { providers: [provideZoneChangeDetection()] }).catch(console.error);
