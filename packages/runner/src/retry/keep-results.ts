import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { logsDirectory, openRun, type ManifestJob, type RunReader } from "@loom/artifacts";
import {
  err,
  jobId,
  ok,
  type GraphIr,
  type GraphNode,
  type JobId,
  type Result,
  type RunId,
} from "@loom/core";
import { readRunFacts, recordedTree, type RecordedFacts } from "@loom/diagnosis";
import type { StartError } from "../start-error.ts";
import type { RecordedFiles } from "./current-files.ts";

/** What a run takes over from the run that it retries. */
export interface KeptResults {
  /** The run that is retried. */
  readonly retriedRunId: RunId;
  /** The jobs that keep their success, by the run that it is from. */
  readonly jobs: ReadonlyMap<JobId, RunId>;
  /** Absolute paths of the evidence that each of those results is in. */
  readonly evidence: ReadonlyMap<JobId, string>;
  /** The jobs that the retried run was about; absent: all. */
  readonly only?: readonly JobId[];
  /** Where the retried run worked, and where this one goes on. */
  readonly place: KeptPlace;
}

/** Where jobs go on: in the checkout itself, or in the snapshot of the run before. */
export type KeptPlace =
  | { readonly kind: "in-place" }
  | {
      readonly kind: "isolated";
      /** Absolute path of the snapshot. */
      readonly root: string;
      /** Absolute path of the folder in it that jobs start in. */
      readonly projectDir: string;
      readonly treeHash: string;
    };

/** What a run is to be about, to be held against what the retried one was about. */
export interface RetryTarget {
  /** Absolute path of the retried run's evidence. */
  readonly runDirectory: string;
  readonly repoRoot: string;
  /** What is compiled now. */
  readonly graph: GraphIr;
  /** Names of the variables that are set for this run alone. */
  readonly variables: readonly string[];
  readonly workspace: "isolated" | "staged" | "in-place";
  /** What a run in such a place would record of the files as they are now. */
  readonly files: (kind: KeptPlace["kind"]) => Promise<Result<RecordedFiles, { readonly message: string }>>;
}

/**
 * Decides which results of a run another one may keep.
 *
 * A job keeps its success if everything that it depended on is the same: the
 * workflow, the files, and the results of the jobs that it needs. What is not
 * known to be the same is not kept: then all of it is refused, with the reason.
 */
export async function keepResults(target: RetryTarget): Promise<Result<KeptResults, StartError>> {
  const { runDirectory, repoRoot, graph } = target;
  const opened = await openRun(runDirectory);
  if (!opened.ok) return refused("", opened.error.message);
  const run = opened.value;
  const facts = await readRunFacts(run);
  const manifest = await run.pipelineManifest();
  if (!manifest.ok) return refused(run.runId, await whyWithoutManifest(run));
  const difference = differenceOf(facts, target);
  if (difference !== undefined) return refused(run.runId, difference);
  const place = placeOf(facts, target);
  if (!place.ok) return refused(run.runId, place.error);
  const files = await target.files(place.value.kind);
  if (!files.ok) return refused(run.runId, files.error.message);
  const [then, now] = [recordedTree(facts), recordedTree(files.value)];
  if (then === undefined || now === undefined)
    return refused(
      run.runId,
      "it worked in the checkout itself, and which uncommitted changes there were is not known",
    );
  if (then !== now) return refused(run.runId, "files have changed since");

  const past = new Map(manifest.value.jobs.map((job) => [job.job_id, job]));
  const left = graph.nodes.filter(({ id }) => wasAbout(past.get(jobId(id))));
  const kept = keptJobs(graph, past, run.runId as RunId);
  if (
    left.every(({ id }) => kept.has(jobId(id)) || past.get(jobId(id))?.skip_reason === "condition_not_met")
  ) {
    return err({
      code: "RETRY_NOTHING_FAILED",
      message: `Nothing is to be retried: every job of ${run.runId} succeeded`,
    });
  }
  const evidence = new Map([...kept].map(([job, runId]) => [job, join(logsDirectory(repoRoot), runId)]));
  const lost = [...evidence].find(([, directory]) => !existsSync(directory));
  if (lost !== undefined)
    return refused(
      run.runId,
      `the evidence of ${kept.get(lost[0])}, in which ${lost[0]} succeeded, was removed`,
    );
  return ok({
    retriedRunId: run.runId as RunId,
    jobs: kept,
    evidence,
    ...(left.length < graph.nodes.length && { only: left.map(({ id }) => jobId(id)) }),
    place: place.value,
  });
}

function refused(runId: string, why: string): Result<never, StartError> {
  const what = runId === "" ? "the results of that run" : `the results of ${runId}`;
  return err({
    code: "RETRY_REFUSED",
    message: `Cannot keep ${what}: ${why}. Leave out --retry-failed to run every job`,
  });
}

async function whyWithoutManifest(run: RunReader): Promise<string> {
  const summary = await run.runSummary();
  return summary.ok
    ? "its list of jobs cannot be read"
    : "it is not over, or was cut off: loom recover closes it";
}

/** Why the two runs are not about the same, apart from files; `undefined` when they are. */
function differenceOf(
  facts: RecordedFacts,
  { graph, variables, workspace }: RetryTarget,
): string | undefined {
  if (facts.graph === undefined) return "it has no compiled workflow";
  if (!isDeepStrictEqual(facts.graph, JSON.parse(JSON.stringify(graph)))) {
    const names = changedJobs(facts.graph, graph);
    return `the workflow has changed since${names === "" ? "" : `: ${names}`}`;
  }
  if (facts.variables.length > 0 || variables.length > 0)
    return "variables were set with --var, whose values are not recorded";
  if (workspace === "staged" || facts.snapshotOf === "staged") return "what is staged is run anew each time";
  if (facts.snapshotOf === "commit") return "it was of a commit, and not of the checkout";
  return undefined;
}

/** Jobs in a message; the rest is counted. */
const MAX_NAMED = 5;

function changedJobs(before: GraphIr, after: GraphIr): string {
  const then = new Map(before.nodes.map((node) => [node.id, node]));
  const now = new Map(after.nodes.map((node) => [node.id, node]));
  const names = [...new Set([...then.keys(), ...now.keys()])].filter(
    (id) => !isDeepStrictEqual(then.get(id), JSON.parse(JSON.stringify(now.get(id) ?? null))),
  );
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : "";
  return names.slice(0, MAX_NAMED).join(", ") + more;
}

function placeOf(
  { workspace, snapshotPath, treeHash }: RecordedFacts,
  { workspace: wanted }: RetryTarget,
): Result<KeptPlace, string> {
  if (snapshotPath === undefined) {
    return wanted === "in-place"
      ? ok({ kind: "in-place" })
      : err("it worked in the checkout itself: use --in-place");
  }
  if (wanted === "in-place") return err("it worked in a snapshot: leave out --in-place");
  if (!existsSync(snapshotPath) || workspace === undefined || treeHash === undefined)
    return err("its snapshot was removed, and with it what its jobs built");
  return ok({ kind: "isolated", root: snapshotPath, projectDir: workspace, treeHash });
}

/** Whether a run was about a job, or left it out. */
function wasAbout(job: ManifestJob | undefined): boolean {
  return job !== undefined && (job.skip_reason !== "not_selected" || job.kept_from !== undefined);
}

/** The jobs that succeeded, but those that depend on a job that runs again. */
function keptJobs(
  graph: GraphIr,
  past: ReadonlyMap<JobId, ManifestJob>,
  retriedRunId: RunId,
): ReadonlyMap<JobId, RunId> {
  const sources = new Map<string, RunId>();
  for (const { id } of graph.nodes) {
    const job = past.get(jobId(id));
    const source = job?.status === "success" ? retriedRunId : job?.kept_from;
    if (source !== undefined) sources.set(id, source);
  }
  const again = graph.nodes.filter(({ id }) => !sources.has(id) && wasAbout(past.get(jobId(id))));
  const dependents = new Map<string, GraphNode[]>();
  for (const node of graph.nodes) {
    for (const need of node.needs ?? []) dependents.set(need, [...(dependents.get(need) ?? []), node]);
  }
  const stageOf = ({ stage }: GraphNode): number => graph.stages.indexOf(stage);
  // What runs on failure or always tells of the results before it, so it follows those that are new.
  const tells = graph.nodes.filter((node) => (node.when ?? "on_success") !== "on_success");
  const runsAgain = (node: GraphNode): void => {
    if (sources.delete(node.id)) again.push(node);
  };
  let firstStage = Infinity;
  for (const node of again) {
    for (const dependent of dependents.get(node.id) ?? []) runsAgain(dependent);
    if (stageOf(node) >= firstStage) continue;
    firstStage = stageOf(node);
    for (const other of tells) if (other.gate !== "needs" && stageOf(other) > firstStage) runsAgain(other);
  }
  return new Map([...sources].map(([id, source]) => [jobId(id), source]));
}
