import { isTolerated } from "./failures-of.ts";
import type { GateGraph, GateJob, JudgedJob, RecordPlace, JudgedRun } from "../intake/run-facts.ts";
import type { ViolationLog } from "../report/violation-log.ts";

/** What a set of jobs means for those that wait for it. */
interface Upstream {
  /** `seq` at which the last of them settled; infinite while one has not. */
  readonly settledSeq: number;
  /** That last one. */
  readonly lastId: string | undefined;
  /** Whether one of them failed and that counts. */
  readonly blockingFailure: boolean;
  /** Whether one of them was skipped because of a blocking failure. */
  readonly skippedByFailure: boolean;
}

const NOTHING: Upstream = {
  settledSeq: 0,
  lastId: undefined,
  blockingFailure: false,
  skippedByFailure: false,
};

const SKIPPED_BY_FAILURE: ReadonlySet<string | undefined> = new Set(["upstream_failed", "stage_blocked"]);

/** Finds jobs that started too early, or against their `when`. Linear in jobs and needs. */
export function judgeGates(run: JudgedRun, log: ViolationLog): void {
  const { graph } = run;
  if (graph === undefined) return;
  const own = new Map(graph.jobs.map((job) => [job.id, upstreamOf(job, run.jobs.get(job.id))]));
  const closing = graph.jobs.filter(({ id }) => !run.waiting.has(id) && !wasManual(run.jobs.get(id)));
  const earlier = earlierStages({ stages: graph.stages, jobs: closing }, own);
  for (const node of graph.jobs) {
    const job = run.jobs.get(node.id);
    const started = job === undefined ? undefined : startOf(job);
    if (started === undefined) continue;
    let upstream = (node.isUngated === true ? undefined : earlier.get(node.stage)) ?? NOTHING;
    for (const need of node.needs) upstream = join(upstream, own.get(need) ?? NOTHING);
    const reason = gateClosed(node, started, upstream);
    if (reason === undefined) continue;
    log.add(
      "started_before_gate",
      { streamPath: started.stream.path, line: started.line, scope: "job", jobId: node.id },
      () => `The job "${node.id}" started ${reason}`,
    );
  }
}

function gateClosed(node: GateJob, started: RecordPlace, upstream: Upstream): string | undefined {
  if (started.seq <= upstream.settledSeq) {
    return `before the job "${upstream.lastId}", which it waits for, had settled`;
  }
  if (node.when === "on_success" && upstream.blockingFailure)
    return "although a job that it waits for failed";
  if (node.when === "on_success" && upstream.skippedByFailure) {
    return "although a job that it waits for was skipped because of a failure";
  }
  if (node.when === "on_failure" && !upstream.blockingFailure) {
    return "although it runs only on failure and no job that it waits for failed";
  }
  return undefined;
}

function upstreamOf(node: GateJob, job: JudgedJob | undefined): Upstream {
  const terminal = job?.terminal;
  return {
    settledSeq: terminal?.seq ?? Number.POSITIVE_INFINITY,
    lastId: node.id,
    blockingFailure:
      terminal?.status === "failed" && job !== undefined && !isTolerated(job, node.allowFailure),
    skippedByFailure: terminal?.status === "skipped" && SKIPPED_BY_FAILURE.has(terminal.reason),
  };
}

/** Whether nobody asked for a job: then it settled when nothing else was left, and kept no stage closed until then. */
function wasManual(job: JudgedJob | undefined): boolean {
  return job?.terminal?.status === "skipped" && job.terminal.reason === "manual";
}

/** For each stage, all jobs of the stages before it. */
function earlierStages(graph: GateGraph, own: ReadonlyMap<string, Upstream>): ReadonlyMap<string, Upstream> {
  const inStage = new Map<string, Upstream>();
  for (const { id, stage } of graph.jobs) {
    inStage.set(stage, join(inStage.get(stage) ?? NOTHING, own.get(id) ?? NOTHING));
  }
  const before = new Map<string, Upstream>();
  let sum = NOTHING;
  for (const stage of graph.stages) {
    before.set(stage, sum);
    sum = join(sum, inStage.get(stage) ?? NOTHING);
  }
  return before;
}

function join(a: Upstream, b: Upstream): Upstream {
  const later = b.settledSeq > a.settledSeq ? b : a;
  return {
    settledSeq: later.settledSeq,
    lastId: later.lastId,
    blockingFailure: a.blockingFailure || b.blockingFailure,
    skippedByFailure: a.skippedByFailure || b.skippedByFailure,
  };
}

/** The first record that shows the job at work. */
function startOf(job: JudgedJob): RecordPlace | undefined {
  let first = job.running;
  for (const { code, startSeq, startLine, stream } of job.spans) {
    if (code === "job.cleanup" || Number.isNaN(startSeq)) continue;
    if (first === undefined || startSeq < first.seq) first = { seq: startSeq, line: startLine, stream };
  }
  return first;
}
