/** Writes the figures as tables and compares them with the targets. */
import { wrapProse } from "../support/prose.mjs";
import { CONTENDERS } from "./contenders.mjs";
import { compare, median, ratio, summary } from "./statistics.mjs";

const OURS = "ours";
const BASE = "official";
const FLOOR = "handwritten";
const BEFORE = "before";

/** Formats a figure with three digits. */
function digits(value) {
  const size = Math.abs(value);
  if (size >= 100 || value === 0 || Number.isInteger(value)) return String(Math.round(value));
  return value.toFixed(size >= 10 ? 1 : 2);
}

const ratioText = (value) => value.toFixed(2);

/** Formats the median, and the quartiles if there is more than one run. */
function cell(values, scale = 1) {
  if (values === undefined) return "";
  const { median, q1, q3, runs } = summary(values.map((value) => value * scale));
  return runs > 1 && q1 !== q3 ? `${digits(median)} (${digits(q1)}–${digits(q3)})` : digits(median);
}

/** Formats a ratio, with its quartiles. */
const cellOfRatio = ({ ratio, q1, q3 }) =>
  ratioText(ratio) + (q1 === q3 ? "" : ` (${ratioText(q1)}–${ratioText(q3)})`);

/**
 * Lists each target of a row with the value reached.
 *
 * @returns {{
 *   id: string, title: string, target: string, reached: string, floor: string, met: boolean,
 *   why?: Function
 * }[]} `floor`: the value of the hand-written client
 */
export function judge(row) {
  return (row.targets ?? []).map(({ max, below, against = BASE, why }) => {
    if (below !== undefined) {
      const value = median(row.values[OURS]);
      return {
        id: row.id,
        title: row.title,
        target: `below ${below} ${row.unit}`,
        reached: `${digits(value)} ${row.unit}`,
        floor: "",
        met: value < below,
      };
    }
    const { ratio, q1, q3 } = compare(row.values[OURS], row.values[against]);
    const versus = against === BASE ? "" : ` of ${labelOf(against)}`;
    const floor =
      row.values[FLOOR] && against === BASE
        ? ratioText(compare(row.values[FLOOR], row.values[BASE]).ratio)
        : "";
    return {
      id: row.id,
      title: row.title,
      target: `≤ ${max}${versus}`,
      reached: cellOfRatio({ ratio, q1, q3 }),
      floor,
      met: ratio <= max,
      why,
    };
  });
}

/** The same for a curve: the cost at the largest size relative to the smallest. */
export function judgeCurve({ id, title, what, values, limit }) {
  const factor = factorOf(values[OURS]);
  return [
    {
      id,
      title: `${what}, ${title}: cost at the end : at the start`,
      target: `≤ ${limit}`,
      reached: ratioText(factor),
      floor: "",
      met: factor <= limit,
    },
  ];
}

const factorOf = (series) => median(series.at(-1)) / median(series[0]);

const labelOf = (name) => CONTENDERS.find((contender) => contender.name === name).label;

const table = (head, lines) =>
  [head, head.map((_, i) => (i === 0 ? "---" : "---:")), ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");

function rowsTable(rows) {
  const names = CONTENDERS.map(({ name }) => name).filter((name) =>
    rows.some(({ values }) => values[name]),
  );
  const lines = rows.map(({ title, unit, scale, values }) => {
    const factor = unit === "%" || !values[BASE] ? undefined : ratio(values[OURS], values[BASE]);
    return [
      unit ? `${title}, ${unit}` : title,
      ...names.map((name) => cell(values[name], scale)),
      factor === undefined ? "" : ratioText(factor),
      ...(names.includes(BEFORE)
        ? [values[BEFORE] ? cellOfRatio(compare(values[OURS], values[BEFORE])) : ""]
        : []),
    ];
  });
  const ratios = names.includes(BEFORE) ? ["ours : before"] : [];
  return table(["", ...names.map(labelOf), "ours : official", ...ratios], lines);
}

function curveTable({ title, what, unit, sizes, values }) {
  const lines = Object.entries(values).map(([name, series]) => [
    labelOf(name),
    ...series.map((runs) => cell(runs)),
    ratioText(factorOf(series)),
  ]);
  return `${what}, ${title}, ${unit}:\n\n${table(["", ...sizes.map(String), "end : start"], lines)}`;
}

const TITLES = {
  bytes: "Bytes",
  start: "Start",
  blocking: "Main thread",
  calls: "One call",
  login: "Login",
  memory: "Memory",
  growth: "Growth",
};

/** Explains each missed target with the figures of this run. */
function missed(parts, judged) {
  const rows = new Map(
    Object.values(parts).flatMap((part) => part.rows.map((row) => [row.id, row])),
  );
  const share = (id, name = OURS) =>
    ratioText(compare(rows.get(id).values[name], rows.get(id).values[BASE]).ratio);
  const figure = (id, name = OURS) => digits(median(rows.get(id).values[name]));
  const lines = judged
    .filter(({ met, why }) => !met && why)
    .map(
      ({ title, reached, target, why }) =>
        `* **${title}**: ${reached}, where ${target} was aimed at. ${why({ share, figure })}`,
    );
  return lines.length > 0 ? `## Not reached\n\n${lines.join("\n")}\n\n` : "";
}

/** @param {Record<string, {rows: object[], curves?: object[], notes: string[]}>} parts */
export function verdicts(parts) {
  return Object.values(parts).flatMap(({ rows, curves = [] }) => [
    ...rows.flatMap(judge),
    ...curves.flatMap(judgeCurve),
  ]);
}

/**
 * @param {Record<string, {rows: object[], curves?: object[], notes: string[]}>} parts
 * @param {{command: string, browser: string, machine: string, minutes: number}} run
 */
export function markdown(parts, run) {
  const judged = verdicts(parts);
  const goals = table(
    [
      "ours : official, unless it says otherwise",
      "target",
      "reached",
      "met",
      "hand-written : official",
    ],
    judged.map(({ title, target, reached, floor, met }) => [
      title,
      target,
      reached,
      met ? "yes" : "**no**",
      floor,
    ]),
  );
  const sections = Object.entries(parts).map(([name, { rows, curves = [], notes }]) =>
    [
      `## ${TITLES[name]}`,
      rows.length > 0 ? rowsTable(rows) : "",
      ...curves.map(curveTable),
      ...notes.map((note) => `${note}`),
    ]
      .filter(Boolean)
      .join("\n\n"),
  );
  return wrapProse(`# Benchmarks

What an app pays to know who is logged in, measured side by side. **The official SDK does far more
than this package**: messages, groups, calls, presence. An app that needs those pays for them once
and gets the authentication with it; these figures are for pages that need to know who is logged in,
now or before the chat is loaded.

\`\`\`sh
${run.command}
\`\`\`

writes this page. ${run.browser}, ${run.machine}, ${run.minutes} minutes, everybody in turn in the
same browser. A figure is the median, with the quartiles in brackets; a ratio is that of the
medians, with the quartiles of the ratios round by round. Times depend on the machine, ratios less.

*Hand-written JS* ([tests/bench/handwritten.js](../../tests/bench/handwritten.js)) makes the same
calls with the same requests and the same entries on disk and does nothing else: no timeouts, no
other tabs, no listeners, no checks. It is the floor.

## Targets

${goals}

${missed(parts, judged)}${sections.join("\n\n")}
`);
}
