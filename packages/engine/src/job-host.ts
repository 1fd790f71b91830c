import type { EpochMs, FactValue, JobReport, LogLevel, OutputStream, StreamRef } from "@loom/core";
import type { Clock, PreparedRun } from "@loom/ports";

/** Lines that one output printed, not yet decoded: as `LineBatch` of `@loom/ports`, without their place in the run. */
export interface FoundLines {
  readonly bytes: Uint8Array;
  /** Offset of the end of each line, its newline not counted. At least one. */
  readonly ends: readonly number[];
  readonly partial: boolean;
}

/** Where what happens in a job is told, in the order in which it happens. Each is recorded at its moment. */
export interface JobEvents {
  /** What the lifecycle waits for. Its commands are on their way before it returns. */
  report(input: JobReport): void;
  /** @returns The moment of the record. What follows from it happens at that moment. */
  log(
    stream: StreamRef,
    level: LogLevel,
    message: string,
    facts?: Readonly<Record<string, FactValue>>,
  ): EpochMs;
  lines(stream: StreamRef, output: OutputStream, found: FoundLines): void;
  /** Hands everything so far to the operating system. */
  flush(): void;
  /** Does what belongs to one moment. */
  batch(work: () => void): void;
  /** Resolves when more output can be taken; `undefined` when it can now. */
  drained(): Promise<void> | undefined;
}

/** What a job is carried out with. */
export interface JobHost {
  readonly run: Pick<PreparedRun, "jobFor" | "runPhase">;
  readonly events: JobEvents;
  readonly clock: Clock;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly graceMs: number;
}
