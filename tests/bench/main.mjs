/**
 * `cargo xtask bench`: compares this package, the official SDK and others in one Chromium.
 *
 *     node main.mjs [--quick] [--only NAME]... [--check] [--results FILE] [--page FILE]
 *
 * `--results`: file for all runs, as JSON. `--page`: file for the tables; only a complete run that
 * is not `--quick` writes it. With `CCA_PKG_BEFORE`, the folder of another build of the package,
 * that build is measured beside this one, and no page is written.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { openEnvironment } from "./environment.mjs";
import { blocking } from "./parts/blocking.mjs";
import { bytes } from "./parts/bytes.mjs";
import { calls } from "./parts/calls.mjs";
import { growth } from "./parts/growth.mjs";
import { login } from "./parts/login.mjs";
import { memory } from "./parts/memory.mjs";
import { start } from "./parts/start.mjs";
import { markdown, verdicts } from "./report.mjs";
import { summary } from "./statistics.mjs";

const PARTS = { bytes, start, blocking, calls, login, memory, growth };

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    check: { type: "boolean", default: false },
    results: { type: "string" },
    page: { type: "string" },
  },
});
const unknown = options.only.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(
    `There is no part ${unknown.join(", ")}; there are ${Object.keys(PARTS).join(", ")}.`,
  );
  process.exit(2);
}
const names = Object.keys(PARTS).filter(
  (name) => options.only.length === 0 || options.only.includes(name),
);
const began = performance.now();
// Load of the machine: at the start, and the highest between two parts (the benchmark included).
const idle = loadavg()[0];
let load = idle;
if (idle > availableParallelism() / 2) {
  console.error(
    `The machine is busy (load ${idle.toFixed(1)} on ${availableParallelism()} processors): ` +
      "times will vary, and small ratios with them.",
  );
}
const environment = await openEnvironment();
const parts = {};
let browser;
try {
  browser = `Chromium ${environment.browser.version()}`;
  for (const name of names) {
    const start = performance.now();
    parts[name] = await PARTS[name](environment, options);
    load = Math.max(load, loadavg()[0]);
    console.error(`${((performance.now() - start) / 1000).toFixed(1).padStart(8)} s  ${name}`);
  }
} finally {
  await environment.close();
}

const command = [
  "cargo xtask bench",
  ...(options.quick ? ["--quick"] : []),
  ...options.only.map((name) => `--only ${name}`),
].join(" ");
const run = {
  command,
  browser,
  machine:
    `${cpus().length} × ${cpus()[0].model.trim()}, load average ${idle.toFixed(1)} before and ` +
    `at most ${load.toFixed(1)} meanwhile`,
  minutes: Number(((performance.now() - began) / 60_000).toFixed(1)),
};
const write = (file, content) => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  console.error(`written: ${file}`);
};
const described = (runs) => ({ ...summary(runs), all: runs });
if (options.results) {
  const rows = Object.values(parts).flatMap(({ rows }) =>
    rows.map(({ id, title, unit, values }) => ({
      id,
      title,
      unit,
      series: mapped(values, described),
    })),
  );
  const curves = Object.values(parts).flatMap(({ curves = [] }) =>
    curves.map(({ values, ...curve }) => ({
      ...curve,
      series: mapped(values, (sizes) => sizes.map(described)),
    })),
  );
  write(
    options.results,
    `${JSON.stringify({ ...run, targets: verdicts(parts), rows, curves }, null, 1)}\n`,
  );
}
const text = markdown(parts, run);
console.log(text);
if (options.page && !options.quick && options.only.length === 0 && !process.env.CCA_PKG_BEFORE) {
  write(options.page, text);
}
const judged = verdicts(parts);
const missed = judged.filter(({ met }) => !met);
console.error(`${judged.length - missed.length} of ${judged.length} targets met`);
if (options.check && missed.length > 0) {
  process.exitCode = 1;
}

function mapped(object, change) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
}
