/** How the cost of a call grows with the amount of data. */
import { APP, CLIENTS } from "../contenders.mjs";
import { fresh, seedSession, TOKEN, visit } from "../environment.mjs";
import { answerFetch } from "../rounds.mjs";
import { rotated } from "../statistics.mjs";
import { openWithSession, perCall } from "./calls.mjs";

/**
 * A curve: `sizes`, and for each contender a series for each size. `limit`: the highest ratio of
 * the cost at the largest size to the cost at the smallest.
 *
 * @typedef {{
 *   id: string, title: string, unit: string, what: string,
 *   sizes: number[], values: Record<string, number[][]>, limit: number
 * }} Curve
 */

export async function growth(environment, options) {
  return {
    rows: [],
    curves: [
      await metadata(environment, options),
      await listeners(environment, options),
      ...(await tabs(environment, options)),
      await apps(environment, options),
    ],
    notes: [],
  };
}

/** Everybody at every size, in turn, for some rounds. */
async function curve(contenders, sizes, rounds, measure) {
  const values = Object.fromEntries(contenders.map(({ name }) => [name, sizes.map(() => [])]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of rotated(contenders, round)) {
      for (const [i, size] of rotated([...sizes.entries()], round))
        values[contender.name][i].push(await measure(contender, size));
    }
  }
  return values;
}

/** An object that is this many bytes of JSON. */
function metadataOf(bytes) {
  const entries = [];
  const length = () => JSON.stringify({ entries, rest: "" }).length;
  while (length() + 90 < bytes)
    entries.push({
      id: entries.length,
      name: `Badge number ${entries.length}`,
      since: "2024-03-01",
      shown: true,
    });
  return { entries, rest: "x".repeat(Math.max(0, bytes - length())) };
}

async function metadata(environment, { quick }) {
  const sizes = quick ? [100, 5000] : [100, 500, 1000, 2500, 5000];
  const context = await environment.browser.newContext();
  try {
    const pages = {};
    for (const contender of CLIENTS) {
      const page = (pages[contender.name] = await openWithSession(
        environment,
        context,
        contender,
        metadataOf(sizes[0]),
      ));
      await perCall(page, 10_000);
    }
    const entry = `${APP}:common_store/user`;
    const values = await curve(CLIENTS, sizes, quick ? 2 : 10, async ({ name }, bytes) => {
      await pages[name].evaluate(
        ({ entry, metadata }) => {
          const user = JSON.parse(JSON.parse(localStorage.getItem(entry)));
          localStorage.setItem(entry, JSON.stringify(JSON.stringify({ ...user, metadata })));
        },
        { entry, metadata: metadataOf(bytes) },
      );
      // The first call after a change may read and check; what is asked is what each call costs.
      await perCall(pages[name], 500);
      return perCall(pages[name], 1000);
    });
    return {
      id: "growth-metadata",
      title: "metadata of 0.1 to 5 KB",
      what: "`getLoggedinUser()`",
      unit: "µs",
      sizes,
      values,
      limit: sizes.at(-1) / sizes[0],
    };
  } finally {
    await context.close();
  }
}

/** Those with listeners and with other tabs: the hand-written client has neither. */
const WHOLE = CLIENTS.filter(({ name }) => name !== "handwritten");

async function listeners(environment, { quick }) {
  const sizes = quick ? [1, 1000] : [1, 10, 100, 1000];
  const context = await environment.browser.newContext();
  try {
    const pages = {};
    for (const contender of WHOLE)
      pages[contender.name] = await openWithSession(environment, context, contender);
    const values = await curve(WHOLE, sizes, quick ? 1 : 6, ({ name }, count) =>
      pages[name].evaluate(
        async ({ count, token }) => {
          let heard = 0;
          const listener = () => new CometChat.LoginListener({ loginSuccess: () => void heard++ });
          for (let i = 0; i < count; i++) CometChat.addLoginListener(`bench-${i}`, listener());
          const rounds = Math.max(10, Math.ceil(500 / count));
          const begin = performance.now();
          for (let i = 0; i < rounds; i++) await CometChat.login(token);
          const spent = performance.now() - begin;
          for (let i = 0; i < count; i++) CometChat.removeLoginListener(`bench-${i}`);
          if (heard !== rounds * count)
            throw new Error(`${heard} events where ${rounds * count} were due`);
          return (spent * 1000) / rounds;
        },
        { count, token: TOKEN },
      ),
    );
    return {
      id: "growth-listeners",
      title: "1 to 1 000 listeners",
      what: "`login` as who is logged in already",
      unit: "µs",
      sizes,
      values,
      limit: sizes.at(-1) / sizes[0],
    };
  } finally {
    await context.close();
  }
}

async function tabs(environment, { quick }) {
  const sizes = quick ? [1, 5] : [1, 5, 10, 20];
  const rounds = quick ? 1 : 5;
  const calls = Object.fromEntries(WHOLE.map(({ name }) => [name, sizes.map(() => [])]));
  const logins = Object.fromEntries(WHOLE.map(({ name }) => [name, sizes.map(() => [])]));
  for (const contender of WHOLE) {
    await fresh(environment, async (page, context) => {
      await context.addInitScript(answerFetch, environment.me);
      await seedSession(environment, page, contender);
      await visit(page, contender, "/lab");
      await page.evaluate(() => window.start());
      await perCall(page, 20_000);
      for (const [i, size] of sizes.entries()) {
        while (context.pages().length < size) {
          const tab = await context.newPage();
          await visit(tab, contender, "/lab");
          await tab.evaluate(() => {
            // Under automation every page takes itself to be focused; the official client heeds
            // other tabs only while it is not.
            document.hasFocus = () => false;
            return window.start();
          });
        }
        await perCall(page, 5_000);
        for (let round = 0; round < rounds; round++) {
          calls[contender.name][i].push(await perCall(page, 2_000));
          logins[contender.name][i].push(
            await page.evaluate(async (token) => {
              await CometChat.logout();
              // The other tabs' work on the logout is not to be in the figure of the login.
              await new Promise((resolve) => setTimeout(resolve, 100));
              const begin = performance.now();
              await CometChat.login(token);
              return performance.now() - begin;
            }, TOKEN),
          );
        }
      }
    });
  }
  return [
    {
      id: "growth-tabs",
      title: "1 to 20 tabs of the app",
      what: "`getLoggedinUser()`",
      unit: "µs",
      sizes,
      values: calls,
      limit: 1.5,
    },
    {
      id: "growth-tabs-login",
      title: "1 to 20 tabs of the app, without a network",
      what: "`login(token)`",
      unit: "ms",
      sizes,
      values: logins,
      limit: sizes.at(-1),
    },
  ];
}

async function apps(environment, { quick }) {
  const sizes = quick ? [1, 100] : [1, 10, 50, 100];
  const context = await environment.browser.newContext();
  try {
    const pages = {};
    for (const contender of CLIENTS) {
      pages[contender.name] = await openWithSession(environment, context, contender);
      await perCall(pages[contender.name], 10_000);
    }
    const values = await curve(CLIENTS, sizes, quick ? 1 : 6, async ({ name }, count) => {
      await pages[name].evaluate(
        ({ app, count }) => {
          const own = Object.keys(localStorage).filter((key) => key.startsWith(`${app}:`));
          for (const key of Object.keys(localStorage))
            if (!own.includes(key)) localStorage.removeItem(key);
          for (let i = 1; i < count; i++)
            for (const key of own)
              localStorage.setItem(key.replace(app, `other-app-${i}`), localStorage.getItem(key));
        },
        { app: APP, count },
      );
      await perCall(pages[name], 500);
      return perCall(pages[name], 2000);
    });
    return {
      id: "growth-apps",
      title: "1 to 100 apps with sessions on one origin",
      what: "`getLoggedinUser()`",
      unit: "µs",
      sizes,
      values,
      limit: 1.5,
    };
  } finally {
    await context.close();
  }
}
