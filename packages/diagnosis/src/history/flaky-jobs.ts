import { listRuns, openRun, type ReadError, type RunListing, type RunReader } from "@loom/artifacts";
import { MAX_ATTEMPTS, ok, type JobId, type LoomEvent, type PhaseFinishEvent, type Result } from "@loom/core";
import { streamPath } from "@loom/record";
import { readRunTests } from "../tests/read-run-tests.ts";
import { readRunFacts, recordedTree } from "../changes/read-run-facts.ts";

/** How often one job came out how, over the same files. */
export interface FlakyJob {
  readonly jobId: JobId;
  /**
   * How often it passed and failed, over all files on which it did both. An attempt that was tried again counts, but not
   * one whose worker was lost.
   */
  readonly passed: number;
  readonly failed: number;
  /** Failures among all, 0 to 1. */
  readonly rate: number;
  /** How many states of the files it did both on. */
  readonly trees: number;
  /** The newest run in which it failed, or failed at first. */
  readonly lastFailedIn: string;
}

/** The same of one test of a job's reports. */
export interface FlakyTest extends FlakyJob {
  readonly name: string;
  readonly suite?: string;
}

/** What is looked at. */
export interface FlakyOptions {
  /** How many runs, the newest first. Default: 200. */
  readonly limit?: number | undefined;
}

/** What was found. */
export interface FlakyReport {
  /** The flakiest first. */
  readonly jobs: readonly FlakyJob[];
  /** The flakiest first: of all jobs whose reports are kept. */
  readonly tests: readonly FlakyTest[];
  /** How many runs were looked at. */
  readonly runs: number;
  /** How many of them did not record what they ran on: in the checkout itself, with changes that were not committed. */
  readonly unknownTrees: number;
}

const LIMIT = 200;

/** Runs that are read at a time. */
const BATCH = 20;

interface Counts {
  passed: number;
  failed: number;
  lastFailedIn: string;
}

/**
 * Finds the jobs that both passed and failed on the same files: by the hash of
 * the snapshot, or, in the checkout itself, by the commit where nothing else was there.
 *
 * @param root - Absolute path of the project.
 * @returns Why the runs cannot be listed.
 */
export async function readFlakyJobs(
  root: string,
  { limit = LIMIT }: FlakyOptions = {},
): Promise<Result<FlakyReport, ReadError>> {
  const listed = await listRuns(root);
  if (!listed.ok) return listed;
  const wanted = listed.value.filter(({ receiptPath }) => receiptPath !== undefined).slice(0, limit);
  const counts = new Map<JobId, ByTree>();
  /** By job, suite and name. */
  const tests = new Map<string, { readonly test: TestOutcome; readonly trees: ByTree }>();
  let unknownTrees = 0;
  for (let from = 0; from < wanted.length; from += BATCH) {
    const batch = await Promise.all(wanted.slice(from, from + BATCH).map(readOutcomes));
    for (const outcomes of batch) {
      if (outcomes === undefined) {
        unknownTrees += 1;
        continue;
      }
      for (const outcome of outcomes.jobs) count(treesIn(counts, outcome.jobId), outcomes, outcome);
      for (const test of outcomes.tests) {
        const key = JSON.stringify([test.jobId, test.suite, test.name]);
        const known = tests.get(key) ?? { test, trees: new Map<string, Counts>() };
        tests.set(key, known);
        count(known.trees, outcomes, test);
      }
    }
  }
  const jobs = [...counts].flatMap(([jobId, trees]) => flakyJob(jobId, [...trees.values()]) ?? []);
  const flakyTests = [...tests.values()].flatMap(({ test: { jobId, name, suite }, trees }): FlakyTest[] => {
    const flaky = flakyJob(jobId, [...trees.values()]);
    return flaky === undefined ? [] : [{ ...flaky, name, ...(suite !== undefined && { suite }) }];
  });
  const flakiest = (a: FlakyJob, b: FlakyJob): number => b.rate - a.rate || b.failed - a.failed;
  return ok({
    jobs: jobs.sort(flakiest),
    tests: flakyTests.sort(flakiest),
    runs: wanted.length,
    unknownTrees,
  });
}

type ByTree = Map<string, Counts>;

function treesIn(counts: Map<JobId, ByTree>, jobId: JobId): ByTree {
  const known = counts.get(jobId) ?? new Map<string, Counts>();
  counts.set(jobId, known);
  return known;
}

interface Outcome {
  readonly jobId: JobId;
  readonly passed: boolean;
  /** Attempts that failed. */
  readonly failures: number;
}

interface TestOutcome extends Outcome {
  readonly name: string;
  readonly suite: string | undefined;
}

interface Outcomes {
  readonly runId: string;
  readonly tree: string;
  readonly jobs: readonly Outcome[];
  readonly tests: readonly TestOutcome[];
}

/** `undefined` for a run that cannot be read, or of which the files are not known. */
async function readOutcomes({ directory, receiptPath, runId }: RunListing): Promise<Outcomes | undefined> {
  const opened = await openRun(directory ?? receiptPath ?? "");
  if (!opened.ok) return undefined;
  const facts = await readRunFacts(opened.value);
  const tree = recordedTree(facts);
  if (tree === undefined) return undefined;
  const retried = new Set(
    facts.graph?.nodes.filter(({ retry }) => (retry?.max ?? 0) > 0).map(({ id }) => id),
  );
  const jobs: Outcome[] = [];
  for (const [name, status] of facts.statuses) {
    if (status !== "success" && status !== "failed") continue;
    const jobId = name as JobId;
    const passed = status === "success";
    const read = passed && !retried.has(name) ? undefined : await opened.value.jobSummary(name);
    const summary = read?.ok === true ? read.value : undefined;
    const before = retried.has(name) ? await failuresBefore(opened.value, jobId, summary?.attempts ?? 1) : 0;
    const isLost = summary?.error?.code === "worker_lost";
    jobs.push({ jobId, passed, failures: before + (passed || isLost ? 0 : 1) });
  }
  const reporting =
    facts.graph?.nodes.filter(({ artifacts }) => artifacts?.reports?.junit !== undefined) ?? [];
  const reported = await readRunTests(
    opened.value,
    reporting.map(({ id }) => id as JobId),
  );
  const tests = [...reported].flatMap(([jobId, all]) =>
    all.flatMap(({ name, suite, status }): TestOutcome[] =>
      status === "skipped"
        ? []
        : [{ jobId, name, suite, passed: status === "passed", failures: status === "passed" ? 0 : 1 }],
    ),
  );
  return { runId, tree, jobs, tests };
}

/** The attempts that failed before the last one, but for those whose workers were lost: they say nothing of the job. */
async function failuresBefore(run: RunReader, jobId: JobId, attempts: number): Promise<number> {
  if (attempts < 2) return 0;
  const failed = await run.tailEvents(streamPath({ kind: "job", jobId }), MAX_ATTEMPTS, isFailure);
  const first = new Map<number, PhaseFinishEvent>();
  for (const end of (failed.ok ? failed.value : []).toReversed()) first.set(end.attempt ?? 1, end);
  first.delete(attempts);
  const lost = [...first.values()].filter(({ error }) => error?.code === "worker_lost");
  return attempts - 1 - lost.length;
}

function isFailure(event: LoomEvent): event is PhaseFinishEvent {
  return event.event === "phase_finish" && event.status === "failed";
}

function count(trees: ByTree, { runId, tree }: Outcomes, { passed, failures }: Outcome): void {
  const known = trees.get(tree) ?? { passed: 0, failed: 0, lastFailedIn: "" };
  trees.set(tree, known);
  known.passed += passed ? 1 : 0;
  known.failed += failures;
  // The newest run comes first.
  if (failures > 0 && known.lastFailedIn === "") known.lastFailedIn = runId;
}

function flakyJob(jobId: JobId, trees: readonly Counts[]): FlakyJob | undefined {
  const both = trees.filter(({ passed, failed }) => passed > 0 && failed > 0);
  if (both.length === 0) return undefined;
  const passed = both.reduce((sum, each) => sum + each.passed, 0);
  const failed = both.reduce((sum, each) => sum + each.failed, 0);
  const [newest] = both
    .map(({ lastFailedIn }) => lastFailedIn)
    .toSorted()
    .reverse();
  return {
    jobId,
    passed,
    failed,
    rate: failed / (passed + failed),
    trees: both.length,
    lastFailedIn: newest ?? "",
  };
}
