import type { Reporter, RunEnd } from "@loom/ports";
import { receiptLine, type TextOutput } from "./reporter.ts";

/** Prints how the run ended and where its receipt is, and nothing before. */
export class QuietReporter implements Reporter {
  readonly #output: TextOutput;

  constructor(output: TextOutput) {
    this.#output = output;
  }

  record(): void {}

  lines(): void {}

  flush(): void {}

  finish(end: RunEnd): void {
    this.#output.write(`${end.outcome.status}\n${receiptLine(end)}\n`);
  }
}
