import type { RunEnd } from "@loom/ports";
import { receiptLine } from "./reporter.ts";
import { PrintingReporter } from "./printing-reporter.ts";

/** Prints how the run ended and where its receipt is, and nothing before. */
export class QuietReporter extends PrintingReporter {
  override record(): void {}

  override lines(): void {}

  override finish(end: RunEnd): void {
    this.print(`${end.outcome.status}\n${receiptLine(end)}\n`);
    this.flush();
  }
}
