/**
 * Main-thread time of the start, with Chromium's processor throttled four times (a mid-range
 * phone).
 */
import { CONTENDERS } from "../contenders.mjs";
import { expectUser, fresh, visit } from "../environment.mjs";
import { inTurn } from "../rounds.mjs";

const SLOWER = 4;

export async function blocking(environment, { quick }) {
  const series = await inTurn(CONTENDERS, quick ? 1 : 10, (contender) =>
    fresh(environment, async (page) => {
      const cdp = await page.context().newCDPSession(page);
      // Open the origin first, because the counters start again with each process.
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
            // Without a long task there is no entry.
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
      "Processor time is what the thread itself used, as Chromium counts it; compiling " +
        "WebAssembly happens on other threads for the most part.",
    ],
  };
}
