import { relative } from "node:path";
import { listRuns } from "@loom/artifacts";
import { createPalette, shouldColor, type ColorFlag } from "@loom/reporters";
import {
  changesSince,
  explainJob,
  explainRun,
  explanationLines,
  readTimeline,
  timeLines,
  timeReport,
  type Explanation,
} from "@loom/diagnosis";
import { createGit } from "@loom/system";
import { EXIT_CODE } from "../exit-code.ts";
import { findRunsRoot } from "../find-runs-root.ts";
import { openRunOrJob, type OpenedRun } from "../open-past-run.ts";
import { formatJson, printable } from "../printable.ts";
import { createRunnerGuard } from "../runner-guard.ts";
import type { ProcessIo } from "../process-io.ts";

/** The flags of `loom explain`. */
export interface ExplainFlags {
  readonly json?: boolean;
  /** Explains one job: why it ran, waited or was skipped. */
  readonly job?: string;
  readonly color?: ColorFlag;
}

/**
 * Says why a run ended as it did.
 *
 * @param name - As for `runDirectoryOf`; the last run when absent.
 * @returns 0 explained; 1 it cannot be read; 2 when there is no such run or job.
 */
export async function explainCommand(
  name: string | undefined,
  flags: ExplainFlags,
  io: ProcessIo,
): Promise<number> {
  const { stderr, cwd } = io;
  const opened = await openRunOrJob(name ?? "last", cwd);
  if (!opened.ok) {
    stderr.write(`loom: ${opened.error.message}\n`);
    return EXIT_CODE.usage;
  }
  const job = flags.job ?? opened.value.job;
  return job === undefined
    ? explainWhole(opened.value, flags, io)
    : explainOne(opened.value, job, { ...io, json: flags.json ?? false });
}

async function explainWhole(
  { run, isAlive }: OpenedRun,
  flags: ExplainFlags,
  { stdout, stderr, cwd, env }: ProcessIo,
): Promise<number> {
  const explained = await explainRun(run, { isAlive: isAlive() });
  if (!explained.ok) {
    stderr.write(`loom: ${explained.error.message}\n`);
    return EXIT_CODE.failure;
  }
  const explanation = explained.value;
  const guard = createRunnerGuard({ env });
  if (flags.json === true) {
    stdout.write(guard.json(formatJson(explanation)));
    return EXIT_CODE.success;
  }
  const color = flags.color ?? "auto";
  const colored = shouldColor({ flag: color, env, isTerminal: stdout.isTTY === true });
  const paint = createPalette(colored ? "ansi16" : "none");
  const lines = [
    ...explanationLines(explanation, {
      paint,
      runDir: relative(cwd, run.directory) || ".",
      ...(stdout.isTTY === true && { width: stdout.columns }),
    }),
  ];
  const job = explanation.failure?.job_id;
  const root = findRunsRoot(run.directory);
  if (job !== undefined && root !== undefined) {
    const runs = await listRuns(root);
    if (runs.ok) {
      const changes = await changesSince(run, job, { runs: runs.value, git: createGit(root, { env }) });
      lines.push("", changes.sentence);
    }
  }
  const timeline = await readTimeline(run);
  if (timeline.ok) lines.push("", ...timeLines(timeReport(timeline.value), paint));
  stdout.write(guard.text(printable(`${lines.join("\n")}\n`, colored)));
  return EXIT_CODE.success;
}

/** What an explanation says of the one failure, and nothing of the run around it. */
function failureOnly(explanation: Explanation): Explanation {
  return {
    ...explanation,
    outcome: "failure",
    other_failures: [],
    other_failures_total: 0,
    stopped: [],
    next: [],
  };
}

async function explainOne(
  { run, isAlive }: OpenedRun,
  job: string,
  { stdout, stderr, env, cwd, json }: ProcessIo & { readonly json: boolean },
): Promise<number> {
  const timeline = await readTimeline(run);
  if (!timeline.ok) {
    stderr.write(`loom: ${timeline.error.message}\n`);
    return EXIT_CODE.failure;
  }
  const explained = explainJob(timeline.value, job);
  if (explained === undefined) {
    const { jobsInstead } = await import("@loom/runner/workflow");
    const names = timeline.value.jobs.map(({ jobId }) => jobId);
    stderr.write(`loom: Cannot explain job "${job}": the run has no such job. ${jobsInstead(job, names)}\n`);
    return EXIT_CODE.usage;
  }
  const failed = timeline.value.jobs.some(({ jobId, status }) => jobId === job && status === "failed");
  const failure = failed ? await explainRun(run, { isAlive: isAlive(), jobId: explained.jobId }) : undefined;
  const guard = createRunnerGuard({ env });
  if (json) {
    const { failure: what, errors, lines, open } = failure?.ok === true ? failure.value : {};
    const data = {
      schema_version: "v1",
      kind: "loom-job-explanation",
      ...explained,
      failure: what,
      errors,
      lines,
      open,
    };
    stdout.write(guard.json(formatJson(data)));
    return EXIT_CODE.success;
  }
  const runDir = relative(cwd, run.directory) || ".";
  const [, ...details] = failure?.ok === true ? explanationLines(failureOnly(failure.value), { runDir }) : [];
  stdout.write(guard.text(printable(`${[explained.sentence, ...details].join("\n")}\n`)));
  return EXIT_CODE.success;
}
