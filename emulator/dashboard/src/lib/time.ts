/** Times as text. */

const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });
const dateTime = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** `14:03:07`, from UNIX milliseconds. */
export const timeOf = (ms: number): string => time.format(ms);

/** `14:03:07.042`, from UNIX milliseconds. */
export const exactTimeOf = (ms: number): string =>
  `${time.format(ms)}.${String(ms % 1000).padStart(3, "0")}`;

/** `27 Nov 2026`, from UNIX seconds, as the service gives times. */
export const dateOf = (seconds: number): string => date.format(seconds * 1000);

/** `27 Nov 2026, 14:03:07`, from UNIX seconds. */
export const dateTimeOf = (seconds: number): string => dateTime.format(seconds * 1000);

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** `1 day 2 hours ahead`; the two largest units. */
export function offsetText(seconds: number): string {
  if (seconds === 0) {
    return "the machine’s time";
  }
  let rest = Math.abs(seconds);
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) {
      parts.push(`${count} ${unit}${count === 1 ? "" : "s"}`);
    }
  }
  return `${parts.slice(0, 2).join(" ")} ${seconds > 0 ? "ahead" : "behind"}`;
}

/** `820 ms`, `3.2 s`. */
export function durationText(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
