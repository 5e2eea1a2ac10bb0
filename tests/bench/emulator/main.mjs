/**
 * `cargo xtask bench emulator`: the emulator's start, its token call beside `emulate`'s, and both of
 * its shells under load.
 *
 *     node main.mjs [--quick] [--page FILE]
 *
 * `--page`: file for the tables; a `--quick` run does not write it.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { Agent } from "node:http";
import { cpus, loadavg } from "node:os";
import { parseArgs, promisify } from "node:util";
import { wrapProse } from "../../support/prose.mjs";
import { compare, median, quantile, rotated } from "../statistics.mjs";
import { send, start, subjects } from "./subjects.mjs";

const { values: options } = parseArgs({
  options: { quick: { type: "boolean", default: false }, page: { type: "string" } },
});
const STARTS = options.quick ? 3 : 20;
const TOKEN_ROUNDS = options.quick ? 2 : 10;
const WARM_UP_SECONDS = 0.5;
const SECONDS = 1;
const CONNECTIONS = [1, 16];

const ms = (value) => value.toFixed(value < 10 ? 2 : 0);

/** Starts each emulator in turn, with a round that is not counted. */
async function starts(all) {
  const series = all.map(() => []);
  for (let round = -1; round < STARTS; round++) {
    for (const subject of rotated(all, Math.max(round, 0))) {
      const { startMs, stop } = await start(subject);
      await stop();
      if (round >= 0) series[all.indexOf(subject)].push(startMs);
    }
  }
  return series;
}

/** Token calls for some seconds over some connections: their latencies, in milliseconds. */
async function tokenCalls(subject, port, connections, seconds) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies = [];
  const end = performance.now() + seconds * 1000;
  const client = async () => {
    while (performance.now() < end) {
      const began = performance.now();
      const { status, text } = await send(agent, port, { method: "POST", ...subject.token });
      latencies.push(performance.now() - began);
      if (status !== 200 || !subject.token.read(JSON.parse(text)))
        throw new Error(`${subject.name}: ${status} ${text.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  agent.destroy();
  return latencies;
}

/**
 * The token calls of all, in turn. Each round starts the emulators anew, because emulate allows 5 000
 * calls an hour.
 */
async function tokens(all) {
  const rows = [];
  for (const connections of CONNECTIONS) {
    const latencies = all.map(() => []);
    const rates = all.map(() => []);
    for (let round = 0; round < TOKEN_ROUNDS; round++) {
      for (const subject of rotated(all, round)) {
        const at = all.indexOf(subject);
        const { port, stop } = await start(subject);
        try {
          await tokenCalls(subject, port, connections, WARM_UP_SECONDS);
          const found = await tokenCalls(subject, port, connections, SECONDS);
          latencies[at].push(...found);
          rates[at].push(found.length / SECONDS);
        } finally {
          await stop();
        }
      }
    }
    rows.push({ connections, latencies, rates });
  }
  return rows;
}

/** The tables of the load generator, for one shell. */
async function load(emulator, users) {
  const seconds = options.quick ? "1" : "2";
  const { stdout } = await promisify(execFile)(
    process.env.CCA_EMULATOR_LOAD,
    ["--emulator", emulator, "--users", users, "--seconds", seconds],
    { maxBuffer: 1 << 24 },
  );
  return stdout.trim();
}

const began = performance.now();
const idle = loadavg()[0];
const all = subjects();
const emulate = all.length - 1;
console.error("starts");
const started = await starts(all);
console.error("token calls");
const called = await tokens(all);
console.error("load, native");
const native = await load(
  process.env.CCA_EMULATOR_RELEASE,
  options.quick ? "100" : "100,10000,100000",
);
console.error("load, npm");
const npm = await load(process.env.CCA_EMULATOR_NPM, options.quick ? "100" : "100,10000");

const ratioTo = (values, base) => {
  const { ratio, q1, q3 } = compare(values, base);
  return `${ratio.toFixed(2)} (${q1.toFixed(2)}–${q3.toFixed(2)})`;
};
const page = wrapProse(`# Emulator benchmarks

\`\`\`sh
cargo xtask bench emulator
\`\`\`

writes this page. ${cpus().length} × ${cpus()[0].model.trim()}, load average ${idle.toFixed(1)}
before, ${((performance.now() - began) / 60_000).toFixed(1)} minutes. Clients and emulators share the machine. All are measured in
turn; a ratio is that of the medians, with the quartiles of the ratios round by round.

[emulate](https://github.com/vercel-labs/emulate) emulates other services, so only what both do is
compared: starting, and creating a random token that is kept. Its token is that of OAuth's client
credentials at its Okta.

## Start

From the start of the process to the first response: the median of ${STARTS} starts.

| | ms | quartiles | ratio to emulate |
| --- | ---: | ---: | ---: |
${all
  .map(({ name }, at) => {
    const values = started[at];
    const quartiles = `${ms(quantile(values, 0.25))}–${ms(quantile(values, 0.75))}`;
    return `| ${name} | ${ms(median(values))} | ${quartiles} | ${ratioTo(values, started[emulate])} |`;
  })
  .join("\n")}

## A token call

The client is Node's \`http\`, the same for all, and limits the fastest.

| | connections | a second | p50 ms | p99 ms | calls a second: ratio to emulate |
| --- | ---: | ---: | ---: | ---: | ---: |
${called
  .flatMap(({ connections, latencies, rates }) =>
    all.map(
      ({ name }, at) =>
        `| ${name} | ${connections} | ${median(rates[at]).toFixed(0)} | ${ms(median(latencies[at]))} | ${ms(quantile(latencies[at], 0.99))} | ${ratioTo(rates[at], rates[emulate])} |`,
    ),
  )
  .join("\n")}

## Load, native

A login is two requests: an auth token is created, then used.

${native}

## Load, npm

${npm}
`);
if (options.page && !options.quick) {
  writeFileSync(options.page, page);
  console.error(`written: ${options.page}`);
}
console.log(page);
