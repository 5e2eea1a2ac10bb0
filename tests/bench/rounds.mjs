/** Measures in turn (A B C, B C A, C A B …), so that the machine's load affects all alike. */
import { rotated } from "./statistics.mjs";

/**
 * Runs `measure` for each contender in each round, after one uncounted round. Returns a series for
 * each figure of each contender.
 *
 * @template {{name: string}} C
 * @param {C[]} contenders
 * @param {number} rounds
 * @param {(contender: C, round: number) => Promise<Record<string, number>>} measure
 * @param {{warmUp?: boolean}} [options]
 * @returns {Promise<Record<string, Record<string, number[]>>>} figure → name → one value for each round
 */
export async function inTurn(contenders, rounds, measure, { warmUp = true } = {}) {
  const series = {};
  for (let round = warmUp ? -1 : 0; round < rounds; round++) {
    for (const contender of rotated(contenders, Math.max(round, 0))) {
      const figures = await measure(contender, round);
      if (round < 0) continue;
      for (const [figure, value] of Object.entries(figures)) {
        ((series[figure] ??= {})[contender.name] ??= []).push(value);
      }
    }
  }
  return series;
}

/**
 * Runs in every page before its scripts. `wasmBytes()` returns the size of all WebAssembly memories
 * that are in use.
 */
export function countWasmMemory() {
  const memories = new Set();
  const known = new WeakSet();
  // A weak reference: the page may have given up the memory.
  const count = (memory) => {
    if (!known.has(memory)) memories.add(new WeakRef(memory));
    known.add(memory);
  };
  globalThis.wasmBytes = () =>
    [...memories].reduce((sum, memory) => sum + (memory.deref()?.buffer.byteLength ?? 0), 0);
  const look = (instance) => {
    for (const exported of Object.values(instance.exports)) {
      if (exported instanceof WebAssembly.Memory) count(exported);
    }
    return instance;
  };
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const real = WebAssembly[name];
    WebAssembly[name] = async (...args) => {
      const result = await real.apply(WebAssembly, args);
      look(result.instance ?? result);
      return result;
    };
  }
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct: (target, args, as) => look(Reflect.construct(target, args, as)),
  });
  WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
    construct(target, args, as) {
      const memory = Reflect.construct(target, args, as);
      count(memory);
      return memory;
    },
  });
}

/**
 * Runs in every page before its scripts. `fetch` responds as the service does, without a network.
 *
 * @param {object} me the `data` of `PUT me`
 */
export function answerFetch(me) {
  const reply = (data) =>
    new Response(JSON.stringify({ data }), { headers: { "content-type": "application/json" } });
  globalThis.fetch = async (target, options) => {
    const { method, url } =
      target instanceof Request
        ? target
        : { method: options?.method ?? "GET", url: String(target) };
    if (method === "DELETE") return reply({ success: true, message: "Bye." });
    if (method === "PUT" && url.endsWith("/me")) {
      const token = new Headers(options?.headers ?? target.headers).get("authToken");
      return reply({ ...me, authToken: token });
    }
    return reply({});
  };
}

/**
 * Memory in use after garbage collection: the JavaScript heap, external data (sources, buffers) and
 * the WebAssembly memories.
 *
 * @param {import("playwright-core").Page} page one with `countWasmMemory`
 * @param {import("playwright-core").CDPSession} cdp
 */
export async function memoryOf(page, cdp) {
  // Twice: the first collection may run finalisers that release more.
  await cdp.send("HeapProfiler.collectGarbage");
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize } = await cdp.send("Runtime.getHeapUsage");
  const wasm = await page.evaluate(() => globalThis.wasmBytes());
  if (backingStorageSize === undefined) {
    throw new Error(
      "this Chromium does not say what its heap holds outside (backingStorageSize): it is too " +
        "old for this measurement",
    );
  }
  return {
    heap: usedSize,
    outside: backingStorageSize,
    wasm,
    all: usedSize + backingStorageSize + wasm,
  };
}
