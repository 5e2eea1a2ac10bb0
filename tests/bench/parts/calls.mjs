/** Time of repeated `getLoggedinUser()` calls. */
import { CLIENTS } from "../contenders.mjs";
import { METADATA, seedSession, USER, visit } from "../environment.mjs";
import { inTurn } from "../rounds.mjs";

/** Microseconds per call. */
export const perCall = (page, count) =>
  page.evaluate(async (count) => {
    const begin = performance.now();
    for (let i = 0; i < count; i++) await CometChat.getLoggedinUser();
    return ((performance.now() - begin) * 1000) / count;
  }, count);

/**
 * A page with a session and a started client. First checks that each answer is right and a new
 * object.
 */
export async function openWithSession(environment, context, contender, metadata = METADATA) {
  const page = await context.newPage();
  await seedSession(environment, page, contender, { ...environment.me, metadata });
  await visit(page, contender, "/lab");
  const said = await page.evaluate(async () => {
    await window.start();
    const [a, b] = [await CometChat.getLoggedinUser(), await CometChat.getLoggedinUser()];
    return {
      uid: a.getUid(),
      metadata: JSON.stringify(a.getMetadata()),
      fresh: a !== b && a.getMetadata() !== b.getMetadata(),
    };
  });
  if (said.uid !== USER.uid || said.metadata !== JSON.stringify(metadata) || !said.fresh) {
    throw new Error(
      `${contender.label} does not answer getLoggedinUser() with a new object of the stored ` +
        `user: ${JSON.stringify(said)}`,
    );
  }
  return page;
}

export async function calls(environment, { quick }) {
  const context = await environment.browser.newContext();
  try {
    const pages = {};
    for (const contender of CLIENTS) {
      pages[contender.name] = await openWithSession(environment, context, contender);
      // Warm up until the engine has optimised the code.
      await perCall(pages[contender.name], quick ? 2_000 : 20_000);
    }
    const series = await inTurn(CLIENTS, quick ? 5 : 60, async ({ name }) => ({
      call: await perCall(pages[name], 3_000),
    }));
    return {
      rows: [
        {
          id: "call",
          title: "`getLoggedinUser()`, each time a new object, metadata of 0.5 KB",
          unit: "µs",
          values: series.call,
          targets: [{ max: 0.5 }, { max: 1, against: "handwritten" }],
        },
      ],
      notes: [],
    };
  } finally {
    await context.close();
  }
}
