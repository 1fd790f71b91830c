import { encodeEvent, type RunRecorder } from "@loom/artifacts";
import {
  epochMs,
  type Emission,
  type EpochMs,
  type FactValue,
  type IllegalInput,
  type Result,
  type RunIdentity,
  type RunStep,
} from "@loom/core";
import { fromWireTime, wireTime } from "@loom/record";
import type { ReadRun } from "./past-run.ts";

/**
 * More missing records than a recorder ever holds back: then streams were
 * removed, and standing in for their records would hide that.
 */
const MOST_LOST_RECORDS = 50_000;

/** Continues the records of a run where they broke off, at the moment of the last one. */
export class ClosingRecords {
  /** Nothing is known of the run after this moment. */
  readonly atMs: EpochMs;
  readonly #recorder: Pick<RunRecorder, "record" | "flush">;
  readonly #past: ReadRun;
  readonly #ts: string;
  #seq: number;

  constructor(recorder: Pick<RunRecorder, "record" | "flush">, past: ReadRun, identity: RunIdentity) {
    this.#recorder = recorder;
    this.#past = past;
    this.#seq = past.lastSeq;
    this.#ts = past.lastTs ?? wireTime(namedAtMs(identity));
    this.atMs = fromWireTime(this.#ts);
  }

  /** The last `seq` that was given. */
  get lastSeq(): number {
    return this.#seq;
  }

  /** Puts a note in the place of every record that was counted and had not reached the disk. */
  fillGaps(): void {
    const { gaps, torn, records } = this.#past;
    const lost = gaps.reduce((sum, [first, last]) => sum + last - first + 1, 0);
    const lastOfRun = records.findLast(({ stream }) => stream.kind === "run")?.record.seq ?? 0;
    if (lost <= MOST_LOST_RECORDS) {
      for (const [first, last] of gaps) {
        // The run's stream rises, too: what is missing further up cannot be filled in here.
        // Stryker disable next-line EqualityOperator: the last record is there, so no gap begins with it.
        if (first > lastOfRun) for (let seq = first; seq <= last; seq += 1) this.#noteLost(seq);
      }
    }
    for (const { path, rest } of torn) {
      this.#log("warn", "A line of a stream was cut off; this is what was left of it", {
        stream: path,
        text: rest,
      });
    }
  }

  /**
   * Notes why the run ends here, and when that was found.
   *
   * @param cutOff - Whether work was cut off; the pipeline had not come to its end.
   */
  noteInterruption(nowMs: EpochMs, cutOff: boolean): void {
    this.#log("error", "The run was interrupted: loom ended before the run did", {
      recovered_at: wireTime(nowMs),
      ...(cutOff && { stop: { kind: "interrupted" } }),
    });
  }

  /** Records what the machine emitted. */
  emissions(emissions: readonly Emission[]): void {
    for (const { stream, event } of emissions) {
      this.#seq += 1;
      this.#recorder.record(stream, { seq: this.#seq, ts: this.#ts, ...event });
      // One by one and in order: a recovery that is killed leaves a beginning of the run for the next one.
      this.#recorder.flush();
    }
  }

  /**
   * What a step of the machine emitted.
   *
   * @throws When the machine refused the input: a bug.
   */
  emissionsOf(step: Result<RunStep, IllegalInput>): readonly Emission[] {
    if (!step.ok) throw new Error(step.error.message);
    return step.value.emissions;
  }

  /** The lines that emissions become when they are recorded next. */
  linesOf(emissions: readonly Emission[]): string {
    return emissions
      .map(({ event }, index) => `${encodeEvent({ seq: this.#seq + index + 1, ts: this.#ts, ...event })}\n`)
      .join("");
  }

  #noteLost(seq: number): void {
    const message = "The record with this number was not on disk yet when loom ended";
    this.#recorder.record(
      { kind: "run" },
      { seq, ts: this.#ts, event: "log", level: "warn", message, lost: true },
    );
    this.#recorder.flush();
  }

  #log(level: "warn" | "error", message: string, facts: Readonly<Record<string, FactValue>>): void {
    this.#seq += 1;
    this.#recorder.record(
      { kind: "run" },
      { seq: this.#seq, ts: this.#ts, event: "log", level, message, ...facts },
    );
    this.#recorder.flush();
  }
}

/** A run that left no record is known by its name only, which is a time. */
function namedAtMs({ runId }: RunIdentity): EpochMs {
  return epochMs(Number(BigInt(/\d+$/.exec(runId)?.[0] ?? 0) / 1_000_000n));
}
