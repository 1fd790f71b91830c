/**
 * One thing that a contract demands, to be run by whatever runs tests.
 *
 * A case shares nothing with the others: they may run in any order, and again.
 */
export interface ContractCase {
  /** What is demanded, as a sentence. No other case of the contract has it. */
  readonly name: string;
  /**
   * Tries it.
   *
   * There is no time limit: what never ends has to be stopped by the runner. A minute is enough for any case.
   *
   * @returns Rejects with an `AssertionError` of `node:assert` when the demand is not met, and with whatever the
   *   subject throws. What was made for the case is removed either way.
   */
  readonly run: () => Promise<void>;
}
