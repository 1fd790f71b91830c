import { sharedLogContract } from "@loom/contract-suites";
import { describe, test } from "vitest";

/** The contract of every `SharedLog`, as a suite of tests. */
export function describeSharedLog(name: string, make: Parameters<typeof sharedLogContract>[0]): void {
  describe(`${name} keeps the contract of a shared log`, () => {
    // oxlint-disable-next-line vitest/expect-expect -- Each case has assertions of its own.
    test.each(sharedLogContract(make))("$name", ({ run }) => run());
  });
}
