import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "../test-results");

/**
 * A reporter of Node's test runner that leaves the counts of a run in
 * `tooling/test-results/results.json`, under the names that Vitest uses, so
 * that `npm test` adds up both alike.
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
