import type { JobId, OutputStream, SectionName } from "@loom/core";
import type { ProcessEnd, StopRequest } from "@loom/ports";

/** Work that a provider has under way. */
export interface Activity {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly kind: "prepare" | "step" | "phase" | "close";
  readonly stop?: StopRequest;
  /** Virtual milliseconds at which its attempt began. */
  readonly attemptStartedAtMs: number;
}

/** A step as its process saw it. */
export interface StepWitness {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly step: number;
  readonly end: ProcessEnd;
  /** Whether it had been asked to stop when it ended. */
  readonly wasStopped: boolean;
  /** Whether SIGTERM, and then SIGKILL, came when the contract says so; else what was wrong. */
  readonly complaint?: string;
}

/** What a process printed, to be found in the evidence again. */
export interface PrintedOutput {
  readonly jobId: JobId;
  readonly unit: { readonly step: number; readonly attempt: number } | { readonly section: SectionName };
  readonly stream: OutputStream;
  /** In the order in which they were printed. */
  readonly pieces: { readonly bytes: Uint8Array; readonly atMs: number }[];
  /** Where the process ended: the line before it has no newline of its own. */
  readonly endsAt: number[];
}
