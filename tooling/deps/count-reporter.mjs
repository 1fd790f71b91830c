import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "../test-results");

/**
 * A Node test reporter that writes a run's counts to `tooling/test-results/results.json`, under Vitest's names,
 * so that `npm test` can add up both.
 *
 * @param {AsyncIterable<{ type: string, data: any }>} events
 */
export default async function* countReporter(events) {
  const counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
  for await (const { type, data } of events) {
    const isCase = (type === "test:pass" || type === "test:fail") && data.details?.type !== "suite";
    if (isCase) counts[kindOf(type, data)] += 1;
  }
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "results.json"), JSON.stringify(counts));
  yield "";
}

function kindOf(type, data) {
  if (data.skip !== undefined) return "numPendingTests";
  if (data.todo !== undefined) return "numTodoTests";
  return type === "test:pass" ? "numPassedTests" : "numFailedTests";
}
