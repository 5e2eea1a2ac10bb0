/** `getLoggedinUser()`, call after call, as a page does it that asks rather than remembers. */
import { CLIENTS } from "../contenders.mjs";
import { METADATA, seedSession, USER, visit } from "../house.mjs";
import { inTurn } from "../rounds.mjs";

/** Microseconds per call. */
export const perCall = (page, count) =>
  page.evaluate(async (count) => {
    const begin = performance.now();
    for (let i = 0; i < count; i++) await CometChat.getLoggedinUser();
    return ((performance.now() - begin) * 1000) / count;
  }, count);

/** A page with a session on which the client is started; that what it says is right, and new each time, is seen first. */
export async function openWithSession(house, context, contender, metadata = METADATA) {
  const page = await context.newPage();
  await seedSession(house, page, contender, { ...house.me, metadata });
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
      `${contender.label} does not answer getLoggedinUser() with a new object of the stored user: ${JSON.stringify(said)}`,
    );
  }
  return page;
}

export async function calls(house, { quick }) {
  const context = await house.browser.newContext();
  try {
    const pages = {};
    for (const contender of CLIENTS) {
      pages[contender.name] = await openWithSession(house, context, contender);
      // Until the engine has optimised what it is going to.
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
