import { formatDuration, ok } from "@loom/core";
import { readPastRuns, runsData, type ListedRun, type PastRun } from "@loom/diagnosis";
import { createPalette, shouldColor, type ColorFlag, type Palette, type Tone } from "@loom/reporters";
import { EXIT_CODE } from "../exit-code.ts";
import { formatJson, printable } from "../printable.ts";
import { findRunsRoot } from "@loom/artifacts";
import type { ProcessIo } from "../process-io.ts";

/** The flags of `loom runs`. */
export interface RunsFlags {
  readonly json?: boolean;
  /** How many, the newest first. */
  readonly limit: number;
  /** Only those that stand so. */
  readonly status?: PastRun["status"];
  /** Only those in which this job failed. */
  readonly job?: string;
  readonly color?: ColorFlag;
}

/**
 * Lists the runs of this repository, the newest first.
 *
 * @returns 0, even when there are none; 1 when they cannot be read.
 */
export async function runsCommand(flags: RunsFlags, io: ProcessIo): Promise<number> {
  const { stdout, stderr, cwd, env } = io;
  const root = findRunsRoot(cwd);
  const isFiltered = flags.status !== undefined || flags.job !== undefined;
  const options = isFiltered ? {} : { limit: flags.limit };
  const read = root === undefined ? ok([]) : await readPastRuns(root, options);
  if (!read.ok) {
    stderr.write(`loom: ${read.error.message}\n`);
    return EXIT_CODE.failure;
  }
  const runs = read.value
    .filter(({ status }) => flags.status === undefined || status === flags.status)
    .filter(({ failedJobs }) => flags.job === undefined || failedJobs.some((id) => id === flags.job))
    .slice(0, flags.limit);
  const data = runsData(runs);
  if (flags.json === true) {
    stdout.write(formatJson(data));
    return EXIT_CODE.success;
  }
  if (read.value.length === 0) stderr.write("loom: There are no runs here yet; loom run makes one\n");
  else if (runs.length === 0) stderr.write("loom: No run is like that\n");
  const colored = shouldColor({ flag: flags.color ?? "auto", env, isTerminal: stdout.isTTY === true });
  const palette = createPalette(colored ? "ansi16" : "none");
  for (const run of data.runs) stdout.write(printable(`${lineOf(run, palette)}\n`, colored));
  return EXIT_CODE.success;
}

const TONES: { readonly [S in ListedRun["status"]]: Tone } = {
  success: "success",
  failure: "failed",
  interrupted: "failed",
  cancelled: "cancelled",
  running: "bold",
};

/** The id, when, how, how long, and the job that failed or why none did. */
function lineOf(run: ListedRun, palette: Palette): string {
  const status = palette.paint(TONES[run.status], run.status.padEnd("interrupted".length));
  const took = (run.duration_ms === undefined ? "" : formatDuration(run.duration_ms)).padStart(7);
  const why = run.failing_job_id ?? (run.error?.code === "interrupted" ? "" : (run.error?.code ?? ""));
  const when = run.started_at.slice(0, 19).replace("T", " ");
  return `${run.run_id}  ${when}Z  ${status}  ${took}  ${why}`.trimEnd();
}
