/**
 * Tabs in separate processes, in every engine of this machine. A write to localStorage reaches
 * another process some milliseconds later, entry by entry, which tests in one process cannot show.
 *
 * `RENEWALS` and `RACES` set the number of tries. By default, engines other than Chromium run a
 * third.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ENGINES, openTabs } from "../support/tabs.mjs";

/** The number of tries in an engine. */
const times = (variable, inChromium) => (engine) =>
  Number(process.env[variable] ?? (engine === "Chromium" ? inChromium : Math.ceil(inChromium / 3)));
const renewalsIn = times("RENEWALS", 30);
const racesIn = times("RACES", 40);

/** Logs in and reads the user repeatedly. The counts are what a page would show. */
const watch = async () => {
  const { CometChat, events, pause } = window.tab;
  while ((await CometChat.getLoggedinUser()) === null) await pause(5);
  events.length = 0;
  window.watched = { reads: 0, nulls: 0, rejected: [] };
  while (!window.enough) {
    try {
      const user = await CometChat.getLoggedinUser();
      window.watched.reads++;
      if (user === null) window.watched.nulls++;
    } catch (error) {
      window.watched.rejected.push(error.code);
    }
    await pause(1);
  }
  return { ...window.watched, events: [...events] };
};

/** Renews the token of the logged-in user. */
const renew = async (renewals) => {
  const { CometChat, events, createToken, pause } = window.tab;
  await CometChat.login(await createToken("superhero1"));
  await pause(500);
  events.length = 0;
  let last;
  for (let turn = 0; turn < renewals; turn++) {
    last = await createToken("superhero1");
    await CometChat.login(last);
    await pause(turn % 5);
  }
  await pause(300);
  return { events: [...events], kept: CometChat.getInstance().getAuthToken() === last };
};

const count = (events, name) => events.filter((event) => event === name).length;

/**
 * One tab changes the session while another refreshes it. The tabs agree on a time by a channel.
 * The change is timed for the write of the refresh, which the other process does not see at once.
 */
const refresh = async () => {
  const { CometChat, moment, pause } = window.tab;
  const channel = new BroadcastChannel("races");
  return new Promise((resolve) => {
    channel.onmessage = async ({ data }) => {
      if (data.end) return resolve();
      while (CometChat.getInstance().getAuthToken() !== data.token) {
        await CometChat.getLoggedinUser();
        await pause(2);
      }
      const at = Date.now() + 40;
      channel.postMessage({ at });
      await moment(at);
      const before = performance.now();
      const outcome = await CometChat.verifySession().then(
        (user) => (user === null ? "null" : "user"),
        (error) => error.code,
      );
      channel.postMessage({ outcome, ms: performance.now() - before });
    };
    channel.postMessage({ ready: true });
  });
};

const change = async ({ races, how }) => {
  const { CometChat, USER, events, createToken, moment, pause } = window.tab;
  const channel = new BroadcastChannel("races");
  const messages = [];
  let wake = () => undefined;
  channel.onmessage = ({ data }) => (messages.push(data), wake());
  const next = async () => {
    while (messages.length === 0) await new Promise((resolve) => (wake = resolve));
    return messages.shift();
  };
  const stored = () => JSON.parse(JSON.parse(localStorage.getItem(USER) ?? "null") ?? "null");
  const outcomes = {};
  let wrong = 0;
  let seen = 0;
  let took = 8;
  /** Time from the start of the change to its write. A logout writes at once. */
  let changing = how === "logout" ? 0 : 8;
  await next();
  for (let race = 0; race < races; race++) {
    const token = await createToken("superhero1");
    const fresh = how === "renewal" ? await createToken("superhero1") : undefined;
    await CometChat.login(token);
    channel.postMessage({ token });
    const { at } = await next();
    await moment(at + took - changing - 6 + (race % 9));
    const before = performance.now();
    if (how === "logout") await CometChat.logout().catch(() => undefined);
    else {
      await CometChat.login(fresh);
      changing = changing * 0.7 + (performance.now() - before) * 0.3;
    }
    const { outcome, ms } = await next();
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    took = took * 0.7 + ms * 0.3;
    await pause(80);
    const asItShouldBe = () =>
      how === "logout" ? stored() === null : stored()?.authToken === fresh;
    // The refresh undoes its write when the event of the change arrives.
    for (const end = Date.now() + 1_000; !asItShouldBe() && Date.now() < end;) await pause(10);
    if (!asItShouldBe()) wrong++;
    const user = stored();
    if (how === "logout" && (await CometChat.getLoggedinUser()) !== null) seen++;
    if (user !== null && how === "logout") await CometChat.logout().catch(() => undefined);
  }
  channel.postMessage({ end: true });
  return {
    wrong,
    seen,
    outcomes,
    logouts: events.filter((event) => event === "logoutSuccess").length,
  };
};

for (const engine of Object.keys(ENGINES)) {
  const renewals = renewalsIn(engine);
  const races = racesIn(engine);

  test(`${engine}: b6 ${renewals} renewals are no logout in two other tabs`, async () => {
    const { tabs, start, stop } = await openTabs(engine, 3);
    try {
      const [renewing, ...others] = tabs;
      const watching = [];
      for (const other of others) watching.push(await start(other, watch));
      const renewed = await (await start(renewing, renew, renewals))(60 + renewals);
      const heard = [];
      for (const [index, other] of others.entries()) {
        await other.run(() => void (window.enough = true));
        heard.push(await watching[index]());
      }
      console.log(
        `${engine}: ${renewals} renewals; in the two other tabs ${heard
          .map(
            ({ events, reads, nulls, rejected }) =>
              `${count(events, "loginSuccess")} loginSuccess, ` +
              `${count(events, "logoutSuccess")} logoutSuccess, ` +
              `${nulls} of ${reads} reads without a user, ${rejected.length} rejected`,
          )
          .join("; ")}`,
      );
      assert.deepEqual(new Set(renewed.events), new Set(["loginSuccess"]));
      assert.deepEqual([renewed.events.length, renewed.kept], [renewals, true]);
      for (const { events, nulls, rejected, reads } of heard) {
        assert.equal(count(events, "logoutSuccess"), 0, "logoutSuccess");
        assert.ok(count(events, "loginSuccess") > 0, "renewals are heard");
        assert.deepEqual([nulls, rejected], [0, []], "a user is there at all times");
        assert.ok(reads > 0);
      }
    } finally {
      await stop();
    }
  });

  for (const [how, promise] of [
    ["logout", "brings no session back"],
    ["renewal", "puts no old token back"],
  ]) {
    test(`${engine}: b15 a refresh ${promise}, in ${races} races with a ${how}`, async () => {
      const { tabs, start, stop } = await openTabs(engine, 2);
      try {
        const changing = await start(tabs[0], change, { races, how });
        const refreshing = await start(tabs[1], refresh);
        const { wrong, seen, outcomes, logouts } = await changing(60 + races);
        await refreshing();
        console.log(
          `${engine}: ${races} races of a ${how} against a refresh, ${wrong} lost; ` +
            `refreshes: ${JSON.stringify(outcomes)}`,
        );
        assert.deepEqual([wrong, seen], [0, 0]);
        assert.equal(logouts, how === "logout" ? races : 0);
        if (how === "renewal") assert.deepEqual(outcomes, { user: races });
      } finally {
        await stop();
      }
    });
  }
}
