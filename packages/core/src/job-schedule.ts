import type { JobId } from "./ids.ts";
import type { JobResult } from "./job-result.ts";
import type { SkipReason } from "./vocabulary.ts";

/** What was decided about a job whose gates have opened. */
export type ScheduleDecision =
  | { readonly kind: "ready"; readonly jobId: JobId }
  | {
      readonly kind: "skip";
      readonly jobId: JobId;
      readonly reason: SkipReason;
      readonly blockedBy: readonly JobId[];
    };

/**
 * Decides which jobs may start as others settle.
 *
 * The machine asks; `@loom/scheduler` implements it. Deterministic and free of I/O:
 * the same calls give the same results. It owns its counters.
 */
export interface JobSchedule {
  /** The jobs decided before anything ran, in declaration order. Called once, first. */
  begin(): readonly ScheduleDecision[];
  /**
   * Records that a job ended and returns what that decided about others, in
   * declaration order. A job decided as `skip` must be settled in turn.
   */
  settle(jobId: JobId, result: JobResult): readonly ScheduleDecision[];
  /** How many jobs wait for somebody to ask for them, or for such jobs. They keep no stage closed. */
  readonly waiting: number;
  /** Whether a job waits for somebody to ask for it, and nobody did. */
  waits(jobId: JobId): boolean;
  /**
   * Somebody asks for a job that waits: it runs, with the waiting jobs that it needs, and then what waited for these
   * alone. Returns what that decided, in declaration order.
   */
  play(jobId: JobId): readonly ScheduleDecision[];
  /** Nothing else is left, or nothing more is to start: decides the jobs that still wait, in declaration order. */
  close(): readonly ScheduleDecision[];
  /**
   * Takes the ready job to start next, by order of importance.
   *
   * @param wanted - Takes this job instead, when it is ready.
   * @returns `undefined` when no job is ready, or the requested one is not.
   */
  take(wanted?: JobId): JobId | undefined;
  /** Told when the run is taken up by another process. Absent where that makes no difference. */
  readonly resume?: () => void;
}
