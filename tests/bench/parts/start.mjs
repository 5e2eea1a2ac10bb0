/** Time from navigation until `init` has resolved and until the logged-in user is known. */
import { CONTENDERS } from "../contenders.mjs";
import { expectUser, fresh, seedSession, USER, visit } from "../environment.mjs";
import { inTurn } from "../rounds.mjs";

/** 1.6 Mbit/s and 150 ms per round trip: what Lighthouse calls slow 4G. */
const SLOW = { roundTripMs: 150, bytesPerSecond: 200_000 };

/** The page's own times, in milliseconds since the navigation started. */
const times = (page) =>
  page.evaluate(() => {
    const [init, user] = ["init", "user"].map(
      (name) => performance.getEntriesByName(name)[0].startTime,
    );
    const [html] = performance.getEntriesByType("navigation");
    const script = performance
      .getEntriesByType("resource")
      .find(({ name }) => name.endsWith("/start.js"));
    return { init, user, html: html.responseEnd, script: script.responseEnd };
  });

/** No user is logged in, nothing is cached, no connection is open. */
async function cold(environment, rounds, line) {
  environment.site.set(line);
  try {
    return await inTurn(CONTENDERS, rounds, (contender) =>
      fresh(environment, async (page) => {
        const before = environment.site.opened();
        await visit(page, contender);
        await expectUser(page, contender, null);
        if (environment.site.opened() === before)
          throw new Error("a cold start made no connection: it was not cold");
        const { init, html, script } = await times(page);
        return { init, afterHtml: init - html, afterScript: init - script };
      }),
    );
  } finally {
    environment.site.set();
  }
}

/**
 * A user is logged in and has visited before: the files are cached, and from the third visit on
 * also the compiled JavaScript.
 */
async function warm(environment, rounds, line, visits) {
  return inTurn(CONTENDERS, rounds, (contender) =>
    fresh(environment, async (page) => {
      await seedSession(environment, page, contender);
      environment.site.set(line);
      try {
        const seen = {};
        for (let i = 1; i <= visits; i++) {
          await visit(page, contender);
          await expectUser(page, contender, USER.uid);
          const { user, html } = await times(page);
          if (i === 2) Object.assign(seen, { second: user, secondAfterHtml: user - html });
          if (i === 6) Object.assign(seen, { sixth: user, sixthAfterHtml: user - html });
        }
        return seen;
      } finally {
        environment.site.set();
      }
    }),
  );
}

const whySlow = ({ share, figure }) =>
  `The page itself (TCP, TLS, HTML) takes ${(figure("start-cold-slow", "official") - figure("start-cold-slow-html", "official")).toFixed(0)} ms of the official SDK's ${figure("start-cold-slow", "official")} before
  any script is asked for, and the smallest script one more round trip: hand-written JS reaches ${share("start-cold-slow", "handwritten")}, so the target lies below the floor. What is above that are our bytes on this
  line, and ${(figure("start-cold-script") - figure("start-cold-script", "handwritten")).toFixed(0)} ms of work.
  It would take a page that carries the script in its HTML: a round trip less, for every contender.`.replace(
    /\s+/g,
    " ",
  );

const whyCold = ({ figure }) =>
  `After the app's script has come, hand-written JS needs ${figure("start-cold-script", "handwritten")} ms and ours ${figure("start-cold-script")}: compiling the WebAssembly, the first call.
  It would take less code.`.replace(/\s+/g, " ");

const whyWarm =
  (id) =>
  ({ share, figure }) =>
    `Hand-written JS reaches ${share(id, "handwritten")}: ${figure(id, "handwritten")} ms are what a page costs that does nothing else, so the target lies below the floor. The official SDK's
    JavaScript comes compiled out of Chromium's cache; of a WebAssembly inside a script Chromium keeps nothing, and reads and compiles it at each visit. It would take one that browsers keep compiled.`.replace(
      /\s+/g,
      " ",
    );

export async function start(environment, { quick }) {
  const open = await cold(environment, quick ? 3 : 20, {});
  const slow = await cold(environment, quick ? 1 : 8, SLOW);
  const again = await warm(environment, quick ? 2 : 20, {}, 6);
  const row = (id, title, values, max, why) => ({
    id: `start-${id}`,
    title,
    unit: "ms",
    values,
    ...(max && { targets: [{ max, why }] }),
  });
  return {
    rows: [
      row(
        "cold-slow",
        "cold, 1.6 Mbit/s and 150 ms: navigation → `init` resolved",
        slow.init,
        0.5,
        whySlow,
      ),
      row("cold-slow-html", "… of that after the page's HTML has come", slow.afterHtml),
      row("cold", "cold, unthrottled: navigation → `init` resolved", open.init, 0.6, whyCold),
      row("cold-html", "… of that after the page's HTML has come", open.afterHtml),
      row("cold-script", "… of that after the app's script has come", open.afterScript),
      row(
        "warm",
        "warm, second visit: navigation → user known",
        again.second,
        0.5,
        whyWarm("start-warm"),
      ),
      row("warm-html", "… of that after the page's HTML has come", again.secondAfterHtml),
      row(
        "warm-often",
        "warm, sixth visit: navigation → user known",
        again.sixth,
        0.5,
        whyWarm("start-warm-often"),
      ),
      row("warm-often-html", "… of that after the page's HTML has come", again.sixthAfterHtml),
    ],
    notes: [
      "HTTP/2 over TLS 1.3, brotli for all. Cold: a browser profile of its own for each run; " +
        "the page's own connection (TCP, TLS) and HTML are in the figure, alike for all.",
      "Warm: the session is stored, the files are in the browser's cache. From some visit on " +
        "Chromium also keeps what it compiled of the JavaScript; it keeps nothing of a " +
        "WebAssembly that travels inside a script.",
      "cometchat-auth is one file with the app. cometchat-auth/lazy asks for the WebAssembly " +
        "when `init` is called: a round trip later, but the app's own script is there before.",
      "supabase auth-js: `initialize()`, then `getSession()`. oidc-client-ts has no start of " +
        "its own: `getUser()`.",
    ],
  };
}
