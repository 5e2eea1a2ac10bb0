import assert from "node:assert/strict";
import { test } from "node:test";
import { realm } from "../support/facade.mjs";

/** A watchdog with a count of how often it fired. */
async function watchdog(page) {
  const { Watchdog, clock } = await realm({ page });
  const fired = { times: 0 };
  return { dog: new Watchdog(() => void fired.times++), clock, fired };
}

test("b1 a watchdog fires once, when its time is up", async () => {
  const { dog, clock, fired } = await watchdog();
  dog.arm(1000);
  clock.advance(999);
  assert.equal(fired.times, 0);
  clock.advance(1);
  assert.equal(fired.times, 1);
  clock.advance(10_000);
  assert.equal(fired.times, 1);
});

test("b1 a watchdog that is armed again waits from then on", async () => {
  const { dog, clock, fired } = await watchdog();
  dog.arm(1000);
  clock.advance(900);
  dog.arm(1000);
  clock.advance(999);
  assert.equal(fired.times, 0);
  clock.advance(1);
  assert.equal(fired.times, 1);
});

test("b1 a watchdog that fires more than 500 ms late waits one more second, once", async () => {
  const { dog, clock, fired } = await watchdog();
  dog.arm(1000);
  clock.block(1501);
  assert.equal(fired.times, 0);
  clock.block(5000);
  assert.equal(fired.times, 1);
});

test("b1 a watchdog that fires up to 500 ms late does not wait again", async () => {
  const { dog, clock, fired } = await watchdog();
  dog.arm(1000);
  clock.block(1500);
  assert.equal(fired.times, 1);
});

test("b1 a cancelled watchdog does not fire, even if clearTimeout throws or does nothing", async () => {
  for (const page of ["", "clearTimeout = () => { throw 1 }", "clearTimeout = () => {}"]) {
    const { dog, clock, fired } = await watchdog(page);
    dog.arm(1000);
    dog.cancel();
    clock.advance(5000);
    assert.equal(fired.times, 0, page);
  }
});

test("b1 a timeout beyond what setTimeout takes does not fire at once", async () => {
  const { dog, clock, fired } = await watchdog();
  dog.arm(2 ** 32 - 1 + 1000);
  clock.advance(2 ** 31 - 2);
  assert.equal(fired.times, 0);
});
