import {
  EMPTY_GRAPH,
  isTerminal,
  jobId as asJobId,
  unreachable,
  type GraphIr,
  type GraphNode,
  type JobId,
  type LogEvent,
  type PhaseFinishEvent,
  type PhaseStatus,
  type RunIdentity,
  type SectionName,
  type SkipReason,
  type StreamRef,
} from "@loom/core";
import type { LifecycleRecord, LineBatch } from "@loom/ports";
import {
  attemptStart,
  jobDirectory,
  scriptDirectory,
  sectionDirectory,
  stepDirectory,
  millisecondsBetween,
  RunTable,
  type JobRow,
  type RunPlanFacts,
} from "@loom/record";
import { CACHE_FACTS, type CacheFacts } from "../documents/cache-facts.ts";
import { JOB_ARTIFACTS, JOB_TESTS, type JobArtifacts, type JobTests } from "../documents/job-manifest.ts";
import { findMismatch } from "../shape/find-mismatch.ts";
import { jobFailure } from "./job-failure.ts";
import { isBlocking, jobManifest, jobSummary, sectionSummary, stepSummary } from "./job-documents.ts";
import type { JobEnd, JobRecord, SectionRecord, StepRecord } from "./job-record.ts";
import type { TimeSpan } from "./pipeline-documents.ts";

/** What must change on disk because of a record. Paths are relative to the run's directory. */
export type DocumentChange =
  | { readonly kind: "write"; readonly jobId: JobId; readonly path: string; readonly document: object }
  /** Moves a directory; both ends end in `/`. */
  | { readonly kind: "move"; readonly jobId: JobId; readonly from: string; readonly to: string };

/**
 * Derives the documents of a run from its records, and from nothing else.
 *
 * Fed the records in the order of `seq`, while they happen or from the streams
 * of a past run, it returns which documents each of them completes.
 */
export class RunProjection {
  readonly #identity: RunIdentity;
  readonly #table = new RunTable();
  readonly #jobs = new Map<JobId, JobRecord>();
  readonly #failedJobIds: JobId[] = [];
  #startedAt: string | undefined;
  #pipelineStartedAt: string | undefined;
  #pipelineSpan: TimeSpan | undefined;

  constructor(identity: RunIdentity) {
    this.#identity = identity;
  }

  /** The compiled workflow; empty when none was noted. */
  get graph(): GraphIr {
    return this.#table.plan?.graph ?? EMPTY_GRAPH;
  }

  /** The jobs in declaration order. */
  get jobs(): readonly JobRecord[] {
    return [...this.#jobs.values()];
  }

  /** The blocking failures, in the order in which they finished. */
  get failedJobIds(): readonly JobId[] {
    return this.#failedJobIds;
  }

  /** Time of the first record. */
  get startedAt(): string | undefined {
    return this.#startedAt;
  }

  /** When `pipeline.execute` ran; `undefined` while it has not finished. */
  get pipelineSpan(): TimeSpan | undefined {
    return this.#pipelineSpan;
  }

  /** Takes a record and returns what it changes on disk, in order. */
  record(stream: StreamRef, record: LifecycleRecord): readonly DocumentChange[] {
    this.#startedAt ??= record.ts;
    const change = this.#table.record(stream, record);
    switch (stream.kind) {
      case "run":
        if (change?.kind === "plan") this.#takePlan(change.plan);
        return [];
      case "pipeline":
        return change?.kind === "job" ? this.#jobMoves(change.row, record) : this.#pipelineRecord(record);
      case "job":
        return this.#jobRecord(this.#job(stream.jobId), record);
      case "section":
        return this.#sectionRecord(this.#job(stream.jobId), stream.section, record);
      case "step":
        return this.#stepRecord(this.#job(stream.jobId), stream.step, record);
      default:
        return unreachable(stream);
    }
  }

  /** Counts output of a step: a line that came in pieces counts once, with the bytes of all its pieces. */
  output(stream: StreamRef, batch: LineBatch, bytes: number): void {
    if (stream.kind !== "step") return;
    const step = this.#job(stream.jobId).steps[stream.step - 1];
    if (step === undefined) return;
    const continued = step.unfinished.has(batch.stream) ? 1 : 0;
    step.outputLines += batch.ends.length - continued;
    step.outputBytes += bytes;
    if (batch.partial) step.unfinished.add(batch.stream);
    else step.unfinished.delete(batch.stream);
  }

  /** Sets how much a step has put out, when that is known from its stream. */
  recallOutput(past: {
    readonly jobId: JobId;
    readonly step: number;
    readonly lines: number;
    readonly bytes: number;
  }): void {
    const step = this.#job(past.jobId).steps[past.step - 1];
    if (step === undefined) return;
    step.outputLines = past.lines;
    step.outputBytes = past.bytes;
  }

  /** In the order of the graph; a job that came before it keeps what is known of it. */
  #takePlan({ graph }: RunPlanFacts): void {
    const early = new Map(this.#jobs);
    this.#jobs.clear();
    for (const node of graph.nodes) {
      const known = early.get(asJobId(node.id));
      if (known === undefined) this.#addJob(node);
      else this.#jobs.set(known.jobId, { ...known, node });
      early.delete(asJobId(node.id));
    }
    for (const [id, job] of early) this.#jobs.set(id, job);
  }

  #pipelineRecord(record: LifecycleRecord): readonly DocumentChange[] {
    if (record.event === "phase_start") this.#pipelineStartedAt = record.ts;
    if (record.event === "phase_finish") {
      this.#pipelineSpan = {
        startedAt: this.#pipelineStartedAt ?? record.ts,
        finishedAt: record.ts,
        durationMs: record.duration_ms,
      };
    }
    return [];
  }

  #jobMoves(row: JobRow, record: LifecycleRecord): readonly DocumentChange[] {
    const { status } = row;
    if (!isTerminal(status)) return [];
    const job = this.#job(row.jobId);
    const failing = this.#table.failing(row.jobId);
    if (failing !== undefined) job.failure = jobFailure(failing);
    const end = jobEnd(job, { ...row, status }, record.ts);
    job.end = end;
    if (end.status === "failed" && isBlocking(job)) this.#failedJobIds.push(job.jobId);
    const change = (name: string, document: object): DocumentChange => ({
      kind: "write",
      jobId: job.jobId,
      path: `${jobDirectory(job.jobId)}${name}`,
      document,
    });
    const ended = { ...job, end };
    const changes = [
      change("manifest.json", jobManifest(this.#identity, ended)),
      change("summary.json", jobSummary(this.#identity, ended)),
    ];
    // What only the job's own documents need is dropped: 10,000 jobs may still follow.
    job.steps = [];
    job.sections = new Map();
    delete job.artifacts;
    delete job.tests;
    return changes;
  }

  #jobRecord(job: JobRecord, record: LifecycleRecord): readonly DocumentChange[] {
    const start = attemptStart({ kind: "job", jobId: job.jobId }, record);
    if (start === undefined) return [];
    job.startedAt ??= record.ts;
    const replaced = job.attempts;
    job.attempts = start.attempt;
    if (replaced === 0) return [];
    const changes = this.#setAside(job, replaced);
    job.steps = job.steps.slice(0, (start.fromStep ?? 1) - 1);
    // A step that is left out is a hole, which this passes over.
    job.steps.forEach((step) => (step.keptFrom ??= replaced));
    delete job.artifacts;
    delete job.tests;
    return changes;
  }

  /** Moves the steps of an attempt that another one replaces. */
  #setAside(job: JobRecord, attempt: number): readonly DocumentChange[] {
    const own = job.steps.filter(({ keptFrom }) => keptFrom === undefined);
    if (job.steps.length === job.steps.filter(({ keptFrom }) => keptFrom !== undefined).length) return [];
    return [
      {
        kind: "move",
        jobId: job.jobId,
        from: scriptDirectory(job.jobId),
        to: scriptDirectory(job.jobId, attempt),
      },
      ...own.filter(hasEnded).map((step): DocumentChange => ({
        kind: "write",
        jobId: job.jobId,
        path: `${stepDirectory(job.jobId, step.step, attempt)}summary.json`,
        document: stepSummary(this.#identity, job, step, attempt),
      })),
    ];
  }

  #sectionRecord(job: JobRecord, name: SectionName, record: LifecycleRecord): readonly DocumentChange[] {
    if (record.event === "phase_start") {
      job.sections.delete(name);
      job.sections.set(name, { section: name, phaseCode: record.phase_code, startedAt: record.ts });
      return [];
    }
    const section = job.sections.get(name);
    if (section === undefined) return [];
    if (record.event === "log") readFacts(job, section, record);
    if (record.event !== "phase_finish") return [];
    const end = {
      status: record.status,
      finishedAt: record.ts,
      durationMs: record.duration_ms,
      ...(record.error !== undefined && { error: record.error }),
    };
    section.end = end;
    return [
      {
        kind: "write",
        jobId: job.jobId,
        path: `${sectionDirectory(job.jobId, name)}summary.json`,
        document: sectionSummary(this.#identity, job, { ...section, end }),
      },
    ];
  }

  #stepRecord(job: JobRecord, number: number, record: LifecycleRecord): readonly DocumentChange[] {
    if (record.event === "phase_start") {
      job.steps[number - 1] = {
        step: number,
        startedAt: record.ts,
        outputLines: 0,
        outputBytes: 0,
        unfinished: new Set(),
      };
      return [];
    }
    const step = job.steps[number - 1];
    if (step === undefined || record.event !== "phase_finish") return [];
    const end = stepEnd(record);
    step.end = end;
    return [
      {
        kind: "write",
        jobId: job.jobId,
        path: `${stepDirectory(job.jobId, number)}summary.json`,
        document: stepSummary(this.#identity, job, { ...step, end }),
      },
    ];
  }

  #job(id: JobId): JobRecord {
    // A record of a job that no graph names is still evidence and still gets its documents.
    return this.#jobs.get(id) ?? this.#addJob({ id, stage: "", target: "linux", script: [] });
  }

  #addJob(node: GraphNode): JobRecord {
    const id = asJobId(node.id);
    const job: JobRecord = { jobId: id, node, attempts: 0, steps: [], sections: new Map() };
    this.#jobs.set(id, job);
    return job;
  }
}

function jobEnd(job: JobRecord, row: JobRow & { readonly status: PhaseStatus }, finishedAt: string): JobEnd {
  const { status, reason, blockedBy, keptFrom } = row;
  const exitCode = status === "success" ? 0 : status === "failed" ? job.failure?.exitCode : undefined;
  return {
    status,
    finishedAt,
    durationMs: millisecondsBetween(job.startedAt ?? finishedAt, finishedAt),
    ...(exitCode !== undefined && { exitCode }),
    ...(status === "skipped" && reason !== undefined && { skipReason: reason as SkipReason }),
    ...(blockedBy.length > 0 && { blockedBy }),
    ...(keptFrom !== undefined && { keptFrom }),
  };
}

function stepEnd(record: PhaseFinishEvent): NonNullable<StepRecord["end"]> {
  return {
    status: record.status,
    finishedAt: record.ts,
    durationMs: record.duration_ms,
    ...(record.exit_code !== undefined && { exitCode: record.exit_code }),
    ...(record.signal !== undefined && { signal: record.signal }),
    ...(record.tolerated === true && { isTolerated: true }),
  };
}

function readFacts(job: JobRecord, section: SectionRecord, record: LogEvent): void {
  switch (section.section) {
    case "provider": {
      const provider = record["provider"];
      if (typeof provider === "string") job.provider = provider;
      return;
    }
    case "cache_restore":
    case "cache_save": {
      const key = record["key"] ?? record["cache_key"];
      const { hit, bytes } = record;
      if (typeof key === "string") section.key = key;
      if (typeof hit === "boolean") section.hit = hit;
      if (typeof bytes === "number") section.bytes = bytes;
      const cache = cacheFacts(record);
      if (cache !== undefined) (section.caches ??= []).push(cache);
      return;
    }
    case "artifact_save": {
      const artifacts: unknown = record["artifacts"];
      if (findMismatch(JOB_ARTIFACTS, artifacts) === undefined) job.artifacts = artifacts as JobArtifacts;
      const tests: unknown = record["tests"];
      if (findMismatch(JOB_TESTS, tests) === undefined) job.tests = tests as JobTests;
      return;
    }
    case "services":
    case "image_build":
    case "artifact_extract":
    case "cleanup":
      return;
    default:
      return unreachable(section.section);
  }
}

/** What a record says about one cache; `undefined` for a note, and for a sum over several. */
function cacheFacts(record: LogEvent): CacheFacts | undefined {
  const facts: unknown = record;
  if (findMismatch(CACHE_FACTS, facts) !== undefined) return undefined;
  const { cache, key, hit, matched_key, saved, reason, bytes, duration_ms } = facts as CacheFacts;
  return {
    ...(cache !== undefined && { cache }),
    key,
    ...(hit !== undefined && { hit }),
    ...(matched_key !== undefined && { matched_key }),
    ...(saved !== undefined && { saved }),
    ...(reason !== undefined && { reason }),
    bytes,
    duration_ms,
  };
}

function hasEnded(step: StepRecord): step is StepRecord & Required<Pick<StepRecord, "end">> {
  return step.end !== undefined;
}
