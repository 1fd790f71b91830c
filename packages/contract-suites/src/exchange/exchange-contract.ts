import type { ContractCase } from "../contract-case.ts";
import { blobCases } from "./blob-cases.ts";
import type { ExchangeUnderTest } from "./exchange-case.ts";
import { leaseCases } from "./lease-cases.ts";
import { queueCases } from "./queue-cases.ts";

/**
 * What the queue, the leases and the contents of every `Exchange` owe. Its log owes what `sharedLogContract` has.
 *
 * @param make - Makes an exchange; may be the same one each time, with another word. Short times make it fast.
 */
export function exchangeContract(make: () => Promise<ExchangeUnderTest>): readonly ContractCase[] {
  return [...queueCases, ...leaseCases, ...blobCases].map(([name, tryIt]) => ({
    name,
    run: async () => {
      const tried = await make();
      try {
        await tryIt(tried);
      } finally {
        await tried.close();
      }
    },
  }));
}
