/** Memory after start, and after many logins and logouts. */
import { CLIENTS, CONTENDERS } from "../contenders.mjs";
import { expectUser, fresh, seedSession, TOKEN, USER, visit } from "../environment.mjs";
import { answerFetch, countWasmMemory, inTurn, memoryOf } from "../rounds.mjs";

export async function memory(environment, options) {
  const started = await afterStart(environment, options);
  const churned = await afterLogins(environment, options);
  return { rows: [...started.rows, ...churned.rows], notes: [...started.notes, ...churned.notes] };
}

async function afterStart(environment, { quick }) {
  const series = await inTurn(
    CONTENDERS,
    quick ? 1 : 5,
    async (contender) => {
      const measured = async (path) =>
        fresh(environment, async (page) => {
          if (path !== "/empty") await seedSession(environment, page, contender);
          await page.addInitScript(countWasmMemory);
          await visit(page, contender, path);
          if (path !== "/empty") await expectUser(page, contender, USER.uid);
          return memoryOf(page, await page.context().newCDPSession(page));
        });
      const empty = await measured("/empty");
      const { heap, outside, wasm, all } = await measured("/");
      if (contender.name === "ours" && wasm === 0)
        throw new Error(
          "no WebAssembly memory was found where there must be one: see countWasmMemory",
        );
      return {
        added: all - empty.all,
        all,
        heap: heap - empty.heap,
        outside: outside - empty.outside,
        wasm,
      };
    },
    { warmUp: false },
  );
  const row = (id, title, values, max) => ({
    id: `memory-${id}`,
    title,
    unit: "KB",
    scale: 1 / 1024,
    values,
    ...(max && { targets: [{ max }] }),
  });
  return {
    rows: [
      row(
        "start",
        "memory after start, user known: what is there more than on an empty page",
        series.added,
        0.4,
      ),
      row("start-heap", "… of that JavaScript's heap", series.heap),
      row(
        "start-outside",
        "… of that held by the heap outside of it (sources, buffers)",
        series.outside,
      ),
      row("start-wasm", "… of that WebAssembly memory", series.wasm),
      row("start-all", "memory after start, the empty page included", series.all),
    ],
    notes: [
      "Memory: JavaScript's heap after collecting, what it holds outside, and the WebAssembly's " +
        "memory in its full size, whether it was touched or not.",
    ],
  };
}

async function afterLogins(environment, { quick }) {
  const [first, all] = quick ? [100, 300] : [1000, 10_000];
  const figures = { growth: {}, early: {}, late: {}, perCycle: {} };
  for (const contender of CLIENTS) {
    await fresh(environment, async (page) => {
      await page.addInitScript(countWasmMemory);
      await page.addInitScript(answerFetch, environment.me);
      await visit(page, contender, "/lab");
      await page.evaluate(() => window.start());
      const cdp = await page.context().newCDPSession(page);
      let spent = 0;
      const cycles = async (count) => {
        spent += await page.evaluate(
          async ({ token, uid, count }) => {
            const begin = performance.now();
            for (let i = 0; i < count; i++) {
              const user = await CometChat.login(token);
              if (user.getUid() !== uid) throw new Error(`logged in as ${user.getUid()}`);
              await CometChat.logout();
            }
            if ((await CometChat.getLoggedinUser()) !== null) throw new Error("still logged in");
            return performance.now() - begin;
          },
          { token: TOKEN, uid: USER.uid, count },
        );
      };
      await cycles(first);
      const early = await memoryOf(page, cdp);
      await cycles(all - first);
      // By then a client has finished its work after the login.
      if (!quick) await page.waitForTimeout(7_000);
      const late = await memoryOf(page, cdp);
      figures.early[contender.name] = [early.all];
      figures.late[contender.name] = [late.all];
      figures.growth[contender.name] = [(late.all / early.all - 1) * 100];
      figures.perCycle[contender.name] = [(spent * 1000) / all];
    });
  }
  const number = (count) => count.toLocaleString("en").replace(",", " ");
  return {
    rows: [
      {
        id: "memory-growth",
        title:
          `memory after ${number(all)} logins and logouts: growth since the first ` +
          `${number(first)}`,
        unit: "%",
        values: figures.growth,
        targets: [{ below: 5 }],
      },
      {
        id: "memory-early",
        title: `… after ${number(first)}, the page included`,
        unit: "KB",
        scale: 1 / 1024,
        values: figures.early,
      },
      {
        id: "memory-late",
        title: `… after ${number(all)}, the page included`,
        unit: "KB",
        scale: 1 / 1024,
        values: figures.late,
      },
      {
        id: "memory-cycle",
        title: "… one login and logout without a network",
        unit: "µs",
        values: figures.perCycle,
      },
    ],
    notes: [
      "For the many logins the page's own `fetch` answers in the service's place, with the " +
        "service's words.",
    ],
  };
}
