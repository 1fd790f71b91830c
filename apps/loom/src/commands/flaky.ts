import { ok, SIGNAL_EXIT_CODES } from "@loom/core";
import { readFlakyJobs, type FlakyJob, type FlakyReport } from "@loom/diagnosis";
import { EXIT_CODE } from "../exit-code.ts";
import { findRunsRoot } from "@loom/artifacts";
import { formatJson, printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";

/** The flags of `loom flaky`. */
export interface FlakyFlags {
  readonly json?: boolean;
  /** How many runs to look at, the newest first. */
  readonly limit?: number;
  /** Runs this job again and again, and measures how often it fails. */
  readonly rerun?: string;
  /** How often. */
  readonly times: number;
  readonly workflow?: string;
}

/**
 * Lists the jobs that both passed and failed on the same files, or measures
 * one by running it.
 *
 * @returns 0; 1 when the runs cannot be read; with `--rerun` 1 when the job failed at least once, 2 when there is no
 *   such job, 130 or 143 when it was stopped by a signal.
 */
export async function flakyCommand(flags: FlakyFlags, io: ProcessIo): Promise<number> {
  if (flags.rerun !== undefined) return await rerun(flags.rerun, flags, io);
  const { stdout, stderr, cwd } = io;
  const root = findRunsRoot(cwd);
  const nothing: FlakyReport = { jobs: [], tests: [], runs: 0, unknownTrees: 0 };
  const read = root === undefined ? ok(nothing) : await readFlakyJobs(root, { limit: flags.limit });
  if (!read.ok) {
    stderr.write(`loom: ${read.error.message}\n`);
    return EXIT_CODE.failure;
  }
  const { jobs, tests, runs, unknownTrees } = read.value;
  if (flags.json === true) {
    const data = {
      schema_version: "v1",
      kind: "loom-flaky",
      runs,
      unknown_trees: unknownTrees,
      jobs: jobs.map(asJson),
      tests: tests.map(({ name, suite, ...rest }) => ({
        ...asJson(rest),
        name,
        ...(suite !== undefined && { suite }),
      })),
    };
    stdout.write(formatJson(data));
    return EXIT_CODE.success;
  }
  if (runs === 0) stderr.write("loom: There are no runs here yet; loom run makes one\n");
  else if (jobs.length === 0 && tests.length === 0)
    stdout.write(`No job both passed and failed on the same files, in ${count(runs, "run")}\n`);
  const width = Math.max(0, ...[...jobs, ...tests].map(({ jobId }) => jobId.length));
  for (const job of jobs) stdout.write(printable(`${lineOf(job, width)}\n`));
  for (const test of tests)
    stdout.write(
      printable(`${lineOf(test, width)}  ${test.suite === undefined ? "" : `${test.suite} `}${test.name}\n`),
    );
  if (unknownTrees > 0)
    stderr.write(
      `loom: ${count(unknownTrees, "run")} did not record all of what was run on: work in snapshots (the default) to have it\n`,
    );
  return EXIT_CODE.success;
}

function asJson({ jobId, passed, failed, rate, trees, lastFailedIn }: FlakyJob): object {
  return { job_id: jobId, passed, failed, rate, trees, last_failed_in: lastFailedIn };
}

function lineOf({ jobId, passed, failed, rate, lastFailedIn }: FlakyJob, width: number): string {
  const share = `${Math.round(rate * 100)} %`.padStart(5);
  return `${jobId.padEnd(width)}  ${share}  failed ${failed} of ${passed + failed}  last in ${lastFailedIn}`;
}

/** Each try is a run like any other, whose evidence stays. */
async function rerun(job: string, { times, workflow, json }: FlakyFlags, io: ProcessIo): Promise<number> {
  const { cwd, env, stdout, stderr } = io;
  const { runWorkflow, WorkflowError } = await import("@loom/runner");
  const stop = new AbortController();
  let signal: "SIGINT" | "SIGTERM" | undefined;
  const interrupt = (name: "SIGINT" | "SIGTERM"): void => {
    signal = name;
    stop.abort();
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const failures: string[] = [];
  let passed = 0;
  try {
    for (let number = 1; number <= times && !stop.signal.aborted; number += 1) {
      const options = { cwd, env, jobs: [job], reporters: [], signal: stop.signal };
      const run = await runWorkflow({ ...options, ...(workflow !== undefined && { workflow }) });
      if (run.status === "cancelled") break;
      if (run.status === "success") passed += 1;
      else failures.push(run.runId);
      stderr.write(printable(`${number} of ${times}: ${run.status}  ${run.runId}\n`));
    }
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    stderr.write(`loom: ${error.message}\n`);
    return EXIT_CODE.usage;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
  const tried = passed + failures.length;
  const rate = tried === 0 ? 0 : failures.length / tried;
  if (json === true) {
    const data = { job_id: job, passed, failed: failures.length, rate, failed_in: failures };
    stdout.write(formatJson({ schema_version: "v1", kind: "loom-flaky-measure", ...data }));
  } else {
    const [last] = failures.toReversed();
    const hint = last === undefined ? "" : `; loom explain ${last} tells why`;
    stdout.write(
      printable(`${job} failed ${failures.length} of ${tried}, ${Math.round(rate * 100)} %${hint}\n`),
    );
  }
  if (signal !== undefined) return SIGNAL_EXIT_CODES[signal];
  return failures.length > 0 ? EXIT_CODE.failure : EXIT_CODE.success;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
