/** Medians, quartiles and ratios. Outliers stay in the series. */

/**
 * Returns the quantile `p` of a series, by linear interpolation.
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
 * Returns the ratio of the medians, or `undefined` if the base is 0.
 *
 * @param {number[]} values
 * @param {number[]} base
 */
export function ratio(values, base) {
  const by = median(base);
  return by === 0 ? undefined : median(values) / by;
}

/**
 * Compares two series of the same rounds: the ratio of the medians, and the quartiles of the ratios
 * by round.
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
 * Returns the order of a round. Over all rounds each item has each position equally often, so
 * neither a drift of the machine nor the previous item favours one of them.
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
