import type { EventError } from "./event.ts";
import type { JobId, RunId } from "./ids.ts";
import type { RetryCause } from "./graph-ir.ts";
import type { SkipReason } from "./vocabulary.ts";

/** How the process of a step ended, as seen by the provider that ran it. Only the machine knows why it was asked to stop. */
export type ProcessEnd =
  /** `exitCode`: a whole number from 0 to 255. */
  | { readonly kind: "exited"; readonly exitCode: number }
  /** `error`: why, where the provider knows more than the signal. */
  | { readonly kind: "signaled"; readonly signal: string; readonly error?: EventError }
  | { readonly kind: "not_started"; readonly error: EventError }
  /** Nobody saw how it ended, because what ran it is gone. The code of `error` is `worker_lost`. */
  | { readonly kind: "lost"; readonly error: EventError };

/** How a step ended. One cause, chosen by the first thing that happened. */
export type StepEnd =
  | { readonly kind: "exited"; readonly exitCode: number }
  | { readonly kind: "signaled"; readonly signal: string; readonly error?: EventError }
  | {
      readonly kind: "stopped";
      readonly error: EventError;
      readonly exitCode?: number;
      readonly signal?: string;
    }
  | { readonly kind: "cancelled"; readonly exitCode?: number; readonly signal?: string }
  | { readonly kind: "not_started" | "lost"; readonly error: EventError };

/** How a phase or section that Loom itself carries out ended. */
export type PhaseOutcome =
  | { readonly status: "success" | "skipped" | "cancelled" }
  | { readonly status: "failed"; readonly error: EventError };

/** How a job ended. Every job ends in exactly one of these. */
export type JobResult =
  | { readonly status: "success" }
  | {
      readonly status: "failed";
      /** False when the job's `allow_failure` tolerates it. */
      readonly blocking: boolean;
      readonly cause: RetryCause;
      readonly error: EventError;
      /** Exit code of the failing step, where it had one. */
      readonly exitCode?: number;
    }
  | { readonly status: "cancelled" }
  | {
      readonly status: "skipped";
      readonly reason: SkipReason;
      readonly blockedBy: readonly JobId[];
      /** The earlier run in which it succeeded, and whose result it keeps. */
      readonly keptFrom?: RunId;
    };
