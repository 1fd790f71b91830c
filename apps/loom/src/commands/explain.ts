import { relative } from "node:path";
import { epochMs } from "@loom/core";
import { createPalette, shouldColor, type ColorFlag } from "@loom/reporters";
import {
  explainRun,
  explanationLines,
  readTimeline,
  timeLines,
  timeReport,
  changesOptions,
  openRunOrJob,
  type OpenedRun,
} from "@loom/diagnosis";
import { EXIT_CODE } from "../exit-code.ts";
import { formatJson, printable } from "../printable.ts";
import { createRunnerGuard } from "../runner-guard.ts";
import type { ProcessIo } from "../process-io.ts";

/** The flags of `loom explain`. */
export interface ExplainFlags {
  readonly json?: boolean;
  /** Explains one job: why it ran, waited or was skipped. */
  readonly job?: string;
  /** Explains every job that failed. */
  readonly all?: boolean;
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
  if (job === undefined && flags.all !== true) return await explainWhole(opened.value, flags, io);
  if (flags.job !== undefined && flags.all === true) {
    stderr.write("loom: Cannot explain both --job and --all: leave out one of them\n");
    return EXIT_CODE.usage;
  }
  const { printExplainedJobs } = await import("./explain-jobs.ts");
  const wanted = flags.all === true ? "all failed" : { job: job ?? "" };
  return await printExplainedJobs(opened.value, wanted, { ...io, json: flags.json ?? false });
}

async function explainWhole(
  { run, isAlive }: OpenedRun,
  flags: ExplainFlags,
  { stdout, stderr, cwd, env }: ProcessIo,
): Promise<number> {
  const timeline = await readTimeline(run);
  const explained = await explainRun(run, {
    isAlive: isAlive(),
    nowMs: epochMs(Date.now()),
    changes: await changesOptions(run, env),
    ...(timeline.ok && { timeline: timeline.value }),
  });
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
  if (timeline.ok) lines.push("", ...timeLines(timeReport(timeline.value), paint));
  stdout.write(guard.text(printable(`${lines.join("\n")}\n`, colored)));
  return EXIT_CODE.success;
}
