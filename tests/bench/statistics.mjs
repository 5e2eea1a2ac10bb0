/** Medians, quartiles and ratios. Nothing is left out of a series: an outlier is part of what the machine did. */

/**
 * The value below which the share `p` of a series lies, between two values by linear interpolation.
 *
 * @param {number[]} values
 * @param {number} p from 0 to 1
 */
export function quantile(values, p) {
  if (values.length === 0 || values.some((value) => !Number.isFinite(value))) {
    throw new RangeError(`a series of finite numbers is needed, got [${values}]`);
  }
  const sorted = [...values].sort((a, b) => a - b);
  const at = p * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

/** @param {number[]} values */
export const median = (values) => quantile(values, 0.5);

/**
 * @param {number[]} values
 * @returns {{runs: number, median: number, q1: number, q3: number, min: number, max: number}}
 */
export function summary(values) {
  const [min, q1, middle, q3, max] = [0, 0.25, 0.5, 0.75, 1].map((p) => quantile(values, p));
  return { runs: values.length, median: middle, q1, q3, min, max };
}

/**
 * The ratio of the medians; `undefined` where there is nothing to divide by, as with a wait that the other does not have at all.
 *
 * @param {number[]} values
 * @param {number[]} base
 */
export function ratio(values, base) {
  const by = median(base);
  return by === 0 ? undefined : median(values) / by;
}

/**
 * How a series compares with another that was measured in turn with it: the ratio of the medians, and the quartiles of the ratios round by round.
 *
 * @param {number[]} values
 * @param {number[]} base as many, of the same rounds, none of them 0
 * @returns {{ratio: number, q1: number, q3: number}}
 */
export function compare(values, base) {
  if (values.length !== base.length) {
    throw new RangeError(
      `${values.length} runs against ${base.length}: these were not measured in turn`,
    );
  }
  const rounds = values.map((value, round) => value / base[round]);
  return { ratio: ratio(values, base), q1: quantile(rounds, 0.25), q3: quantile(rounds, 0.75) };
}

/**
 * The order of each round: everybody once, and everybody first, second … equally often over the rounds, so that neither a drift of the machine nor
 * what the one before leaves behind favours anybody.
 *
 * @template T
 * @param {T[]} items
 * @param {number} round
 * @returns {T[]}
 */
export function rotated(items, round) {
  const start = round % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
