import {
  EVENT_SCHEMA_VERSION,
  jobId,
  PHASES,
  runIdentity,
  SECTION_PHASES,
  type EventError,
  type FactValue,
  type GraphIr,
  type GraphNode,
  type JobStatus,
  type LogLevel,
  type PhaseCode,
  type PhaseFields,
  type PhaseStatus,
  type RunIdentity,
  type SectionName,
  type StreamRef,
} from "@loom/core";
import type { LifecycleRecord, LineBatch, RecordSink } from "@loom/ports";

const IDENTITY = runIdentity(1_772_865_600_000_000_000n);

/** The run's folder as the user of a played run sees it. */
export const LOGS_DIR: string = `.loom/.runtime/logs/${IDENTITY.runId}`;

/** The receipt of a played run. */
export const RECEIPT_PATH: string = `/repo/.loom/.runtime/receipts/${IDENTITY.runId}.json`;

/** A job of a workflow, from short words. */
export function graphNode(id: string, stage: string, more: Partial<GraphNode> = {}): GraphNode {
  return { id, stage, target: "linux", script: [`make ${id}`], ...more };
}

/** The bytes of lines, as they come from a process. */
export function batchOf(
  lines: readonly string[],
  more: Partial<Pick<LineBatch, "stream" | "partial" | "firstSeq" | "ts">> = {},
): LineBatch {
  const bytes = new TextEncoder().encode(lines.join("\n"));
  const ends: number[] = [];
  let end = -1;
  for (const line of lines) {
    end += new TextEncoder().encode(line).length + 1;
    ends.push(end);
  }
  return {
    stream: "stdout",
    firstSeq: 1,
    ts: "2026-03-07T06:40:00.000Z",
    partial: false,
    ...more,
    bytes,
    ends,
  };
}

/** How a scripted step or phase ends. */
export interface ScriptedEnd {
  readonly status?: PhaseStatus;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly error?: EventError;
  /** Of a step that failed: the job goes on all the same. */
  readonly tolerated?: boolean;
}

/**
 * Plays a run to sinks, record by record, with the order and the fields of a
 * real one. Time stands still until the script moves it.
 *
 * Whether what is played keeps the lifecycle contract is not looked at.
 */
export class PlayedRun {
  readonly #sinks: readonly RecordSink[];
  #nowMs = Date.UTC(2026, 2, 7, 6, 40);
  #seq = 0;
  readonly #startedAt = new Map<string, number>();
  readonly #attempts = new Map<string, number>();
  #identity = IDENTITY;

  constructor(...sinks: readonly RecordSink[]) {
    this.#sinks = sinks;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Says which run the records from here on belong to. Default: the run of {@link LOGS_DIR}. */
  goesBy(identity: RunIdentity): this {
    this.#identity = identity;
    return this;
  }

  wait(durationMs: number): void {
    this.#nowMs += durationMs;
  }

  begins(graph: GraphIr): void {
    this.phaseStarts({ kind: "run" }, "run.bootstrap");
    this.logs({ kind: "run" }, "info", "Compiled the workflow", { graph_ir: graph as unknown as FactValue });
    this.phaseEnds({ kind: "run" }, "run.bootstrap");
    this.phaseStarts({ kind: "run" }, "run.pipeline_execute");
    this.phaseStarts({ kind: "pipeline" }, "pipeline.execute");
  }

  /** Ends the pipeline and the run; `during` happens while the run is finalized. */
  ends(status: PhaseStatus, during: () => void = () => undefined): void {
    this.phaseEnds({ kind: "pipeline" }, "pipeline.execute", { status });
    this.phaseEnds({ kind: "run" }, "run.pipeline_execute", { status });
    this.phaseStarts({ kind: "run" }, "run.finalize");
    during();
    this.phaseEnds({ kind: "run" }, "run.finalize");
  }

  starts(id: string, during?: () => void): void {
    this.jobMoves(id, "pending", "ready");
    this.jobMoves(id, "ready", "running");
    this.prepares(id, 1, during);
  }

  /** Begins an attempt and its execution; what the job does from here on is part of it. */
  prepares(id: string, attempt = 1, during?: () => void): void {
    this.getsProvider(id, attempt, during);
    this.executionStarts(id);
  }

  /** Begins an attempt with the phase of its provider alone, for a job that does something before its steps. */
  getsProvider(id: string, attempt = 1, during?: () => void): void {
    this.#attempts.set(id, attempt);
    this.phaseStarts({ kind: "job", jobId: jobId(id) }, "job.provider_prepare");
    this.section(id, "provider", {}, during);
    this.phaseEnds({ kind: "job", jobId: jobId(id) }, "job.provider_prepare");
  }

  section(
    id: string,
    section: SectionName,
    end: ScriptedEnd = {},
    during: () => void = () => undefined,
  ): void {
    const stream: StreamRef = { kind: "section", jobId: jobId(id), section };
    this.phaseStarts(stream, SECTION_PHASES[section]);
    during();
    this.phaseEnds(stream, SECTION_PHASES[section], end);
  }

  /** The phase of a job that restores or saves caches: a note for each of them. */
  caches(
    id: string,
    section: "cache_restore" | "cache_save",
    caches: readonly { readonly message: string; readonly facts: Record<string, FactValue> }[],
  ): void {
    const job: StreamRef = { kind: "job", jobId: jobId(id) };
    this.phaseStarts(job, SECTION_PHASES[section]);
    this.section(id, section, {}, () => {
      const stream: StreamRef = { kind: "section", jobId: jobId(id), section };
      for (const { message, facts } of caches) this.logs(stream, "info", message, facts);
      this.wait(2000);
    });
    this.phaseEnds(job, SECTION_PHASES[section]);
  }

  stepStarts(id: string, step: number): void {
    this.phaseStarts({ kind: "step", jobId: jobId(id), step }, "step.script");
  }

  prints(id: string, step: number, lines: readonly string[], more: Partial<LineBatch> = {}): void {
    const batch = batchOf(lines, { ...more, firstSeq: this.#seq + 1, ts: this.#ts() });
    this.#seq += lines.length;
    for (const sink of this.#sinks) sink.lines({ kind: "step", jobId: jobId(id), step }, batch);
  }

  stepEnds(id: string, step: number, end: ScriptedEnd = { exitCode: 0 }): void {
    this.phaseEnds({ kind: "step", jobId: jobId(id), step }, "step.script", end);
  }

  /** Begins the steps of a job whose attempt began with {@link getsProvider}. */
  executionStarts(id: string): void {
    this.phaseStarts({ kind: "job", jobId: jobId(id) }, "job.execution");
  }

  /** Only an execution that failed says how its process ended; a step always does. */
  executionEnds(id: string, end: ScriptedEnd = {}): void {
    const status = statusOf(end);
    this.phaseEnds(
      { kind: "job", jobId: jobId(id) },
      "job.execution",
      status === "failed" ? end : { status },
    );
  }

  settles(id: string, to: PhaseStatus, reason?: string): void {
    this.cleansUp(id);
    this.jobMoves(id, "running", to, reason);
  }

  cleansUp(id: string, end: ScriptedEnd = {}, during: () => void = () => undefined): void {
    this.phaseStarts({ kind: "job", jobId: jobId(id) }, "job.cleanup");
    during();
    this.phaseEnds({ kind: "job", jobId: jobId(id) }, "job.cleanup", end);
  }

  /** A job of one step, from start to end, that takes a while. */
  runs(
    id: string,
    durationMs: number,
    lines: readonly string[] = [],
    end: ScriptedEnd = { exitCode: 0 },
  ): void {
    this.starts(id);
    this.stepStarts(id, 1);
    if (lines.length > 0) this.prints(id, 1, lines);
    this.wait(durationMs);
    this.stepEnds(id, 1, end);
    this.executionEnds(id, end);
    this.settles(id, statusOf(end), end.error?.code);
  }

  skips(id: string, reason: string, blockedBy: readonly string[] = []): void {
    this.cleansUp(id);
    this.jobMoves(id, "pending", "skipped", reason, blockedBy);
  }

  /** Cancels a job that never ran. */
  cancels(id: string): void {
    this.cleansUp(id);
    this.jobMoves(id, "pending", "cancelled");
  }

  jobMoves(
    id: string,
    from: JobStatus,
    to: JobStatus,
    reason?: string,
    blockedBy: readonly string[] = [],
  ): void {
    this.record(
      { kind: "pipeline" },
      {
        ...this.#base(),
        event: "job_state",
        job_id: jobId(id),
        from,
        to,
        ...(reason !== undefined && { reason }),
        ...(blockedBy.length > 0 && { blocked_by: blockedBy.map(jobId) }),
      },
    );
  }

  logs(stream: StreamRef, level: LogLevel, message: string, facts: Record<string, FactValue> = {}): void {
    this.record(stream, { ...this.#base(), event: "log", level, message, ...facts });
  }

  phaseStarts(stream: StreamRef, phase: PhaseCode): void {
    this.#startedAt.set(keyOf(stream, phase), this.#nowMs);
    this.record(stream, { ...this.#base(), event: "phase_start", ...this.#fieldsOf(stream, phase) });
  }

  phaseEnds(stream: StreamRef, phase: PhaseCode, end: ScriptedEnd = {}): void {
    this.record(stream, {
      ...this.#base(),
      event: "phase_finish",
      ...this.#fieldsOf(stream, phase),
      status: statusOf(end),
      duration_ms: this.#nowMs - (this.#startedAt.get(keyOf(stream, phase)) ?? this.#nowMs),
      ...(end.exitCode !== undefined && { exit_code: end.exitCode }),
      ...(end.signal !== undefined && { signal: end.signal }),
      ...(end.error !== undefined && { error: end.error }),
      ...(end.tolerated === true && { tolerated: true }),
    });
  }

  record(stream: StreamRef, record: LifecycleRecord): void {
    for (const sink of this.#sinks) {
      sink.record(stream, record);
      sink.flush();
    }
  }

  #fieldsOf(stream: StreamRef, phase: PhaseCode): PhaseFields {
    const isOfAttempt = "jobId" in stream && phase !== "job.cleanup";
    const attempt = isOfAttempt ? (this.#attempts.get(stream.jobId) ?? 1) : 1;
    return {
      schema_version: EVENT_SCHEMA_VERSION,
      run_id: this.#identity.runId,
      pipeline_id: this.#identity.pipelineId,
      scope: PHASES[phase].scope,
      phase_code: phase,
      phase_family: PHASES[phase].family,
      ...("jobId" in stream && { job_id: stream.jobId }),
      ...(stream.kind === "section" && { section: stream.section }),
      ...(stream.kind === "step" && { step: stream.step }),
      ...(attempt > 1 && { attempt }),
    };
  }

  #base(): { readonly seq: number; readonly ts: string } {
    this.#seq += 1;
    return { seq: this.#seq, ts: this.#ts() };
  }

  #ts(): string {
    return new Date(this.#nowMs).toISOString();
  }
}

function statusOf(end: ScriptedEnd): PhaseStatus {
  if (end.status !== undefined) return end.status;
  const failed = (end.exitCode ?? 0) !== 0 || end.signal !== undefined || end.error !== undefined;
  return failed ? "failed" : "success";
}

function keyOf(stream: StreamRef, phase: PhaseCode): string {
  return `${JSON.stringify(stream)} ${phase}`;
}
