import { createPhaseValidator } from "@loom/phase-validator";
import type { RecordSink } from "@loom/ports";
import { streamPath } from "@loom/record";
import { brokenRules } from "../broken-rules.ts";

/** A sink that judges what it is given by the lifecycle contract, as `loom verify` would. */
export class JudgedSink implements RecordSink {
  readonly #validator = createPhaseValidator();
  readonly #lines = new Map<string, number>();

  readonly record: RecordSink["record"] = (stream, record) => {
    const path = streamPath(stream);
    this.#validator.record(path, this.#takeLines(path, 1), record);
  };

  readonly lines: RecordSink["lines"] = (stream, { firstSeq, ends }) => {
    const path = streamPath(stream);
    this.#validator.outputLines(path, this.#takeLines(path, ends.length), { firstSeq, count: ends.length });
  };

  flush(): void {}

  /** The rules that the run has broken so far. */
  brokenRules(): readonly string[] {
    return brokenRules(this.#validator.report("2030-01-01T00:00:00.000Z"));
  }

  /** Number of the first of so many new lines. */
  #takeLines(path: string, count: number): number {
    const before = this.#lines.get(path) ?? 0;
    this.#lines.set(path, before + count);
    return before + 1;
  }
}
