import { providerContract } from "@loom/contract-suites";
import { describe, test } from "vitest";

/** The contract of every `Provider`, as a suite of tests. */
export function describeProvider(name: string, make: Parameters<typeof providerContract>[0]): void {
  describe(`${name} keeps the contract of a provider`, () => {
    // oxlint-disable-next-line vitest/expect-expect -- Each case has assertions of its own.
    test.each(providerContract(make))("$name", ({ run }) => run());
  });
}
