import { relative } from "node:path";
import { formatDuration, type JobId } from "@loom/core";
import { type ManifestJob, type PipelineManifest, findRunsRoot } from "@loom/artifacts";
import {
  chooseLook,
  createPalette,
  shouldColor,
  type ColorFlag,
  type Look,
  type Palette,
} from "@loom/reporters";
import { createSystemClock } from "@loom/system";
import { chooseKeys } from "../config/choose-keys.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { formatJson, printable } from "../printable.ts";
import { isInForeground } from "../in-foreground.ts";
import { openPastRun, type OpenedRun } from "@loom/diagnosis";
import type { ProcessIo } from "../process-io.ts";
import { createTuiHost, guardWholly, screenPalette } from "../tui-host.ts";

/** The flags of `loom show`. */
export interface ShowFlags {
  readonly json?: boolean;
  /** `--no-tui`. */
  readonly tui?: boolean;
  readonly color?: ColorFlag;
  /** As for `loom run`. */
  readonly theme?: string;
  readonly ascii?: boolean;
}

/**
 * Shows one run: on a screen of its own in a terminal, as lines elsewhere.
 *
 * Of a run that goes on, the lines are its state at the moment.
 *
 * @param name - As for `runDirectoryOf`; the last run when absent.
 * @returns 0 shown; 1 it cannot be read; 2 when there is no such run.
 */
export async function showCommand(
  name: string | undefined,
  flags: ShowFlags,
  io: ProcessIo,
): Promise<number> {
  const { stdout, stdin, stderr, cwd, env } = io;
  const opened = await openPastRun(name ?? "last", cwd);
  if (!opened.ok) {
    stderr.write(`loom: ${opened.error.message}\n`);
    return EXIT_CODE.usage;
  }
  const isTerminal = stdout.isTTY === true;
  const colored = shouldColor({ flag: flags.color ?? "auto", env, isTerminal });
  const look = chooseLook(flags, env, colored);
  if (!look.ok) {
    stderr.write(`loom: ${look.error.message}\n`);
    return EXIT_CODE.usage;
  }
  const onScreen = isTerminal && stdin.isTTY === true && flags.tui !== false && flags.json !== true;
  if (onScreen && env["TERM"] !== "dumb" && isInForeground())
    return showOnScreen(opened.value, look.value, io);
  const manifest = await opened.value.run.pipelineManifest();
  if (!manifest.ok) {
    if (opened.value.isAlive()) return await (await import("./ctl.ts")).showState(opened.value, flags, io);
    stderr.write(`loom: ${await whyNot(opened.value.run, manifest.error.message)}\n`);
    return EXIT_CODE.failure;
  }
  if (flags.json === true) {
    stdout.write(formatJson({ schema_version: "v1", kind: "loom-run", run: manifest.value }));
    return EXIT_CODE.success;
  }
  const lines = linesOf(
    manifest.value,
    relative(cwd, opened.value.run.directory),
    createPalette(look.value.palette),
  );
  stdout.write(printable(`${lines.join("\n")}\n`, colored));
  return EXIT_CODE.success;
}

async function showOnScreen({ run }: OpenedRun, look: Look, io: ProcessIo): Promise<number> {
  const { stdout, stdin, stderr, cwd, env } = io;
  const keys = await chooseKeys(env);
  if (!keys.ok) {
    stderr.write(`loom: ${keys.error.message}\n`);
    return EXIT_CODE.usage;
  }
  const { openRecordedRun } = await import("@loom/cli");
  const root = findRunsRoot(run.directory) ?? findRunsRoot(cwd);
  let release: (() => void) | undefined;
  let again: readonly JobId[] | undefined;
  const problem = await openRecordedRun({
    onScreen: (screen) => {
      release = guardWholly(screen);
    },
    stdout,
    stdin,
    clock: createSystemClock(),
    palette: screenPalette(look),
    ascii: look.ascii,
    reducedMotion: look.reducedMotion,
    exit: look.exit,
    bell: false,
    window: look.window,
    links: look.links,
    keys: keys.value,
    ...(root !== undefined && { root }),
    host: createTuiHost(env),
    run: run.directory,
    onRerun: (jobs) => {
      again = jobs;
    },
  });
  release?.();
  if (again !== undefined) {
    const { runCommand } = await import("./run.ts");
    return await runCommand({ job: [...again] }, io);
  }
  if (problem === undefined) return EXIT_CODE.success;
  stderr.write(`loom: ${problem}\n`);
  return EXIT_CODE.failure;
}

function linesOf(manifest: PipelineManifest, directory: string, palette: Palette): string[] {
  const jobs = new Map(manifest.jobs.map((job) => [job.job_id, job]));
  const width = Math.max(0, ...manifest.jobs.map(({ job_id }) => job_id.length));
  const lines = [`${manifest.run_id}  ${manifest.status}  ${directory}`];
  for (const { name, job_ids: ids } of manifest.stages) {
    lines.push(ids.length === 0 ? `${name} (no jobs)` : name);
    for (const id of ids) {
      const job = jobs.get(id);
      if (job !== undefined) lines.push(`  ${jobLine(job, width, palette)}`);
    }
  }
  return lines;
}

function jobLine(job: ManifestJob, width: number, palette: Palette): string {
  const allowed = job.status === "failed" && !job.blocking;
  const word = job.kept_from === undefined ? job.status : "kept";
  const status = palette.paint(allowed ? "allowed" : job.status, word.padEnd("cancelled".length));
  const took = (job.duration_ms === undefined ? "" : formatDuration(job.duration_ms)).padStart(7);
  return `${job.job_id.padEnd(width)}  ${status}  ${took}  ${remark(job, allowed)}`.trimEnd();
}

function remark(job: ManifestJob, allowed: boolean): string {
  if (job.status === "failed" && job.exit_code !== undefined) {
    return `exit ${job.exit_code}${allowed ? ", may fail" : ""}`;
  }
  if (job.kept_from !== undefined) return `success in ${job.kept_from}`;
  if (job.skip_reason === undefined) return "";
  const reason = job.skip_reason.replaceAll("_", " ");
  return job.blocked_by === undefined ? reason : `${reason}: ${job.blocked_by.join(", ")}`;
}

/** A run without its list of jobs was interrupted, or its evidence is damaged. */
async function whyNot(run: OpenedRun["run"], message: string): Promise<string> {
  const { explainRun } = await import("@loom/diagnosis");
  const explained = await explainRun(run, { isAlive: false });
  const isInterrupted = explained.ok && explained.value.outcome === "interrupted";
  const advice = isInterrupted
    ? `"loom recover ${run.runId}" closes an interrupted run`
    : `"loom explain ${run.runId}" tells what the rest of its evidence says`;
  return `${message}; ${advice}`;
}
