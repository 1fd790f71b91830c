import { reporterContract } from "@loom/contract-suites";
import { describe, test } from "vitest";

/** The contract of every `Reporter`, as a suite of tests. */
export function describeReporter(name: string, make: Parameters<typeof reporterContract>[0]): void {
  describe(`${name} keeps the contract of a reporter`, () => {
    // oxlint-disable-next-line vitest/expect-expect -- Each case has assertions of its own.
    test.each(reporterContract(make))("$name", ({ run }) => run());
  });
}
