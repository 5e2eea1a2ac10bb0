/** What starting costs the page's main thread, on a processor that Chromium slows down four times: about a phone of the middle class. */
import { CONTENDERS } from "../contenders.mjs";
import { expectUser, fresh, visit } from "../house.mjs";
import { inTurn } from "../rounds.mjs";

const SLOWER = 4;

export async function blocking(house, { quick }) {
  const series = await inTurn(CONTENDERS, quick ? 1 : 10, (contender) =>
    fresh(house, async (page) => {
      const cdp = await page.context().newCDPSession(page);
      // On its origin first, because the counters begin anew with the process.
      await visit(page, contender, "/empty");
      await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
      await cdp.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
      const counters = async () =>
        Object.fromEntries(
          (await cdp.send("Performance.getMetrics")).metrics.map(({ name, value }) => [
            name,
            value,
          ]),
        );
      const before = await counters();
      await visit(page, contender);
      const after = await counters();
      await expectUser(page, contender, null);
      const page_ = await page.evaluate(
        () =>
          new Promise((resolve) => {
            const init = performance.getEntriesByName("init")[0].startTime;
            const observer = new PerformanceObserver((list) => finish(list.getEntries()));
            const finish = (tasks) =>
              resolve({
                init,
                blocked: tasks.reduce((sum, { duration }) => sum + Math.max(0, duration - 50), 0),
              });
            observer.observe({ type: "longtask", buffered: true });
            // Where no task was long nobody is told of any.
            setTimeout(() => finish(observer.takeRecords()), 300);
          }),
      );
      const spent = (name) => (after[name] - before[name]) * 1000;
      return { ...page_, task: spent("TaskDuration"), script: spent("ScriptDuration") };
    }),
  );
  const row = (id, title, values) => ({ id: `blocking-${id}`, title, unit: "ms", values });
  return {
    rows: [
      row(
        "init",
        `cold, processor ${SLOWER} times slower: navigation → \`init\` resolved`,
        series.init,
      ),
      row(
        "longtasks",
        "main thread blocked meanwhile (what each task has above 50 ms)",
        series.blocked,
      ),
      row("task", "main thread busy for a start, all tasks, processor time", series.task),
      row("script", "… of that in scripts", series.script),
    ],
    notes: [
      "Processor time is what the thread itself used, as Chromium counts it; compiling WebAssembly happens on other threads for the most part.",
    ],
  };
}
