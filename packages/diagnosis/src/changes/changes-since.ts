import type { RunReader } from "@loom/artifacts";
import { compareCommits, type CommitChanges } from "./compare-commits.ts";
import { compareJob, type WorkflowChanges } from "./compare-job.ts";
import type { Git } from "@loom/system";
import { EarlierRuns, type EarlierRunsOptions } from "./earlier-runs.ts";
import type { RecordedFacts } from "./read-run-facts.ts";

/** Where the earlier runs are, and who knows the commits. */
export interface ChangesOptions extends EarlierRunsOptions {
  /** Absent: only the workflow is compared. */
  readonly git?: Git | undefined;
}

/** What changed since a job last passed. */
export interface JobChanges {
  readonly jobId: string;
  /** The last earlier run of the same workflow in which the job passed; absent when none was found. */
  readonly since?: { readonly runId: string; readonly startedAt: string };
  /** How many earlier runs were looked at. */
  readonly runsSearched: number;
  /** Only with `since`. */
  readonly workflow?: WorkflowChanges;
  /** Only with `since`. */
  readonly commits?: CommitChanges;
  /**
   * Files that were changed and not committed, or that git did not know: what git cannot compare. Empty where both runs
   * saw the same contents. Absent where a run did not record it.
   */
  readonly uncommitted: { readonly before?: readonly string[]; readonly now?: readonly string[] };
  /** Jobs before it that passed then, and were not selected now. */
  readonly leftOut: readonly string[];
  /** The files among all that changed, those that changed most first; 10 at most. */
  readonly files: readonly string[];
  /** How many there are. */
  readonly filesTotal: number;
  /** All of it in one sentence without a full stop. */
  readonly sentence: string;
}

/**
 * Finds what changed since the last run in which a job passed: its part of the
 * workflow, and the commits between.
 *
 * The time is bounded: by the number of earlier runs, of which the receipts
 * are read, and by the limit of `git`.
 */
export async function changesSince(
  run: RunReader,
  jobId: string,
  options: ChangesOptions,
): Promise<JobChanges> {
  return await changesAmong(new EarlierRuns(run, options), jobId, options.git);
}

/** The same, of runs that others look at, too. */
export async function changesAmong(earlier: EarlierRuns, jobId: string, git?: Git): Promise<JobChanges> {
  const now = await earlier.facts();
  let runsSearched = 0;
  for await (const past of earlier.read()) {
    runsSearched += 1;
    if (past?.facts.statuses.get(jobId) !== "success") continue;
    const { run, facts: before } = past;
    const workflow = compareJob(jobId, before.graph, now.graph);
    const commits = await compareCommits(before.headSha, now.headSha, git);
    const uncommitted = uncommittedOf(before, now);
    const leftOut = leftOutJobs(jobId, before, now);
    const since = { runId: run.runId, startedAt: before.startedAt ?? "" };
    const found = { since, workflow, commits, uncommitted, leftOut, ...changedFiles(commits, uncommitted) };
    return { jobId, runsSearched, ...found, sentence: changesSentence(jobId, found) };
  }
  const looked =
    runsSearched === 0
      ? "there is no earlier run"
      : `it did not pass in the ${runsSearched === 1 ? "run" : `${runsSearched} runs`} before`;
  return {
    jobId,
    runsSearched,
    uncommitted: uncommittedOf(undefined, now),
    leftOut: [],
    files: [],
    filesTotal: 0,
    sentence: `What changed since "${jobId}" passed is not known: ${looked}`,
  };
}

function uncommittedOf(before: RecordedFacts | undefined, now: RecordedFacts): JobChanges["uncommitted"] {
  // The same contents, of which nothing but the commit can differ.
  if (before?.treeHash !== undefined && before.treeHash === now.treeHash) return { before: [], now: [] };
  return {
    ...(before?.uncommitted !== undefined && { before: before.uncommitted }),
    ...(now.uncommitted !== undefined && { now: now.uncommitted }),
  };
}

/** Jobs of earlier stages, or that it needs, which ran then and were left out by `--job` now. */
function leftOutJobs(jobId: string, before: RecordedFacts, now: RecordedFacts): readonly string[] {
  const { graph } = now;
  const node = graph?.nodes.find(({ id }) => id === jobId);
  if (graph === undefined || node === undefined) return [];
  const stage = node.gate === "needs" ? 0 : graph.stages.indexOf(node.stage);
  return graph.nodes
    .filter(
      ({ id, stage: other }) => graph.stages.indexOf(other) < stage || (node.needs?.includes(id) ?? false),
    )
    .map(({ id }) => id)
    .filter((id) => before.statuses.get(id) === "success" && now.statuses.get(id) === "skipped")
    .slice(0, NAMED);
}

/** Files that are named; the rest is counted. */
const NAMED = 10;

function changedFiles(
  commits: CommitChanges,
  { before = [], now = [] }: JobChanges["uncommitted"],
): { readonly files: readonly string[]; readonly filesTotal: number } {
  const committed: Pick<CommitChanges & { readonly status: "changed" }, "files" | "mostChanged"> =
    commits.status === "changed" ? commits : { mostChanged: [], files: 0 };
  const loose = [...new Set([...now, ...before])].filter((path) => !committed.mostChanged.includes(path));
  return {
    files: [...loose, ...committed.mostChanged].slice(0, NAMED),
    filesTotal: loose.length + committed.files,
  };
}

function changesSentence(
  jobId: string,
  found: {
    readonly since: { readonly runId: string };
    readonly workflow: WorkflowChanges;
    readonly commits: CommitChanges;
    readonly uncommitted: JobChanges["uncommitted"];
    readonly leftOut: readonly string[];
  },
): string {
  const { since, workflow, commits, uncommitted, leftOut } = found;
  const { before = [], now = [] } = uncommitted;
  const parts = [
    ...(leftOut.length > 0 ? [`${leftOut.join(", ")} ran before it then and did not run now`] : []),
    ...workflowParts(workflow),
    ...commitParts(commits),
    ...(now.length > 0 ? [`not committed: ${namesOf(now)}`] : []),
    ...(before.length > 0 && before.join("\0") !== now.join("\0")
      ? [`not committed back then: ${namesOf(before)}`]
      : []),
  ];
  const passedIn = `"${jobId}" passed in ${since.runId}`;
  if (parts.length > 0) return `${passedIn}; since then: ${parts.join("; ")}`;
  return `${passedIn}, and nothing that a run records has changed since: look at what it does not, such as time, network and the machine`;
}

/** Names in a sentence; the rest is counted. */
const IN_SENTENCE = 3;

function namesOf(names: readonly string[]): string {
  const more = names.length - IN_SENTENCE;
  return `${names.slice(0, IN_SENTENCE).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function workflowParts({ status, fields, variables, otherJobs }: WorkflowChanges): string[] {
  const others = otherJobs === 0 ? [] : [`${countOf(otherJobs, "other job")} of the workflow changed`];
  if (status === "unknown") return ["the workflow cannot be compared"];
  if (fields.length === 0) return others;
  const named = variables.length === 0 ? "" : ` (${variables.join(", ")})`;
  return [
    `its ${fields.map((field) => (field === "variables" ? `variables${named}` : field)).join(", ")} changed`,
    ...others,
  ];
}

function commitParts(commits: CommitChanges): string[] {
  if (commits.status === "same") return [];
  if (commits.status === "unknown") return [`the commits cannot be compared, because ${commits.reason}`];
  const { commits: count, newest, files, insertions, deletions, mostChanged } = commits;
  const [last] = newest;
  const subject = last === undefined ? "" : `, the last "${last.subject}"`;
  const named = mostChanged.length === 0 ? "" : `: ${namesOf(mostChanged)}`;
  return [
    `${countOf(count, "commit")}${subject}`,
    `${countOf(files, "file")} changed (+${insertions} -${deletions})${named}`,
  ];
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
