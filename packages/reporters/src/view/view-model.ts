import {
  errorCode,
  isTerminal,
  JOB_PHASE_ORDER,
  jobId,
  unreachable,
  type GraphIr,
  type GraphNode,
  type JobId,
  type JobPhaseCode,
  type LogEvent,
  type PhaseFinishEvent,
  type PhaseStartEvent,
  type PhaseStatus,
  type SectionName,
  type SkipReason,
  type StreamRef,
  relativePaths,
  workplaceOf,
  nodeSteps,
  tolerates,
} from "@loom/core";
import type { LifecycleRecord, LineBatch, RecordSink } from "@loom/ports";
import {
  attemptStart,
  fromWireTime,
  RunTable,
  type FailingUnit,
  type JobRow,
  type RunPlanFacts,
  type TableChange,
} from "@loom/record";
import { countKey, noJobs, type MutableCounts } from "./job-counts.ts";
import type {
  CacheCounts,
  FailureView,
  JobTally,
  JobHead,
  JobUnit,
  JobView,
  RunView,
  StepUnit,
  UnitView,
} from "./run-view.ts";
import { TailLines } from "./tail-lines.ts";

/** What is remembered of a job beside what is shown. */
interface JobWork {
  attempt: number;
  tail?: TailLines;
  /** The last lines of the units that failed, by their ends. */
  readonly failed: Map<PhaseFinishEvent, readonly string[]>;
}

interface Stage {
  readonly name: string;
  readonly firstJob: number;
  readonly counts: MutableCounts;
}

/**
 * Follows the records of a run and says what the run looks like.
 *
 * Deterministic, free of IO and of time: moments come from the records. It owns
 * its tables; a record costs the same however many jobs there are, only
 * `view()` costs O(jobs), once per change.
 */
export class ViewModel implements RecordSink {
  readonly #table = new RunTable();
  readonly #jobs: JobView[] = [];
  readonly #indexOf = new Map<JobId, number>();
  readonly #work = new Map<JobId, JobWork>();
  readonly #units = new Map<JobId, readonly UnitView[]>();
  readonly #steps = new Map<JobId, readonly StepUnit[]>();
  readonly #stages: Stage[] = [];
  readonly #stageOf = new Map<string, Stage>();
  readonly #counts: MutableCounts = noJobs();
  readonly #running = new Set<JobId>();
  readonly #ended: JobId[] = [];
  readonly #failed: JobId[] = [];
  #firstFailureId: JobId | undefined;
  #run: Pick<
    RunView,
    "phase" | "runId" | "startedAtMs" | "stoppedAtMs" | "finishedAtMs" | "workspace" | "error"
  > = {
    phase: "starting",
  };
  #relative: (text: string) => string = (text) => text;
  #version = 0;
  #view: RunView | undefined;

  /** Rises with every change that `view()` shows. */
  get version(): number {
    return this.#version;
  }

  /** Present counts over all jobs. A live object: read it, do not keep it. */
  get counts(): JobTally {
    return this.#counts;
  }

  /** One job as it is now, or `undefined` when the run has no such job (yet). O(1). */
  job(jobId: JobId): JobView | undefined {
    const index = this.#indexOf.get(jobId);
    return index === undefined ? undefined : this.#jobs[index];
  }

  /** The parts of a job's last attempt that have begun, in that order. */
  units(jobId: JobId): readonly UnitView[] {
    return this.#units.get(jobId) ?? NO_UNITS;
  }

  /** The steps of a job, in their order; empty when the graph is not known. */
  steps(jobId: JobId): readonly StepUnit[] {
    return this.#steps.get(jobId) ?? NO_STEPS;
  }

  /** What made the last attempt at a job fail, as far as that is known. */
  failure(jobId: JobId): FailureView | undefined {
    const failing = this.#table.failing(jobId);
    if (failing === undefined) return undefined;
    const { end, error } = failing;
    return {
      unit: this.#unitOf(failing),
      ...(end.exit_code !== undefined && { exitCode: end.exit_code }),
      ...(end.signal !== undefined && { signal: end.signal }),
      ...(error !== undefined && { error }),
      lines: this.#work.get(jobId)?.failed.get(end) ?? [],
    };
  }

  /** The jobs and their states, as every reader of a run folds them. */
  get table(): Pick<RunTable, "plan" | "rows"> {
    return this.#table;
  }

  /** The compiled workflow; `undefined` until it is announced. */
  get graph(): GraphIr | undefined {
    return this.#table.plan?.graph;
  }

  /** How many jobs run at a time, when the run says so. */
  get concurrency(): number | undefined {
    return this.#table.plan?.concurrency;
  }

  /** Nothing waits here: what was told is in the next view. */
  flush(): void {}

  /** The whole run as it is now. The same object until something changes. */
  view(): RunView {
    if (this.#view?.version === this.#version) return this.#view;
    this.#view = {
      version: this.#version,
      ...this.#run,
      counts: { ...this.#counts },
      stages: this.#stages.map((stage) => ({ ...stage, counts: { ...stage.counts } })),
      jobs: this.#jobs.slice(),
      runningIds: [...this.#running],
      endedIds: this.#ended.slice(),
      failedIds: this.#failed.slice(),
      ...(this.#firstFailureId !== undefined && { firstFailureId: this.#firstFailureId }),
    };
    return this.#view;
  }

  /** Takes one record of a stream. */
  record(stream: StreamRef, record: LifecycleRecord): void {
    switch (record.event) {
      case "phase_start":
        this.#take(this.#table.record(stream, record));
        return this.#phaseStarts(stream, record);
      case "phase_finish":
        this.#take(this.#table.record(stream, record));
        return this.#phaseEnds(stream, record);
      case "job_state":
        return this.#take(this.#table.record(stream, record));
      case "log":
        this.#learnWorkplace(stream, record);
        this.#learnStop(stream, record);
        this.#countCache(stream, record);
        return this.#take(this.#table.record(stream, record));
      default:
        return unreachable(record);
    }
  }

  /** Text of a job, with paths into where it worked relative to the project. */
  relative(text: string): string {
    return this.#relative(text);
  }

  /** Takes lines of output of a step or a section. */
  lines(stream: StreamRef, batch: LineBatch): void {
    if (stream.kind !== "step" && stream.kind !== "section") return;
    this.#work.get(stream.jobId)?.tail?.push(batch);
  }

  #learnWorkplace(stream: StreamRef, record: LogEvent): void {
    const workplace = stream.kind === "run" ? workplaceOf(record) : undefined;
    if (workplace === undefined) return;
    const { projectDir: path, snapshotPath } = workplace;
    this.#run = { ...this.#run, workspace: { path, isSnapshot: snapshotPath !== undefined } };
    this.#relative = relativePaths(workplace);
    this.#changed();
  }

  #learnStop(stream: StreamRef, record: LogEvent): void {
    if (stream.kind !== "run" || record["stop"] === undefined) return;
    this.#run = { ...this.#run, stoppedAtMs: this.#run.stoppedAtMs ?? fromWireTime(record.ts) };
    this.#changed();
  }

  #take(change: TableChange | undefined): void {
    if (change?.kind === "plan") this.#learnPlan(change.plan);
    if (change?.kind === "job") this.#moves(change.row);
    if (change?.kind === "pause") this.#learnPause(change.row);
    if (change?.kind === "played") this.#learnWaiting();
  }

  #learnPlan({ graph }: RunPlanFacts): void {
    this.#clear();
    for (const [stage, nodes] of nodesByStage(graph)) {
      this.#stage(stage);
      for (const node of nodes) {
        const id = jobId(node.id);
        this.#steps.set(id, stepUnits(node));
        this.#add({
          jobId: id,
          stage,
          allowFailure: node.allow_failure ?? false,
          ...(typeof node.title === "string" && { title: node.title }),
          status: "pending",
        });
      }
    }
    // What came before its graph, as in damaged streams.
    for (const row of this.#table.rows()) if (row.status !== "pending") this.#moves(row);
    this.#learnWaiting();
    this.#changed();
  }

  #learnPause({ jobId: id, paused }: JobRow): void {
    this.#put(id, (job) => {
      if (job.status !== "running") return job;
      const { paused: _, ...rest } = job;
      return { ...rest, ...(paused !== undefined && { paused }) };
    });
  }

  /** Which jobs wait for somebody to ask for them. */
  #learnWaiting(): void {
    for (const { jobId: id, status, waits } of this.#table.rows()) {
      const job = this.job(id);
      if (status !== "pending" || job?.status !== "pending" || job.waits === waits) continue;
      this.#put(id, () => ({ ...identityOf(job), status, ...(waits === true && { waits }) }));
    }
    this.#changed();
  }

  #clear(): void {
    this.#jobs.length = 0;
    this.#stages.length = 0;
    this.#ended.length = 0;
    this.#failed.length = 0;
    for (const known of [this.#indexOf, this.#stageOf, this.#running]) known.clear();
    Object.assign(this.#counts, noJobs());
    this.#firstFailureId = undefined;
  }

  #add(job: JobView): number {
    const stage = this.#stage(job.stage);
    this.#indexOf.set(job.jobId, this.#jobs.length);
    for (const counts of [this.#counts, stage.counts]) {
      counts.total += 1;
      counts[countKey(job)] += 1;
    }
    return this.#jobs.push(job) - 1;
  }

  #stage(name: string): Stage {
    const known = this.#stageOf.get(name);
    if (known !== undefined) return known;
    const stage = { name, firstJob: this.#jobs.length, counts: noJobs() };
    this.#stageOf.set(name, stage);
    this.#stages.push(stage);
    return stage;
  }

  /** Changes a job. One that the table does not know has no row: which jobs there are is said there alone. */
  #put(jobId: JobId, change: (job: JobView) => JobView): void {
    const index = this.#indexOf.get(jobId);
    const before = index === undefined ? undefined : this.#jobs[index];
    if (index === undefined || before === undefined) return;
    const after = change(before);
    this.#jobs[index] = after;
    for (const counts of [this.#counts, this.#stage(after.stage).counts]) {
      counts[countKey(before)] -= 1;
      counts[countKey(after)] += 1;
    }
    this.#changed();
  }

  #changed(): void {
    this.#version += 1;
  }

  #phaseStarts(stream: StreamRef, record: PhaseStartEvent): void {
    switch (stream.kind) {
      case "run":
        return this.#runPhaseStarts(record);
      case "job":
        return this.#attemptStarts(stream.jobId, record);
      case "step":
        return this.#unitStarts(stream.jobId, this.#stepUnit(stream.jobId, stream.step), record);
      case "section":
        return this.#unitStarts(stream.jobId, { kind: "section", section: stream.section }, record);
      case "pipeline":
        return undefined;
      default:
        return unreachable(stream);
    }
  }

  #runPhaseStarts(record: PhaseStartEvent): void {
    const startedAtMs = this.#run.startedAtMs ?? fromWireTime(record.ts);
    const phase = record.phase_code === "run.finalize" ? "finalizing" : this.#run.phase;
    this.#run = { ...this.#run, phase, startedAtMs, runId: record.run_id };
    if (record.phase_code === "run.pipeline_execute") this.#run = { ...this.#run, phase: "running" };
    this.#changed();
  }

  #attemptStarts(jobId: JobId, record: PhaseStartEvent): void {
    const start = attemptStart({ kind: "job", jobId }, record);
    if (start === undefined) return;
    const work = this.#workOf(jobId);
    const { attempt, fromStep = 0 } = start;
    if (attempt === work.attempt) return;
    // One that goes on with what the attempt before it has keeps what came before its first step.
    const kept = this.units(jobId).filter(
      ({ unit }) => fromStep > 0 && (unit.kind === "section" || unit.step < fromStep),
    );
    if (kept.length === 0) this.#units.delete(jobId);
    else this.#units.set(jobId, kept);
    this.#work.set(jobId, { attempt, failed: new Map() });
    this.#put(jobId, (job) => (job.status === "running" ? { ...job, attempt } : job));
  }

  #unitStarts(jobId: JobId, unit: UnitView["unit"], record: PhaseStartEvent): void {
    this.#workOf(jobId).tail = new TailLines();
    const begun: UnitView = { unit, status: "running", startedAtMs: fromWireTime(record.ts) };
    this.#units.set(jobId, [...this.units(jobId), begun]);
    this.#put(jobId, (job) => (job.status === "running" ? { ...job, unit } : job));
  }

  #phaseEnds(stream: StreamRef, record: PhaseFinishEvent): void {
    switch (stream.kind) {
      case "run":
        return this.#runPhaseEnds(record);
      case "step":
        return this.#unitEnds(stream.jobId, this.#stepUnit(stream.jobId, stream.step), record);
      case "section":
        return this.#unitEnds(stream.jobId, { kind: "section", section: stream.section }, record);
      case "job":
      case "pipeline":
        return undefined;
      default:
        return unreachable(stream);
    }
  }

  #runPhaseEnds(record: PhaseFinishEvent): void {
    const { error } = record;
    this.#run = { ...this.#run, ...(error !== undefined && { error }) };
    if (record.phase_code === "run.finalize") {
      this.#run = { ...this.#run, phase: "finished", finishedAtMs: fromWireTime(record.ts) };
    }
    this.#changed();
  }

  #countCache(stream: StreamRef, record: LogEvent): void {
    if (stream.kind !== "section" || !CACHE_SECTIONS.has(stream.section)) return;
    const { hit, saved, duration_ms: durationMs } = record;
    // A record without a time sums several up.
    if (typeof durationMs !== "number") return;
    const units = this.units(stream.jobId).map((known): UnitView => {
      if (!isSameUnit(known.unit, { kind: "section", section: stream.section })) return known;
      const { hits, misses, saved: kept } = known.caches ?? NO_CACHES;
      const caches = {
        hits: hits + (hit === true ? 1 : 0),
        misses: misses + (hit === false ? 1 : 0),
        saved: kept + (saved === true ? 1 : 0),
      };
      return { ...known, caches };
    });
    this.#units.set(stream.jobId, units);
    this.#changed();
  }

  #unitEnds(jobId: JobId, unit: UnitView["unit"], record: PhaseFinishEvent): void {
    const work = this.#workOf(jobId);
    this.#units.set(
      jobId,
      this.units(jobId).map((known) => (isSameUnit(known.unit, unit) ? endedUnit(known, record) : known)),
    );
    if (record.status === "failed") work.failed.set(record, (work.tail?.lines() ?? []).map(this.#relative));
    delete work.tail;
    this.#put(jobId, withoutUnit);
  }

  #moves(row: JobRow): void {
    const { jobId: id, status, startedAtMs } = row;
    // A job that no graph has announced, as in damaged streams.
    if (!this.#indexOf.has(id)) this.#add({ jobId: id, stage: "", allowFailure: false, status: "pending" });
    if (status === "running") {
      const work = this.#workOf(id);
      this.#running.add(id);
      const since = { attempt: work.attempt, startedAtMs: startedAtMs ?? 0 };
      this.#put(id, (job) => ({ ...identityOf(job), status, ...since }));
      return;
    }
    if (!isTerminal(status)) {
      this.#put(id, (job) => ({ ...identityOf(job), status }));
      return;
    }
    this.#put(id, (job) => this.#ends(identityOf(job), { ...row, status }));
    this.#running.delete(id);
    this.#ended.push(id);
    if (status === "failed") this.#fails(id);
    this.#work.delete(id);
  }

  #fails(id: JobId): void {
    this.#failed.push(id);
    const job = this.job(id);
    if (job?.status === "failed" && job.blocking) this.#firstFailureId ??= id;
  }

  #ends(identity: JobHead, row: JobRow & { readonly status: PhaseStatus }): JobView {
    const work = this.#work.get(identity.jobId);
    const { status, startedAtMs, endedAtMs: finishedAtMs = 0, reason, blockedBy, keptFrom } = row;
    const time = { ...(startedAtMs !== undefined && { startedAtMs }), finishedAtMs };
    const attempt = startedAtMs === undefined ? 0 : (work?.attempt ?? 1);
    switch (status) {
      case "skipped":
        return {
          ...identity,
          status,
          reason: (reason ?? "condition_not_met") as SkipReason,
          blockedBy,
          ...(keptFrom !== undefined && { keptFrom }),
          finishedAtMs,
        };
      case "failed": {
        const failure = this.failure(identity.jobId) ?? unexplained(reason);
        return {
          ...identity,
          status,
          blocking: !tolerates(identity.allowFailure, failure.exitCode),
          attempt,
          ...time,
          failure,
        };
      }
      case "success":
      case "cancelled":
        return { ...identity, status, attempt, ...time };
      default:
        return unreachable(status);
    }
  }

  #workOf(jobId: JobId): JobWork {
    const known = this.#work.get(jobId);
    if (known !== undefined) return known;
    const work: JobWork = { attempt: 1, failed: new Map() };
    this.#work.set(jobId, work);
    return work;
  }

  #unitOf({ stream, end }: FailingUnit): JobUnit {
    switch (stream.kind) {
      case "step":
        return this.#stepUnit(stream.jobId, stream.step);
      case "section":
        return { kind: "section", section: stream.section };
      case "job":
        return { kind: "phase", phase: jobPhase(end) };
      default:
        return unreachable(stream);
    }
  }

  #stepUnit(jobId: JobId, step: number): StepUnit {
    return this.#steps.get(jobId)?.[step - 1] ?? { kind: "step", step };
  }
}

const NO_UNITS: readonly UnitView[] = [];
const NO_CACHES: CacheCounts = { hits: 0, misses: 0, saved: 0 };
const CACHE_SECTIONS: ReadonlySet<SectionName> = new Set(["cache_restore", "cache_save"]);
const NO_STEPS: readonly StepUnit[] = [];

function isSameUnit(a: UnitView["unit"], b: UnitView["unit"]): boolean {
  if (a.kind === "step") return b.kind === "step" && a.step === b.step;
  return b.kind === "section" && a.section === b.section;
}

function endedUnit(unit: UnitView, record: PhaseFinishEvent): UnitView {
  if (unit.status !== "running") return unit;
  const finishedAtMs = fromWireTime(record.ts);
  const { exit_code: exitCode } = record;
  return { ...unit, status: record.status, finishedAtMs, ...(exitCode !== undefined && { exitCode }) };
}

function stepUnits(node: GraphNode): readonly StepUnit[] {
  return nodeSteps(node).map(({ script: command, options }, index) => ({
    kind: "step",
    step: index + 1,
    command,
    ...(options?.name !== undefined && { name: options.name }),
  }));
}

function nodesByStage(graph: GraphIr): Map<string, GraphNode[]> {
  const stages = new Map<string, GraphNode[]>(graph.stages.map((name) => [name, []]));
  for (const node of graph.nodes) {
    const nodes = stages.get(node.stage);
    if (nodes === undefined) stages.set(node.stage, [node]);
    else nodes.push(node);
  }
  return stages;
}

function identityOf({ jobId, stage, allowFailure, title }: JobView): JobHead {
  return { jobId, stage, allowFailure, ...(title !== undefined && { title }) };
}

function withoutUnit(job: JobView): JobView {
  if (job.status !== "running") return job;
  const { unit: _ended, ...rest } = job;
  return rest;
}

/** The failure of a job whose stream does not say what failed. */
function unexplained(reason: string | undefined): FailureView {
  const code = errorCode(reason ?? "unknown");
  return { unit: { kind: "phase", phase: "job.execution" }, error: { code, message: code }, lines: [] };
}

function jobPhase(record: PhaseFinishEvent): JobPhaseCode {
  return JOB_PHASE_ORDER.find((phase) => phase === record.phase_code) ?? "job.execution";
}
