import { relative } from "node:path";
import { stepTitle } from "@loom/core";
import {
  explainedJobData,
  explainJobs,
  explanationLines,
  type ExplainedJob,
  type OpenedRun,
} from "@loom/diagnosis";
import { EXIT_CODE } from "../exit-code.ts";
import { formatJson, printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";
import { createRunnerGuard } from "../runner-guard.ts";

/**
 * Says of one job, or of every one that failed, why it ran, waited, was skipped or failed.
 *
 * @returns 0 explained; 1 the run cannot be read; 2 it has no such job.
 */
export async function printExplainedJobs(
  opened: OpenedRun,
  wanted: { readonly job: string } | "all failed",
  io: ProcessIo & { readonly json: boolean },
): Promise<number> {
  const { stdout, stderr, env, cwd, json } = io;
  const { run } = opened;
  const found = await explainJobs(opened, wanted, env);
  if (!found.ok) {
    const { error } = found;
    if (error.code !== "JOB_NOT_FOUND") {
      stderr.write(`loom: ${error.message}\n`);
      return EXIT_CODE.failure;
    }
    const { jobsInstead } = await import("@loom/runner/workflow");
    const name = wanted === "all failed" ? "" : wanted.job;
    stderr.write(`loom: ${error.message}. ${jobsInstead(name, error.known)}\n`);
    return EXIT_CODE.usage;
  }
  const { jobs: explained, failed, isMatrix } = found.value;
  const guard = createRunnerGuard({ env });
  if (json) {
    const common = { schema_version: "v1", run_id: run.runId };
    const [only] = explained;
    const data =
      wanted === "all failed" || only === undefined
        ? {
            ...common,
            kind: "loom-failures",
            failures: explained.map(explainedJobData),
            failures_total: failed,
          }
        : isMatrix
          ? {
              ...common,
              kind: "loom-job-explanations",
              job: wanted.job,
              jobs: explained.map(explainedJobData),
            }
          : { ...common, kind: "loom-job-explanation", ...explainedJobData(only) };
    stdout.write(guard.json(formatJson(data)));
    return EXIT_CODE.success;
  }
  const runDir = relative(cwd, run.directory) || ".";
  const blocks = explained.map((each) => jobLines(each, runDir));
  const text = blocks.map((lines) => lines.join("\n"));
  if (text.length === 0) text.push("No job failed");
  if (wanted === "all failed" && failed > explained.length)
    text.push(`… and ${failed - explained.length} more jobs failed`);
  // Sentences alone need no room between them.
  const between = blocks.every(({ length }) => length === 1) ? "\n" : "\n\n\n";
  stdout.write(guard.text(printable(`${text.join(between)}\n`)));
  return EXIT_CODE.success;
}

function jobLines({ job, failure, running }: ExplainedJob, runDir: string): readonly string[] {
  const [, ...details] =
    failure === undefined ? [] : explanationLines({ ...failure, ...NOTHING_ELSE }, { runDir });
  const { step, command, name, last_line: last, silent_ms: silent } = running ?? {};
  const at = step === undefined ? [] : [`step ${step}: ${stepTitle(command ?? "", name)}`];
  const quiet = silent === undefined ? "" : ` (silent for ${Math.round(silent / 1000)} s)`;
  const said = last === undefined ? [] : [`last line${quiet}: ${last}`];
  const why = failure === undefined ? [] : [failure.summary];
  return [job.sentence, ...why, ...at, ...said, ...details];
}

/** An explanation of one failure says nothing of the run around it. */
const NOTHING_ELSE = {
  outcome: "failure",
  other_failures: [],
  other_failures_total: 0,
  stopped: [],
  next: [],
} as const;
