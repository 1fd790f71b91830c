import type { ErrorCode, ForeignCode } from "./error-code.ts";
import type { JobId, PipelineId, RunId } from "./ids.ts";
import type {
  EVENT_SCHEMA_VERSION,
  JobStatus,
  PhaseCode,
  PhaseFamily,
  PhaseStatus,
  Scope,
  SectionName,
} from "./vocabulary.ts";

/**
 * The records of a run's event streams, as they are on disk and in `--json`.
 *
 * Field names are the wire names, so a consumer of the NDJSON uses these types
 * as they are and nothing is renamed on the hot path.
 */
export type LoomEvent = PhaseStartEvent | PhaseFinishEvent | JobStateEvent | LogEvent | OutputEvent;

/** What every record carries. */
export interface EventBase {
  /** Place in the total order of the run: from 1, strictly increasing over all its streams. */
  readonly seq: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly ts: string;
}

/** A cause, for programs (`code`) and for people (`message`). */
export interface EventError {
  /** One of `ERROR_CODES`; in evidence from another version or provider, possibly any other. */
  readonly code: ErrorCode | ForeignCode;
  readonly message: string;
}

/** Which phase, section or step a boundary record is about. */
export interface PhaseFields {
  readonly schema_version: typeof EVENT_SCHEMA_VERSION;
  readonly run_id: RunId;
  readonly pipeline_id: PipelineId;
  readonly scope: Scope;
  readonly phase_code: PhaseCode;
  readonly phase_family: PhaseFamily;
  readonly job_id?: JobId;
  /** Set on the records of a section's own stream; absent on the envelope in the job's stream. */
  readonly section?: SectionName;
  /** Number of the script entry, from 1. */
  readonly step?: number;
  /** Number of the attempt, only from 2 on. */
  readonly attempt?: number;
}

/** A phase, section or step begins. */
export interface PhaseStartEvent extends EventBase, PhaseFields {
  readonly event: "phase_start";
  /**
   * Of `job.execution`: the attempt begins at this step, with all that the one before it has. The steps before it are kept.
   */
  readonly from_step?: number;
}

/** A phase, section or step ends. Every start has exactly one, in the same stream. */
export interface PhaseFinishEvent extends EventBase, PhaseFields {
  readonly event: "phase_finish";
  readonly status: PhaseStatus;
  /** Whole milliseconds since the start, never negative. */
  readonly duration_ms: number;
  /** 0 to 255; absent when a signal ended the process. */
  readonly exit_code?: number;
  /** Name such as `SIGKILL`. */
  readonly signal?: string;
  readonly error?: EventError;
  /** Of a step that failed: the job goes on all the same, as the step may fail. */
  readonly tolerated?: true;
}

/** A job moves from one status to the next. */
export interface JobStateEvent extends EventBase {
  readonly event: "job_state";
  readonly job_id: JobId;
  readonly from: JobStatus;
  readonly to: JobStatus;
  /** A skip reason, an error code, or absent. */
  readonly reason?: string;
  /** The root jobs that kept this one from running, in declaration order. */
  readonly blocked_by?: readonly JobId[];
  /** The earlier run in which it succeeded, and whose result it keeps instead of running. */
  readonly kept_from?: RunId;
}

/** Every {@link LogLevel}. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** Severity of a `log` record. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a named fact of a `log` record may hold: plain JSON. */
export type FactValue =
  | string
  | number
  | boolean
  | readonly FactValue[]
  | { readonly [name: string]: FactValue };

/** Something worth knowing about the work of Loom itself, with its facts by name. */
export interface LogEvent extends EventBase {
  readonly event: "log";
  readonly level: LogLevel;
  readonly message: string;
  readonly [fact: string]: FactValue;
}

/** Every {@link OutputStream}. */
export const OUTPUT_STREAMS = ["stdout", "stderr"] as const;

/** Which of its two outputs a process wrote to. */
export type OutputStream = (typeof OUTPUT_STREAMS)[number];

/** One line that a process printed. Its stream's first record says which process. */
export interface OutputEvent extends EventBase {
  readonly event: "output";
  readonly stream: OutputStream;
  /** The line without its newline. Invalid UTF-8 has become U+FFFD. */
  readonly text: string;
  /** The line continues in the next record of the same `stream`. */
  readonly partial?: true;
  /** The bytes were not valid UTF-8. */
  readonly lossy?: true;
}

type OmitFromEach<T, K extends PropertyKey> = T extends unknown
  ? { [P in keyof T as P extends K ? never : P]: T[P] }
  : never;

/** A lifecycle record before it has its place (`seq`) and time (`ts`). */
export type EventDraft = OmitFromEach<PhaseStartEvent | PhaseFinishEvent | JobStateEvent, "seq" | "ts">;

/** The stream that a record belongs to. */
export type StreamRef =
  | { readonly kind: "run" }
  | { readonly kind: "pipeline" }
  | { readonly kind: "job"; readonly jobId: JobId }
  | { readonly kind: "section"; readonly jobId: JobId; readonly section: SectionName }
  | { readonly kind: "step"; readonly jobId: JobId; readonly step: number };

/** A lifecycle record on its way to its stream. */
export interface Emission {
  readonly stream: StreamRef;
  readonly event: EventDraft;
}
