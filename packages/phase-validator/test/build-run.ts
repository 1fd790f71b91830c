import {
  EVENT_SCHEMA_VERSION,
  GRAPH_IR_SCHEMA,
  PHASES,
  type GraphIr,
  type GraphNode,
  type PhaseCode,
} from "@loom/core";

/** One record, not numbered yet. The order of entries is the order of the run. */
export interface Entry {
  readonly path: string;
  readonly event: { readonly [key: string]: unknown };
}

/** What a job of a built run does once its gates open. */
export interface JobShape {
  readonly id: string;
  readonly stage: string;
  readonly needs?: readonly string[];
  readonly gate?: "needs";
  readonly when?: "on_success" | "on_failure" | "always";
  readonly allowFailure?: boolean;
  /** Default `success`. `cancelled` cancels the whole run. */
  readonly does?: "success" | "failed" | "prepare_failed" | "cancelled";
  /** Default 1; the attempts before the last fail. */
  readonly attempts?: number;
  /** Whether those after the first go on from the step that failed, as somebody asked. */
  readonly resumes?: boolean;
  /** Default 1. */
  readonly steps?: number;
  /** Lines of output of each step, default 2. */
  readonly lines?: number;
  /** Whether it has the optional phases. */
  readonly optional?: boolean;
}

/** A run to build. */
export interface RunShape {
  readonly stages?: readonly string[];
  readonly jobs: readonly JobShape[];
  readonly bootstrapFails?: boolean;
  /** Chooses which of the jobs that run side by side goes on. Default 1. */
  readonly seed?: number;
}

/** A valid run. */
export interface BuiltRun {
  readonly entries: readonly Entry[];
  readonly graph: GraphIr;
  readonly documents: ReadonlyMap<string, { readonly [key: string]: unknown }>;
}

export const RUN_ID = "loom-run-local-1767225600000000000";
export const PIPELINE_ID = "loom-local-1767225600000000000";

const IDENTITY = { schema_version: EVENT_SCHEMA_VERSION, run_id: RUN_ID, pipeline_id: PIPELINE_ID };
const TERMINAL = ["success", "failed", "skipped", "cancelled"] as const;
type Terminal = (typeof TERMINAL)[number];
interface Ended {
  readonly status: Terminal;
  readonly reason?: string;
  readonly exitCode?: number;
}
/** What a job's work comes to. */
type Done = Ended & { readonly reason?: never };

/** Builds a valid run of the shape asked for. */
export function buildRun(shape: RunShape): BuiltRun {
  const entries: Entry[] = [];
  const documents = new Map<string, { readonly [key: string]: unknown }>();
  const emit = (path: string, event: Entry["event"]): void => void entries.push({ path, event });
  const phase = (at: PhaseAt): Entry => ({ path: at.path, event: boundary(at) });
  const around = (path: string, code: PhaseCode): { start(): void; finish(status: string): void } => ({
    start: () => void entries.push(phase({ path, code })),
    finish: (status) => void entries.push(phase({ path, code, status })),
  });
  const graph = graphOf(shape);
  const bootstrap = around("events.jsonl", "run.bootstrap");
  const outer = around("events.jsonl", "run.pipeline_execute");
  const pipeline = around("pipeline/events.jsonl", "pipeline.execute");
  const finalize = around("events.jsonl", "run.finalize");
  const ended = new Map<string, Ended>();
  const finished: string[] = [];

  bootstrap.start();
  emit("events.jsonl", { event: "log", level: "info", message: "Compiled", graph_ir: graph });
  bootstrap.finish(shape.bootstrapFails === true ? "failed" : "success");
  outer.start();
  pipeline.start();
  let cancelled = false;
  let seed = shape.seed ?? 1;
  const pick = (count: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % count;
  };
  const active: { readonly job: JobShape; readonly work: Iterator<Entry, Done> }[] = [];
  const waiting = [...shape.jobs];
  while (waiting.length > 0 || active.length > 0) {
    for (const job of waiting.slice()) {
      const decision = shape.bootstrapFails
        ? { skip: "bootstrap_failed" }
        : cancelled
          ? { cancel: true }
          : decide(shape, job, ended);
      if (decision === "wait") continue;
      waiting.splice(waiting.indexOf(job), 1);
      if (decision === "start") {
        emit("pipeline/events.jsonl", { event: "job_state", job_id: job.id, from: "pending", to: "ready" });
        emit("pipeline/events.jsonl", { event: "job_state", job_id: job.id, from: "ready", to: "running" });
        active.push({ job, work: work(job, documents) });
        continue;
      }
      entries.push(...cleanup(job.id, documents));
      const script = Array.from({ length: job.steps ?? 1 }, (_, index) => index + 1);
      const end: Ended =
        "skip" in decision ? { status: "skipped", reason: decision.skip } : { status: "cancelled" };
      emit("pipeline/events.jsonl", {
        event: "job_state",
        job_id: job.id,
        from: "pending",
        to: end.status,
        ...(end.reason !== undefined && { reason: end.reason }),
      });
      documents.set(`jobs/${job.id}/manifest.json`, {
        run_id: RUN_ID,
        status: end.status,
        ...(end.reason !== undefined && { skip_reason: end.reason }),
        steps: script.map((step) => ({ step, command: commandOf(step), status: "skipped" })),
        system_sections: sectionsOf(job.id, documents),
        events_path: `jobs/${job.id}/events.jsonl`,
      });
      ended.set(job.id, end);
    }
    if (active.length === 0) continue;
    const index = pick(active.length);
    const current = active[index];
    if (current === undefined) continue;
    const next = current.work.next();
    if (next.done !== true) {
      entries.push(next.value);
      continue;
    }
    active.splice(index, 1);
    const { id } = current.job;
    const { status } = next.value;
    emit("pipeline/events.jsonl", { event: "job_state", job_id: id, from: "running", to: status });
    ended.set(id, next.value);
    if (status === "failed" && current.job.allowFailure !== true) finished.push(id);
    if (status === "cancelled") cancelled = true;
  }
  const status =
    shape.bootstrapFails === true
      ? "failed"
      : cancelled
        ? "cancelled"
        : finished.length > 0
          ? "failed"
          : "success";
  pipeline.finish(shape.bootstrapFails === true ? "skipped" : status);
  outer.finish(shape.bootstrapFails === true ? "skipped" : status);
  finalize.start();
  finalize.finish("success");
  documentRun(documents, { shape, ended, finished, status });
  return { entries, graph, documents };
}

/** A shape in which everything happens: stages, needs, optional phases, a retry, a tolerated failure. */
export const RICH_SHAPE: RunShape = {
  stages: ["build", "test", "empty", "deploy"],
  jobs: [
    { id: "compile", stage: "build", optional: true, steps: 2 },
    { id: "lint", stage: "build", does: "failed", allowFailure: true },
    { id: "unit", stage: "test", needs: ["compile"], attempts: 2, optional: true },
    { id: "late", stage: "test", needs: ["unit"] },
    { id: "alarm", stage: "deploy", when: "on_failure" },
    { id: "ship", stage: "deploy", steps: 2 },
  ],
};

/** The lines of every stream, mirrors included, numbered in the order of the entries. */
export function render(entries: readonly Entry[]): Map<string, string[]> {
  const streams = new Map<string, string[]>();
  const write = (path: string, line: string): void => {
    const lines = streams.get(path);
    if (lines === undefined) streams.set(path, [line]);
    else lines.push(line);
  };
  for (const [index, { path, event }] of entries.entries()) {
    const line = JSON.stringify(numbered(event, index + 1));
    write(path, line);
    const job = /^jobs\/([^/]+)\/(?:events\.jsonl|user\/)/.exec(path)?.[1];
    const code = event["phase_code"];
    if (job !== undefined && (code === "job.execution" || code === "step.script")) {
      write(`jobs/${job}/user/execution/events.jsonl`, line);
    }
  }
  return streams;
}

/** A record with its number and time. */
export function numbered(event: Entry["event"], seq: number): { readonly [key: string]: unknown } {
  const ts = new Date(Date.UTC(2026, 0, 1) + seq).toISOString();
  const { event: word, ...rest } = event;
  return { seq, ts, event: word, ...rest };
}

interface PhaseAt {
  readonly path: string;
  readonly code: PhaseCode;
  readonly status?: string;
  readonly jobId?: string;
  readonly section?: string;
  readonly step?: number;
  readonly attempt?: number;
  readonly exitCode?: number | undefined;
}

function boundary(at: PhaseAt): Entry["event"] {
  return {
    event: at.status === undefined ? "phase_start" : "phase_finish",
    ...IDENTITY,
    scope: PHASES[at.code].scope,
    phase_code: at.code,
    phase_family: PHASES[at.code].family,
    ...(at.jobId !== undefined && { job_id: at.jobId }),
    ...(at.section !== undefined && { section: at.section }),
    ...(at.step !== undefined && { step: at.step }),
    ...(at.attempt !== undefined && at.attempt > 1 && { attempt: at.attempt }),
    ...(at.status !== undefined && { status: at.status, duration_ms: 1 }),
    ...(at.exitCode !== undefined && { exit_code: at.exitCode }),
  };
}

function graphOf(shape: RunShape): GraphIr {
  const nodes = shape.jobs.map((job): GraphNode => ({
    id: job.id,
    stage: job.stage,
    target: "linux",
    script: Array.from({ length: job.steps ?? 1 }, (_, index) => commandOf(index + 1)),
    ...(job.needs !== undefined && { needs: job.needs }),
    ...(job.gate !== undefined && { gate: job.gate }),
    ...(job.allowFailure !== undefined && { allow_failure: job.allowFailure }),
    ...(job.when !== undefined && { when: job.when }),
  }));
  const stages = shape.stages ?? [...new Set(shape.jobs.map((job) => job.stage))];
  const edges = nodes.flatMap((node) =>
    (node.needs ?? []).map((from) => ({ from, to: node.id, kind: "needs" as const })),
  );
  return { schema: GRAPH_IR_SCHEMA, stages, nodes, edges };
}

function decide(
  shape: RunShape,
  job: JobShape,
  ended: ReadonlyMap<string, Ended>,
): "wait" | "start" | { readonly skip: string } {
  const stages = shape.stages ?? [...new Set(shape.jobs.map(({ stage }) => stage))];
  const upstream = shape.jobs.filter(
    (other) =>
      (job.gate !== "needs" && stages.indexOf(other.stage) < stages.indexOf(job.stage)) ||
      job.needs?.includes(other.id) === true,
  );
  if (upstream.some(({ id }) => !ended.has(id))) return "wait";
  const failed = upstream.some(
    (other) => ended.get(other.id)?.status === "failed" && other.allowFailure !== true,
  );
  const skippedByFailure = upstream.some(({ id }) =>
    ["upstream_failed", "stage_blocked"].includes(ended.get(id)?.reason ?? ""),
  );
  const when = job.when ?? "on_success";
  if (when === "on_failure") return failed ? "start" : { skip: "condition_not_met" };
  if (when === "on_success" && (failed || skippedByFailure)) return { skip: "stage_blocked" };
  return "start";
}

interface Document {
  readonly [key: string]: unknown;
}
type Documents = Map<string, Document>;

function commandOf(step: number): string {
  return `step ${step}`;
}

/** The sections of a job as its manifest lists them. */
function sectionsOf(jobId: string, documents: Documents): readonly Document[] {
  const base = `jobs/${jobId}/system/`;
  return [...documents].flatMap(([path, { section, phase_code, status, events_path }]) =>
    path.startsWith(base) ? [{ section, phase_code, status, summary_path: path, events_path }] : [],
  );
}

function* work(job: JobShape, documents: Documents): Generator<Entry, Done> {
  const { id: jobId } = job;
  const attempts = job.attempts ?? 1;
  const does = job.does ?? "success";
  const stream = `jobs/${jobId}/events.jsonl`;
  const steps: Document[] = [];
  /** The steps before the one that failed, of the last attempt that began all over. */
  const kept: Document[] = [];
  let exitCode: number | undefined;
  const isResumed = (attempt: number): boolean =>
    job.resumes === true &&
    attempt > 1 &&
    attempt <= attempts &&
    (attempt < attempts || does !== "prepare_failed");
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const isLast = attempt === attempts;
    const outcome = isLast ? does : "failed";
    const prepared = outcome === "prepare_failed" ? "failed" : "success";
    const goesOn = isResumed(attempt);
    if (!goesOn)
      yield* phaseWithSection(
        { jobId, code: "job.provider_prepare", section: "provider", attempt },
        prepared,
        documents,
      );
    if (!goesOn && prepared === "success" && job.optional === true) {
      yield* phaseWithSection(
        { jobId, code: "job.cache_restore", section: "cache_restore", attempt },
        "success",
        documents,
      );
      yield* phaseWithSection(
        { jobId, code: "job.artifact_restore", section: "artifact_extract", attempt },
        "success",
        documents,
      );
    }
    const count = prepared === "failed" ? 0 : (job.steps ?? 1);
    const execution = boundary({ path: stream, code: "job.execution", jobId, attempt });
    yield { path: stream, event: { ...execution, ...(goesOn && { from_step: count }) } };
    if (!goesOn) kept.length = 0;
    for (let step = goesOn ? count : 1; step <= count; step++) {
      const status = step === count ? (outcome === "prepare_failed" ? "skipped" : outcome) : "success";
      // No two steps of a run of several attempts fail alike; a cancelled one has no code.
      exitCode = status === "success" ? 0 : status === "failed" ? attempt * 10 + step : undefined;
      const exit = exitCode === undefined ? {} : { exit_code: exitCode };
      const name = String(step).padStart(2, "0");
      const base = `jobs/${jobId}/user/execution`;
      const path = `${isLast ? base : `${base}/attempts/${attempt}`}/script/${name}/events.jsonl`;
      yield { path, event: boundary({ path, code: "step.script", jobId, step, attempt }) };
      for (let line = 1; line <= (job.lines ?? 2); line++) {
        yield { path, event: { event: "output", stream: "stdout", text: `line ${line} of "${jobId}"` } };
      }
      yield { path, event: boundary({ path, code: "step.script", jobId, step, attempt, status, exitCode }) };
      const told = { step, command: commandOf(step), status, ...exit, output_lines: job.lines ?? 2 };
      const summaryPath = path.replace("events.jsonl", "summary.json");
      documents.set(summaryPath, { run_id: RUN_ID, ...told, events_path: path });
      const listed = { ...told, summary_path: summaryPath, events_path: path };
      if (isLast) steps.push(listed);
      else if (step < count) kept.push({ ...listed, kept_from_attempt: attempt });
    }
    if (count === 0) {
      exitCode = undefined;
      steps.push({ step: 1, command: commandOf(1), status: "skipped" });
    }
    const status = prepared === "failed" ? "skipped" : outcome;
    yield { path: stream, event: boundary({ path: stream, code: "job.execution", jobId, attempt, status }) };
    if (prepared === "success" && job.optional === true && !isResumed(attempt + 1)) {
      yield* phaseWithSection(
        { jobId, code: "job.artifact_save", section: "artifact_save", attempt },
        "success",
        documents,
      );
      yield* phaseWithSection(
        { jobId, code: "job.cache_save", section: "cache_save", attempt },
        "success",
        documents,
      );
    }
  }
  if (isResumed(attempts)) steps.unshift(...kept);
  yield* cleanup(jobId, documents);
  const ended: Terminal = does === "prepare_failed" ? "failed" : does;
  documents.set(`jobs/${jobId}/manifest.json`, {
    run_id: RUN_ID,
    status: ended,
    ...failure(jobId, steps, ended),
    steps,
    system_sections: sectionsOf(jobId, documents),
    events_path: stream,
  });
  return { status: ended, ...(exitCode !== undefined && { exitCode }) };
}

/** Where a job failed: in its last step, or while it was set up. */
function failure(jobId: string, steps: readonly Document[], ended: Terminal): Document {
  if (ended !== "failed") return {};
  const last = steps.at(-1);
  if (last?.["status"] !== "failed") {
    return {
      failing_section: "provider",
      failing_events_path: `jobs/${jobId}/system/provider/events.jsonl`,
    };
  }
  const path = last["events_path"];
  return {
    failing_section: "execution",
    failing_step: last["step"],
    failing_step_events_path: path,
    failing_events_path: path,
  };
}

function* cleanup(jobId: string, documents: Documents): Generator<Entry> {
  yield* phaseWithSection(
    { jobId, code: "job.cleanup", section: "cleanup", attempt: 1 },
    "success",
    documents,
  );
}

function* phaseWithSection(
  at: {
    readonly jobId: string;
    readonly code: PhaseCode;
    readonly section: string;
    readonly attempt: number;
  },
  status: string,
  documents: Documents,
): Generator<Entry> {
  const { section, ...phase } = at;
  const outer = `jobs/${at.jobId}/events.jsonl`;
  const inner = `jobs/${at.jobId}/system/${section}/events.jsonl`;
  yield { path: outer, event: boundary({ path: outer, ...phase }) };
  yield { path: inner, event: boundary({ path: inner, ...at }) };
  yield { path: inner, event: { event: "log", level: "info", message: "Working" } };
  yield { path: inner, event: boundary({ path: inner, ...at, status }) };
  yield { path: outer, event: boundary({ path: outer, ...phase, status }) };
  documents.set(`jobs/${at.jobId}/system/${section}/summary.json`, {
    run_id: RUN_ID,
    section,
    phase_code: at.code,
    status,
    events_path: inner,
  });
}

function documentRun(
  documents: Documents,
  run: {
    readonly shape: RunShape;
    readonly ended: ReadonlyMap<string, Ended>;
    readonly finished: readonly string[];
    readonly status: string;
  },
): void {
  const status = run.status === "failed" ? "failure" : run.status;
  const jobs = run.shape.jobs.map((job) => {
    const { status: end, reason, exitCode } = run.ended.get(job.id) ?? {};
    return {
      job_id: job.id,
      status: end,
      blocking: end === "failed" && job.allowFailure !== true,
      ...(reason !== undefined && { skip_reason: reason }),
      ...(exitCode !== undefined && { exit_code: exitCode }),
      summary_path: `jobs/${job.id}/summary.json`,
      manifest_path: `jobs/${job.id}/manifest.json`,
      events_path: `jobs/${job.id}/events.jsonl`,
    };
  });
  const exitCode = { success: 0, failure: 1, cancelled: 130 }[status];
  for (const { summary_path: path, events_path: _, ...job } of jobs)
    documents.set(path, { run_id: RUN_ID, ...job });
  const count = (word: string): number => jobs.filter((job) => job.status === word).length;
  const counts = Object.fromEntries(TERMINAL.map((word) => [word, count(word)]));
  documents.set("summary.json", {
    run_id: RUN_ID,
    pipeline_id: PIPELINE_ID,
    status,
    exit_code: exitCode,
    events_path: "events.jsonl",
    pipeline_summary_path: "pipeline/summary.json",
    pipeline_manifest_path: "pipeline/manifest.json",
    phase_report_path: "phase-report.json",
  });
  documents.set("phase-report.json", { run_id: RUN_ID, pipeline_id: PIPELINE_ID, status: "valid" });
  documents.set("pipeline/summary.json", {
    run_id: RUN_ID,
    status,
    exit_code: exitCode,
    job_counts: { total: jobs.length, ...counts },
    manifest_path: "pipeline/manifest.json",
  });
  documents.set("pipeline/manifest.json", {
    run_id: RUN_ID,
    status,
    ...(run.finished.length > 0 && {
      failing_job_id: run.finished[0],
      failing_job_manifest_path: `jobs/${run.finished[0]}/manifest.json`,
      failed_job_ids: run.finished,
    }),
    jobs,
    events_path: "pipeline/events.jsonl",
  });
}
