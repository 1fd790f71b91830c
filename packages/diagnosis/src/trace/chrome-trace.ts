import { epochMs, type JobId, type RecordedEvent, stepTitle, unreachable } from "@loom/core";
import { RunSpans, wireTime, type RunSpan } from "@loom/record";
import { oneLine } from "../explain/one-line.ts";

/**
 * A run in the Trace Event Format, which Perfetto and `chrome://tracing` read.
 *
 * The run is a process. Its phases are on a thread of their own, and each slot for a job is a thread, in which the jobs
 * have their sections and steps below them.
 */
export interface ChromeTrace {
  readonly traceEvents: readonly ChromeTraceEvent[];
  readonly displayTimeUnit: "ms";
  readonly otherData: { readonly run_id: string; readonly started_at: string };
}

/** What a trace holds: what took time, and how processes and threads are called. */
export type ChromeTraceEvent = ChromeSpan | ChromeName;

/** Something that took time. Those of one thread contain one another, or do not touch. */
export interface ChromeSpan {
  readonly ph: "X";
  readonly name: string;
  readonly cat: RunSpan["unit"]["kind"];
  readonly pid: number;
  readonly tid: number;
  /** Microseconds since the run began. */
  readonly ts: number;
  /** Microseconds. */
  readonly dur: number;
  readonly args: Readonly<Record<string, string | number | boolean>>;
}

/** How a process or a thread is called, and where it stands. */
export interface ChromeName {
  readonly ph: "M";
  readonly name: "process_name" | "thread_name" | "thread_sort_index";
  readonly pid: number;
  readonly tid: number;
  readonly args: { readonly name: string } | { readonly sort_index: number };
}

/** The one process. */
const PID = 1;

/** The thread of the run and its phases; those of the slots follow. */
const RUN_TID = 0;

/**
 * Writes a run as a trace. Pure; what is still open, as the run goes on or was cut off, ends with its last record.
 *
 * @param records - In the order of `seq`, as `readRecords` gives them.
 * @returns `undefined` when there is nothing that took time.
 */
export function chromeTrace(runId: string, records: Iterable<RecordedEvent>): ChromeTrace | undefined {
  const fold = new RunSpans();
  const slots = new Slots();
  const spans: RunSpan[] = [];
  for (const { stream, record } of records) {
    const ended = fold.record(stream, record);
    if (record.event === "job_state" && record.to === "running") slots.take(record.job_id);
    for (const { unit } of ended) if (unit.kind === "job") slots.free(unit.jobId);
    spans.push(...ended);
  }
  spans.push(...fold.open());
  if (spans.length === 0) return undefined;
  const byThread = Map.groupBy(spans, (span) => tidOf(span, slots));
  const threads = [...byThread].sort(([a], [b]) => a - b);
  const drawn = threads.flatMap(([tid, own]) => drawThread(own).map((each) => ({ ...each, tid })));
  const beganAtMs = epochMs(drawn.reduce((least, { startMs }) => Math.min(least, startMs), Infinity));
  return {
    traceEvents: [
      named("process_name", RUN_TID, { name: runId }),
      ...threads.flatMap(([tid]) => [
        named("thread_name", tid, { name: tid === RUN_TID ? "run" : `slot ${tid}` }),
        named("thread_sort_index", tid, { sort_index: tid }),
      ]),
      ...drawn.map(({ span, tid, startMs, endMs }): ChromeSpan => ({
        ph: "X",
        name: nameOf(span),
        cat: span.unit.kind,
        pid: PID,
        tid,
        ts: (startMs - beganAtMs) * 1000,
        dur: (endMs - startMs) * 1000,
        args: argsOf(span),
      })),
    ],
    displayTimeUnit: "ms",
    otherData: { run_id: runId, started_at: wireTime(beganAtMs) },
  };
}

/** Which job has which slot, from 1: a job that starts takes the lowest that is free. */
class Slots {
  readonly #slots: (JobId | undefined)[] = [];
  readonly #slotOf = new Map<JobId, number>();

  take(id: JobId): void {
    if (this.#slotOf.has(id)) return;
    const free = this.#slots.indexOf(undefined);
    const index = free === -1 ? this.#slots.length : free;
    this.#slots[index] = id;
    this.#slotOf.set(id, index + 1);
  }

  free(id: JobId): void {
    const slot = this.#slotOf.get(id);
    if (slot !== undefined && this.#slots[slot - 1] === id) this.#slots[slot - 1] = undefined;
  }

  /** Also of a job that has ended; `undefined` for one that never started. */
  of(id: JobId): number | undefined {
    return this.#slotOf.get(id);
  }
}

function tidOf({ unit }: RunSpan, slots: Slots): number {
  return "jobId" in unit ? (slots.of(unit.jobId) ?? RUN_TID) : RUN_TID;
}

/** A span with the times that it is drawn at. */
interface Drawn {
  readonly span: RunSpan;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Draws the spans of a thread, the outer before the inner, each within the one that it is part of and behind the one
 * before it: importers drop what overlaps, and clocks go backwards.
 */
function drawThread(spans: readonly RunSpan[]): readonly Drawn[] {
  const here = new Set(spans.map(({ id }) => id));
  const parts = new Map<string | undefined, RunSpan[]>();
  for (const span of spans.toSorted((a, b) => a.seq - b.seq)) {
    const parent = span.parent !== undefined && here.has(span.parent) ? span.parent : undefined;
    const known = parts.get(parent);
    if (known === undefined) parts.set(parent, [span]);
    else known.push(span);
  }
  return draw(parts.get(undefined) ?? [], { startMs: -Infinity, endMs: Infinity }, parts);
}

/** @param siblings - In the order of their starts. */
function draw(
  siblings: readonly RunSpan[],
  around: Omit<Drawn, "span">,
  parts: ReadonlyMap<string | undefined, readonly RunSpan[]>,
): readonly Drawn[] {
  const drawn: Drawn[] = [];
  let { startMs: fromMs } = around;
  for (let index = 0; index < siblings.length; index += 1) {
    const span = siblings[index];
    if (span === undefined) break;
    const startMs = Math.min(Math.max(span.startedAtMs, fromMs), around.endMs);
    const endMs = Math.min(Math.max(span.endedAtMs, startMs), around.endMs);
    const own = parts.get(span.id) ?? [];
    const inside = own.length > 0 ? 0 : countInside(siblings, index);
    const next = own.length > 0 ? own : siblings.slice(index + 1, index + 1 + inside);
    drawn.push({ span, startMs, endMs }, ...draw(next, { startMs, endMs }, parts));
    index += inside;
    fromMs = endMs;
  }
  return drawn;
}

/** How many of the siblings behind a section lie inside it, as sections do that another one waits for. */
function countInside(siblings: readonly RunSpan[], index: number): number {
  const { unit, endedAtMs = 0 } = siblings[index] ?? {};
  if (unit?.kind !== "section") return 0;
  const behind = siblings.slice(index + 1);
  const end = behind.findIndex(
    (each) => each.unit.kind !== "section" || each.startedAtMs >= endedAtMs || each.endedAtMs > endedAtMs,
  );
  return end === -1 ? behind.length : end;
}

function nameOf({ unit, command, name }: RunSpan): string {
  switch (unit.kind) {
    case "run":
      return "run";
    case "phase":
      return unit.phase;
    case "job":
      return unit.jobId;
    case "section":
      return unit.section;
    case "step":
      return command === undefined ? `step ${unit.step}` : oneLine(stepTitle(command, name));
    default:
      return unreachable(unit);
  }
}

function argsOf(span: RunSpan): ChromeSpan["args"] {
  const { unit, status, exitCode, signal, error, reason, command, tolerated } = span;
  return {
    status,
    ...("step" in unit && { step: unit.step }),
    ...("attempt" in unit && { attempt: unit.attempt }),
    ...(command !== undefined && { command }),
    ...(exitCode !== undefined && { exit_code: exitCode }),
    ...(signal !== undefined && { signal }),
    ...(reason !== undefined && { reason }),
    ...(error !== undefined && { error_code: error.code, error: error.message }),
    ...(tolerated !== undefined && { tolerated }),
  };
}

function named(name: ChromeName["name"], tid: number, args: ChromeName["args"]): ChromeName {
  return { ph: "M", name, pid: PID, tid, args };
}
