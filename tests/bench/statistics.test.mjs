import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, median, quantile, ratio, rotated, summary } from "./statistics.mjs";

test("the median of an even series lies between the two in the middle, whatever the order", () => {
  assert.equal(median([9, 1, 2, 4]), 3);
  assert.equal(median([5, 1, 9]), 5);
  assert.equal(median([10, 9, 1]), 9);
});

test("quartiles are interpolated, the ends are the smallest and the largest", () => {
  assert.deepEqual(summary([4, 1, 3, 2, 5]), { runs: 5, median: 3, q1: 2, q3: 4, min: 1, max: 5 });
  assert.equal(quantile([0, 10], 0.25), 2.5);
  assert.deepEqual(summary([7]), { runs: 1, median: 7, q1: 7, q3: 7, min: 7, max: 7 });
});

test("a series is not changed by being looked at", () => {
  const series = [3, 1, 2];
  summary(series);
  assert.deepEqual(series, [3, 1, 2]);
});

test("an empty series, or one with something that is no number, is refused", () => {
  for (const bad of [[], [1, Number.NaN], [1, undefined], [Number.POSITIVE_INFINITY]]) {
    assert.throws(() => median(bad), RangeError);
  }
});

test("a ratio is that of the medians, its spread that of the rounds", () => {
  const { ratio, q1, q3 } = compare([1, 2, 9], [2, 4, 6]);
  assert.equal(ratio, 0.5);
  assert.deepEqual([q1, q3], [0.5, 1]);
  assert.throws(() => compare([1], [1, 2]), RangeError);
});

test("a series that has zeros can be divided by as long as its median is none", () => {
  assert.equal(ratio([0, 4, 6], [0, 8, 9]), 0.5);
  assert.equal(ratio([0, 0, 0], [0, 2, 2]), 0);
  assert.equal(ratio([1, 2, 3], [0, 0, 2]), undefined);
});

test("over the rounds everybody has every place equally often", () => {
  const rounds = [0, 1, 2, 3, 4, 5].map((round) => rotated(["a", "b", "c"], round));
  for (const place of [0, 1, 2]) {
    assert.deepEqual(rounds.map((round) => round[place]).sort(), ["a", "a", "b", "b", "c", "c"]);
  }
  for (const round of rounds) {
    assert.deepEqual([...round].sort(), ["a", "b", "c"]);
  }
});
