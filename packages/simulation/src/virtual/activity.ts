import type { JobId, OutputStream, SectionName } from "@loom/core";
import type { ProcessEnd, StopRequest } from "@loom/ports";

/** Work that a provider is doing. */
export interface Activity {
  readonly jobId: JobId;
  readonly attempt: number;
  /** `late`: a step that follows those that decide, and has the grace to itself. */
  readonly kind: "prepare" | "step" | "late" | "phase" | "close";
  readonly stop?: StopRequest;
  /** Virtual milliseconds at which its attempt started. */
  readonly attemptStartedAtMs: number;
  /** Which step it is; of steps only. */
  readonly step?: number;
  /** Virtual milliseconds at which it began itself; of steps only. */
  readonly beganAtMs?: number;
}

/** A step from its process's point of view. */
export interface StepWitness {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly step: number;
  readonly end: ProcessEnd;
  /** Whether it had been asked to stop when it ended. */
  readonly wasStopped: boolean;
  /** What was wrong if SIGTERM and SIGKILL did not come when the contract says. */
  readonly complaint?: string;
}

/** What a process printed, to compare with the evidence. */
export interface PrintedOutput {
  readonly jobId: JobId;
  readonly unit: { readonly step: number; readonly attempt: number } | { readonly section: SectionName };
  readonly stream: OutputStream;
  /** In the order printed. */
  readonly pieces: { readonly bytes: Uint8Array; readonly atMs: number }[];
  /** Indices at which a process ended: the line before has no newline of its own. */
  readonly endsAt: number[];
}
