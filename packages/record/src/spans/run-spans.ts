import {
  isTerminal,
  nodeSteps,
  type EpochMs,
  type EventBase,
  type JobStateEvent,
  type LoomEvent,
  type OutputEvent,
  type PhaseFinishEvent,
  type PhaseStartEvent,
  type StreamRef,
  unreachable,
} from "@loom/core";
import { RunTable } from "../table/run-table.ts";
import { fromWireTime } from "../time/wire-time.ts";
import { parentSpanId, spanId, type RunSpan, type SpanUnit } from "./run-span.ts";

/** A span that has no end yet. */
type OpenSpan = Pick<RunSpan, "id" | "parent" | "unit" | "seq" | "startedAtMs">;

/** How a span ended. */
type SpanEnd = Pick<RunSpan, "status" | "exitCode" | "signal" | "error" | "reason" | "tolerated">;

/**
 * The spans of a run, folded from its records: the run, its phases, its jobs, and the sections and steps of each
 * attempt at them.
 *
 * A job that never ran has a span that took no time. Takes what there is: an end without a start is passed over, and so is a second end. A clock that went backwards
 * makes a span that took no time. Memory: the spans that are open.
 */
export class RunSpans {
  readonly #table = new RunTable();
  readonly #open = new Map<string, OpenSpan>();
  #lastAtMs: EpochMs | undefined;
  /** Of the first phase of the run that did not succeed. */
  #runEnd: SpanEnd | undefined;

  /**
   * Takes one record, in the order of `seq`.
   *
   * @returns The spans that it ends: those inside others come first.
   */
  record(stream: StreamRef, record: Exclude<LoomEvent, OutputEvent>): readonly RunSpan[] {
    const change = this.#table.record(stream, record);
    const atMs = fromWireTime(record.ts);
    // A damaged record names no time.
    if (Number.isNaN(atMs)) return [];
    this.#lastAtMs = atMs;
    switch (record.event) {
      case "log":
        return [];
      case "job_state":
        return change?.kind === "job" ? this.#move(record, atMs) : [];
      case "phase_start":
      case "phase_finish":
        return this.#bound(stream, record, atMs);
      default:
        return unreachable(record);
    }
  }

  /** The spans without an end so far, as they are at the last record; those inside others come first. */
  open(): readonly RunSpan[] {
    const atMs = this.#lastAtMs;
    if (atMs === undefined) return [];
    return [...this.#open.values()]
      .toReversed()
      .map((span) => ({ ...span, ...this.#about(span.unit), ...endOf(span, atMs), status: "running" }));
  }

  #move(record: JobStateEvent, atMs: EpochMs): readonly RunSpan[] {
    const { job_id: jobId, to, reason } = record;
    const unit: SpanUnit = { kind: "job", jobId };
    if (to === "running" || isTerminal(to)) this.#begin(unit, record, atMs);
    if (!isTerminal(to)) return [];
    const failing = to === "failed" ? this.#table.failing(jobId) : undefined;
    const { exit_code: exitCode, signal } = failing?.end ?? {};
    const error = failing?.error;
    return this.#finish(unit, atMs, {
      status: to,
      ...(exitCode !== undefined && { exitCode }),
      ...(signal !== undefined && { signal }),
      ...(error !== undefined && { error: { code: error.code, message: error.message } }),
      ...(reason !== undefined && { reason }),
    });
  }

  #bound(stream: StreamRef, record: PhaseStartEvent | PhaseFinishEvent, atMs: EpochMs): readonly RunSpan[] {
    const unit = unitOf(stream, record);
    if (record.event === "phase_start") {
      if (stream.kind === "run" && record.phase_code === "run.bootstrap")
        this.#begin({ kind: "run" }, record, atMs);
      if (unit !== undefined) this.#begin(unit, record, atMs);
      return [];
    }
    const end = endFacts(record);
    if (stream.kind === "run" && (end.status === "failed" || end.status === "cancelled"))
      this.#runEnd ??= end;
    const ended = unit === undefined ? [] : this.#finish(unit, atMs, end);
    if (record.phase_code !== "run.finalize") return ended;
    return [...ended, ...this.#finish({ kind: "run" }, atMs, this.#runEnd ?? { status: "success" })];
  }

  #begin(unit: SpanUnit, { seq }: EventBase, atMs: EpochMs): void {
    const id = spanId(unit);
    if (this.#open.has(id)) return;
    const parent = parentSpanId(unit);
    this.#open.set(id, { id, ...(parent !== undefined && { parent }), unit, seq, startedAtMs: atMs });
  }

  #finish(unit: SpanUnit, atMs: EpochMs, end: SpanEnd): readonly RunSpan[] {
    const span = this.#open.get(spanId(unit));
    if (span === undefined) return [];
    this.#open.delete(span.id);
    return [{ ...span, ...this.#about(unit), ...endOf(span, atMs), ...end }];
  }

  #about(unit: SpanUnit): Pick<RunSpan, "command" | "name" | "part"> {
    if (unit.kind !== "step") return {};
    const node = this.#table.row(unit.jobId)?.node;
    const step = node && nodeSteps(node)[unit.step - 1];
    if (step === undefined) return {};
    const name = step.options?.name;
    return { command: step.script, part: step.part, ...(name !== undefined && { name }) };
  }
}

function endOf({ startedAtMs }: OpenSpan, atMs: EpochMs): Pick<RunSpan, "endedAtMs"> {
  return { endedAtMs: atMs > startedAtMs ? atMs : startedAtMs };
}

/** What the phase of a stream makes a span of: a job's own phases are its sections and steps once more. */
function unitOf(stream: StreamRef, record: PhaseStartEvent | PhaseFinishEvent): SpanUnit | undefined {
  const { attempt = 1, phase_code: phase } = record;
  switch (stream.kind) {
    case "run":
      return phase === "run.pipeline_execute" ? undefined : { kind: "phase", phase };
    case "pipeline":
      return { kind: "phase", phase };
    case "job":
      return undefined;
    case "section":
      return { kind: "section", jobId: stream.jobId, attempt, section: stream.section };
    case "step":
      return { kind: "step", jobId: stream.jobId, attempt, step: stream.step };
    default:
      return unreachable(stream);
  }
}

function endFacts(record: PhaseFinishEvent): SpanEnd {
  const { status, exit_code: exitCode, signal, error, tolerated } = record;
  return {
    status,
    ...(exitCode !== undefined && { exitCode }),
    ...(signal !== undefined && { signal }),
    ...(error !== undefined && { error: { code: error.code, message: error.message } }),
    ...(tolerated !== undefined && { tolerated }),
  };
}
