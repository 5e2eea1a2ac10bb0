/** What an `init` says of the page, beside its arguments; the ids are made out of what is new each time. */
export function page(): Record<string, unknown> {
  return {
    userAgent: globalThis.navigator?.userAgent,
    hostName: globalThis.location?.hostname,
    forDevice: newId("_"),
    forTab: newId("-"),
  };
}

/** What is unlike any other: a random UUID (version 4) and the time in milliseconds. */
function newId(between: string): string {
  const bytes = new Uint8Array(31);
  // Where there is no chance to be had, the time alone has to tell ids apart.
  globalThis.crypto?.getRandomValues?.(bytes);
  let at = 0;
  // 0, 1 and 8 stand for chance: of four bits, and of the two that the variant leaves free.
  const uuid = "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (+digit ^ (bytes[at++]! & (15 >> (+digit / 4)))).toString(16),
  );
  return uuid + between + Date.now();
}
