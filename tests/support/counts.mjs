/**
 * A reporter of `node --test` for `cargo xtask test`: the numbers of passed, failed and skipped
 * tests, as JSON.
 */
export default async function* counts(events) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    if (data.details.type === "suite") continue;
    if (data.skip !== undefined || data.todo !== undefined) sum.skipped += 1;
    else if (type === "test:pass") sum.passed += 1;
    else sum.failed += 1;
  }
  yield JSON.stringify(sum);
}
