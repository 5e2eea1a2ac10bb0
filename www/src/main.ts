/** The page's state (the logged-in user) and its view. Start reading here, then `auth.ts`. */
import type { User } from "cometchat-auth";
import {
  loggedInUser,
  type LoginEvent,
  loginThroughYourServer,
  loginWithKey,
  logout,
  sessionFacts,
  start,
} from "./auth.ts";
import { readConfig } from "./config.ts";
import { byId, focusOn } from "./dom.ts";
import { EmulatorWatch, type Health } from "./emulator-watch.ts";
import { type Call, explain, isOutage, type Problem } from "./errors.ts";
import { eventLog } from "./event-log.ts";
import { loginView } from "./login-view.ts";
import { notices } from "./notices.ts";
import { sessionView } from "./session-view.ts";

const TITLE = document.title;
const config = readConfig(import.meta.env);
const log = eventLog(byId("log"));
const notice = notices(byId("notices"));
const main = byId("main");
const view = byId("view");

/** Identifies the shown view: "" is the login view, `undefined` is none yet. */
let shown: string | undefined;

function show(user: User | null): void {
  const identity = user === null ? "" : `${user.getUid() ?? ""} ${user.getAuthToken() ?? ""}`;
  if (identity === shown) {
    return;
  }
  const first = shown === undefined;
  shown = identity;
  const next =
    user === null
      ? loginView(config, {
          withKey: (uid, authKey) => attempt("login", () => loginWithKey(uid, authKey)),
          throughYourServer: (uid) => attempt("login", () => loginThroughYourServer(uid)),
        })
      : sessionView(user, sessionFacts(), () => attempt("logout", logout));
  view.replaceChildren(next.element);
  main.removeAttribute("aria-busy");
  document.title = user === null ? TITLE : `${user.getName() || (user.getUid() ?? "")} – ${TITLE}`;
  if (!first) {
    // The focused element is gone with the old view, so the new heading gets the focus.
    focusOn(next.heading);
  }
}

/** Shows the logged-in user. If two answers overtake each other, the one asked for last wins. */
let asked = 0;
async function refresh(): Promise<void> {
  asked += 1;
  const mine = asked;
  const user = await loggedInUser();
  if (mine === asked) {
    show(user);
  }
}

/** Runs a login or logout and shows its error. Success is shown by the listeners, in every tab. */
async function attempt(call: Call, action: () => Promise<unknown>): Promise<void> {
  notice.clearProblem();
  try {
    await action();
    await refresh();
  } catch (error) {
    await refresh().catch(() => undefined);
    // A logout ends the local session whatever the service answers: there is nothing to retry.
    report(explain(error, call), call === "login" ? () => void attempt(call, action) : undefined);
  }
}

function report(problem: Problem, retry: (() => void) | undefined): void {
  notice.showProblem(problem, retry);
  if (isOutage(problem)) {
    void watch.look();
  }
}

function onEvent(event: LoginEvent): void {
  log.event(event);
  if (event.type === "loginSuccess" || event.type === "logoutSuccess") {
    refresh().catch((error: unknown) => report(explain(error, "init"), undefined));
  }
}

function onHealth(health: Health): void {
  const badge = byId("health");
  const before = badge.dataset["state"];
  badge.dataset["state"] = health;
  byId("health-text").textContent = health === "up" ? "Emulator answers" : "Emulator is down";
  if (health === "down") {
    notice.showDown(config.emulatorUrl, () => void watch.look());
    return;
  }
  notice.clearDown();
  notice.clearOutage();
  if (before === "down") {
    log.note("The emulator responds again");
  }
}

byId("emulator-address").textContent = config.emulatorUrl;
const watch = new EmulatorWatch(config.emulatorUrl, onHealth);
watch.start();

try {
  await start(config, onEvent);
  const user = await loggedInUser();
  if (user !== null) {
    log.note(`init found ${user.getUid() ?? "a user"} on this device: no request, no event`);
  }
  show(user);
} catch (error) {
  view.replaceChildren();
  main.removeAttribute("aria-busy");
  report(explain(error, "init"), undefined);
}
