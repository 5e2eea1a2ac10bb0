/**
 * `login` over TLS, with time added to each round trip: on connections that have yet to be made,
 * and on open ones.
 */
import { CLIENTS } from "../contenders.mjs";
import { fresh, freshProfile, TOKEN, USER, visit } from "../environment.mjs";
import { inTurn } from "../rounds.mjs";

/** How long after `init` the login is called. */
const WHEN = { later: 1000, atOnce: 0 };
const KINDS = ["key", "token"];

/** Milliseconds from the call of `login` until its promise has resolved. */
const logIn = (page, args, wait) =>
  page.evaluate(
    async ({ args, wait, uid }) => {
      if (wait !== undefined) {
        await window.start();
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      }
      const begin = performance.now();
      const user = await CometChat.login(...args);
      const spent = performance.now() - begin;
      if (user.getUid() !== uid) throw new Error(`logged in as ${user.getUid()}`);
      return spent;
    },
    { args, wait, uid: USER.uid },
  );

export async function login(environment, { quick }) {
  const rows = [];
  for (const [roundTripMs, rounds] of quick
    ? [[100, 1]]
    : [
        [0, 5],
        [50, 3],
        [100, 5],
      ]) {
    const measured = {};
    for (const [when, wait] of Object.entries(WHEN)) {
      const series = await inTurn(
        CLIENTS,
        rounds,
        async (contender) => {
          const figures = {};
          for (const kind of KINDS)
            Object.assign(
              figures,
              await coldThenWarm(environment, contender, kind, wait, roundTripMs),
            );
          return figures;
        },
        // Once for the whole part, so that caches outside the profile are warm.
        { warmUp: rows.length === 0 && when === "later" && !quick },
      );
      for (const kind of KINDS) {
        measured[`${kind}-${when}`] = series[`${kind}-cold`];
        const warm = (measured[`${kind}-warm`] ??= {});
        for (const [name, values] of Object.entries(series[`${kind}-warm`]))
          (warm[name] ??= []).push(...values);
      }
    }
    const what = { key: "`login(uid, key)`", token: "`login(token)`" };
    const how = {
      later: "cold connections, 1 s after `init`",
      atOnce: "cold connections, at once after `init`",
      warm: "warm connections",
    };
    for (const kind of KINDS) {
      for (const state of ["later", "atOnce", "warm"]) {
        const targets =
          state === "warm"
            ? [{ max: 1 }]
            : kind === "key" && roundTripMs === 100
              ? [{ max: state === "later" ? 0.8 : 0.9 }]
              : undefined;
        rows.push({
          id: `login-${kind}-${state}-${roundTripMs}`,
          title: `${what[kind]}, ${roundTripMs} ms per round trip, ${how[state]}`,
          unit: "ms",
          values: measured[`${kind}-${state}`],
          targets,
        });
      }
    }
  }
  rows.push(await asking(environment, quick ? 1 : 8));
  return {
    rows,
    notes: [
      "Cold: a browser profile of its own for each run; that each host is connected to anew is " +
        "counted, and that a warm login connects to nothing. Each is an ordinary profile, as " +
        "visitors have one, not an incognito window, where Chromium does not follow the `<link " +
        'rel="preconnect">` of this package\'s `init` and a cold login takes everybody equally ' +
        "long. An ordinary profile takes a process of its own: the same Chromium with the same " +
        "switches for all.",
      "A cold login also asks the service's leave (CORS preflight); on warm connections the " +
        "browser remembers it for as long as the service allows (the emulator: two hours; how " +
        "long the real service does is not known to us). The official SDK asks each time all the " +
        'same, because it sends with `cache: "no-cache"`. The last row is what is left where the ' +
        "service does not allow it.",
      "The official SDK's socket is off (`autoEstablishSocketConnection(false)`), so that it " +
        "does not pay for a connection that the others do not make. The service is the emulator " +
        "of this repository.",
    ],
  };
}

/** Warm connections to a service whose preflights are never cached. */
async function asking(environment, rounds) {
  const roundTripMs = 100;
  await environment.control("POST", "faults", {
    match: { method: "OPTIONS" },
    act: { headers: { "access-control-max-age": "0" } },
  });
  try {
    const series = await inTurn(
      CLIENTS,
      rounds,
      (contender) => coldThenWarm(environment, contender, "key", 0, roundTripMs, fresh),
      { warmUp: false },
    );
    return {
      id: "login-key-asking-100",
      title:
        `\`login(uid, key)\`, ${roundTripMs} ms per round trip, warm connections, leave asked ` +
        "each time",
      unit: "ms",
      values: series["key-warm"],
      targets: [{ max: 1 }],
    };
  } finally {
    await environment.control("DELETE", "faults");
  }
}

/**
 * One profile: a login on cold connections, a logout, a login on the connections of the first.
 * `open`: for the warm login alone a context does.
 */
async function coldThenWarm(environment, contender, kind, wait, roundTripMs, open = freshProfile) {
  return open(environment, async (page) => {
    await visit(page, contender, "/lab");
    const args = kind === "key" ? [USER.uid, environment.emulator.authKey] : [TOKEN];
    environment.service.set({ roundTripMs });
    try {
      const before = environment.service.opened();
      const cold = await logIn(page, args, wait);
      const between = environment.service.opened();
      const hosts = kind === "key" ? 2 : 1;
      if (between - before < hosts)
        throw new Error(
          `${contender.label}: ${between - before} new connections for ${hosts} hosts: the ` +
            "login was not cold",
        );
      await page.evaluate(() => CometChat.logout());
      const idle = environment.service.opened();
      const warm = await logIn(page, args);
      if (environment.service.opened() !== idle)
        throw new Error(
          `${contender.label} made ${environment.service.opened() - idle} new connections: the ` +
            "login was not warm",
        );
      return { [`${kind}-cold`]: cold, [`${kind}-warm`]: warm };
    } finally {
      environment.service.set();
    }
  });
}
