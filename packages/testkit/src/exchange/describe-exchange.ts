import { exchangeContract } from "@loom/contract-suites";
import { describe, test } from "vitest";

/** The contract of every `Exchange`, as a suite of tests. */
export function describeExchange(name: string, make: Parameters<typeof exchangeContract>[0]): void {
  describe(`${name} keeps the contract of an exchange`, () => {
    // oxlint-disable-next-line vitest/expect-expect -- Each case has assertions of its own.
    test.each(exchangeContract(make))("$name", ({ run }) => run());
  });
}
