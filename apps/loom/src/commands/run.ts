import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { availableParallelism } from "node:os";
import {
  claimRun,
  createRunDirectory,
  createRunRecorder,
  forgetClaim,
  ownedRuns,
  type RunDirectory,
} from "@loom/artifacts";
import {
  chooseLook,
  chooseOutput,
  createPalette,
  createReporter,
  shouldColor,
  type ColorFlag,
  type Fold,
  type Look,
  type LookFlags,
  type OutputFlags,
  type OutputMode,
  type Reporter,
  type RunHeading,
} from "@loom/cli";
import type { Tui } from "@loom/cli/tui";
import type { EventError } from "@loom/core";
import { startRun, type RunHandle } from "@loom/engine";
import { TERMINATION_GRACE_MS, type Clock } from "@loom/ports";
import { createHostProvider, startDeathWatch, type DeathWatch } from "@loom/provider-host";
import { inheritableEnvironment } from "@loom/system";
import { createSchedule } from "@loom/scheduler";
import { EXIT_CODE } from "../exit-code.ts";
import { findWorkflow, type WorkflowLocation } from "../find-workflow.ts";
import { isInForeground } from "../in-foreground.ts";
import { jobNames, jobsInstead } from "../name-jobs.ts";
import { notesPathOf } from "../run/notes-path.ts";
import { createLiveValidation } from "../run/live-validation.ts";
import { LocalRun } from "../run/run-surroundings.ts";
import { handleSignals } from "../run/handle-signals.ts";
import type { Surroundings } from "../surroundings.ts";
import { createSystemClock } from "../system-clock.ts";
import { createTextOutput } from "../text-output.ts";
import { createTuiHost, guardTerminal } from "../tui-host.ts";

/** The flags of `loom run`, checked and converted. */
export interface RunFlags extends OutputFlags, LookFlags {
  readonly workflow?: string;
  readonly concurrency?: number;
  readonly failFast?: boolean;
  readonly job?: readonly string[];
  readonly var?: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly grace?: number;
  readonly color?: ColorFlag;
  /** Whether the choice of the output is explained on stderr. */
  readonly explainOutput?: boolean;
}

/**
 * Runs the workflow.
 *
 * @returns The exit code: that of the run, or 2 when there is nothing to run.
 */
export async function runCommand(flags: RunFlags, surroundings: Surroundings): Promise<number> {
  const { cwd, env, stderr, stdin, stdout } = surroundings;
  const location = findWorkflow(cwd, flags.workflow);
  if (!location.ok) return complain(stderr, location.error.message, EXIT_CODE.usage);
  const output = chooseOutput(flags, env, {
    stdinIsTerminal: stdin.isTTY === true,
    stdoutIsTerminal: stdout.isTTY === true,
    ...(stdout.isTTY === true && { inForeground: isInForeground() }),
    columns: stdout.columns,
    rows: stdout.rows,
  });
  if (!output.ok) return complain(stderr, output.error.message, EXIT_CODE.usage);
  if (flags.explainOutput === true) {
    stderr.write(`loom: output ${output.value.mode}: ${output.value.reason}\n`);
  }
  const colored = shouldColor({
    ...(flags.color !== undefined && { flag: flags.color }),
    env,
    isTerminal: stdout.isTTY === true,
  });
  const look = chooseLook(flags, env, colored);
  if (!look.ok) return complain(stderr, look.error.message, EXIT_CODE.usage);

  const unknownJob = findUnknownJob(location.value, flags.job ?? []);
  if (unknownJob !== undefined) return complain(stderr, unknownJob, EXIT_CODE.usage);

  const { repoRoot } = location.value;
  const clock = createSystemClock();
  const startedAtMs = clock.now();
  const ns = BigInt(startedAtMs) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n);
  // Before anything is on disk: from then on a signal is an end that the run closes with.
  const signals = handleSignals(env);
  const directory = createRunDirectory(repoRoot, ns);
  if (!directory.ok) {
    signals.restore();
    return complain(stderr, directory.error.message, EXIT_CODE.failure);
  }
  const claim = claimRun(directory.value.directory);
  if (!claim.ok) {
    stderr.write(
      `loom: Nobody will notice when this run is cut off, as it cannot be noted that it is open: ${claim.error.message}\n`,
    );
  }
  tellOfOtherRuns(repoRoot, { own: directory.value.identity.runId, env, stderr });
  const recovery = finishDeadRuns(repoRoot, stderr);
  const { identity } = directory.value;
  const concurrency = flags.concurrency ?? availableParallelism();

  const validation = createLiveValidation(identity);
  let handle: RunHandle | undefined;
  let fault: EventError | undefined;
  const recorder = createRunRecorder({
    runDirectory: directory.value.directory,
    identity,
    onFault: (error) => {
      stderr.write(`loom: ${error.message}\n`);
      // The very first record is written while the run is still being started.
      fault = error;
      handle?.stop({ kind: "fault", error });
    },
    onWritten: validation.onWritten,
    onLines: validation.onLines,
  });
  const logsDir = relative(cwd, directory.value.directory);
  const heading: RunHeading = {
    workflowPath: relative(cwd, location.value.workflowPath),
    logsDir,
    workers: concurrency,
  };
  const reporter = await createView(output.value.mode, look.value, {
    surroundings,
    heading,
    clock,
    interrupt,
    root: repoRoot,
    directory: directory.value,
  });
  const callerEnv = inheritableEnvironment(env);
  const notesPath = notesPathOf(directory.value.directory);
  const provider = createHostProvider({ baseEnv: callerEnv, ...(notesPath !== undefined && { notesPath }) });
  const run = new LocalRun(
    {
      location: location.value,
      concurrency,
      failFast: flags.failFast ?? false,
      only: flags.job ?? [],
      variables: flags.var ?? {},
      command: withoutValues(surroundings.argv),
      callerEnv,
    },
    {
      identity,
      directory: directory.value,
      recorder,
      validation,
      provider,
      clock,
      startedAtMs,
    },
  );
  let watch: DeathWatch | undefined;
  // What no job could be told to have left: the evidence is closed by then, and a screen may still be there.
  const left: string[] = [];
  const lastWords = { log: (_level: unknown, message: string) => void left.push(message) };
  function interrupt(): void {
    signals.interrupt();
  }
  let again: readonly string[] | undefined;
  try {
    handle = startRun({
      identity,
      surroundings: run,
      schedule: createSchedule,
      sinks: [recorder, reporter],
      clock,
      graceMs: flags.grace ?? TERMINATION_GRACE_MS,
    });
    if (fault !== undefined) handle.stop({ kind: "fault", error: fault });
    const started = handle;
    signals.attach({
      stop: (signal) => {
        started.stop({ kind: "signal", signal });
        // Over already, and somebody still looks at it.
        reporter.quit?.();
      },
      kill: () => started.kill(),
    });
    watch = watchOver(directory.value.directory, env);
    const outcome = await handle.finished;
    await provider.close(lastWords);
    recorder.close();
    tellOfClaim(claim, recorder.isClosed, { runId: identity.runId, stderr });
    const { receiptPath } = directory.value;
    await reporter.finish({
      outcome,
      ...(existsSync(receiptPath) && { receiptPath }),
      logsDir,
      isThere: (path) => existsSync(resolve(cwd, path)),
    });
    if (run.reportStatus === "invalid" && existsSync(join(directory.value.directory, "phase-report.json"))) {
      stderr.write(
        `loom: the evidence of this run breaks its contract, see ${join(logsDir, "phase-report.json")}\n`,
      );
    }
    again = reporter.rerun;
    if (again === undefined) return outcome.exitCode;
  } catch (error) {
    recorder.close();
    throw new Error(`the evidence so far is in ${logsDir}`, { cause: error });
  } finally {
    // Also when the run ends by a bug: the message about it belongs on the user's own screen.
    reporter.close?.();
    await provider.close(lastWords);
    for (const message of left) stderr.write(`loom: ${message}\n`);
    signals.restore();
    watch?.release();
    await recovery;
  }
  return await runCommand({ ...flags, job: again }, surroundings);
}

/** A command line as evidence keeps it: what `--var` sets may be a password. */
function withoutValues(argv: readonly string[]): string[] {
  return argv.map((word, index) => {
    const isValue = argv[index - 1] === "--var" || word.startsWith("--var=");
    return isValue ? word.replace(/^((?:--var=)?[^=]*=).*$/su, "$1…") : word;
  });
}

/** Has the jobs of this run ended when this program is killed. */
function watchOver(runDirectory: string, env: Surroundings["env"]): DeathWatch | undefined {
  const program = process.argv[1];
  if (program === undefined) return undefined;
  return startDeathWatch({
    command: [
      process.execPath,
      ...process.execArgv,
      program,
      "after-death",
      runDirectory,
      String(process.pid),
    ],
    path: env["PATH"],
    tempFolder: env["TMPDIR"],
  });
}

/** Gives the run up when it has closed. One that has not stays noted, so that the next run closes it. */
function tellOfClaim(
  claim: ReturnType<typeof claimRun>,
  isClosed: boolean,
  { runId, stderr }: Pick<Surroundings, "stderr"> & { readonly runId: string },
): void {
  if (!isClosed) {
    stderr.write(
      `loom: the evidence of this run is not whole; the next run completes it when it can be written, or: loom recover ${runId}\n`,
    );
    return;
  }
  const kept = claim.ok ? claim.value.release() : undefined;
  if (kept !== undefined) stderr.write(`loom: ${kept.message}\n`);
}

/** Says that jobs of another run work in the same folder. A run within a run knows. */
function tellOfOtherRuns(
  repoRoot: string,
  { own, env, stderr }: Pick<Surroundings, "env" | "stderr"> & { readonly own: string },
): void {
  for (const { runId, owner, ownerPid } of ownedRuns(repoRoot)) {
    if (owner !== "alive" || runId === own || runId === env["LOOM_RUN_ID"]) continue;
    stderr.write(
      `loom: run ${runId} (process ${ownerPid ?? "unknown"}) goes on in this folder: its jobs and those of this run see each other's files\n`,
    );
  }
}

/** What is said of a run that this one found open. Nothing of one that had closed and was killed right after. */
const BECAME = {
  closed: undefined,
  completed: "lacked some of its documents; they are there now",
  recovered: "was interrupted; its evidence is closed now",
} as const;

/** After how long it is said that a run is being closed, as nothing else happens then. Milliseconds. */
const SLOW_MS = 1_000;

/** Finishes what runs of this repository left whose loom was killed. Costs nothing when there are none. */
async function finishDeadRuns(repoRoot: string, stderr: Surroundings["stderr"]): Promise<void> {
  for (const run of ownedRuns(repoRoot)) {
    if (run.owner !== "dead") continue;
    const { closeDeadRun, endLeftovers } = await import("../run/finish-dead-run.ts");
    await endLeftovers(run.directory, { ownerPid: run.ownerPid });
    if (!existsSync(run.directory)) {
      // Its evidence was removed: there is nothing to close.
      forgetClaim(run.directory);
      continue;
    }
    const slow = setTimeout(() => {
      stderr.write(`loom: closing the evidence of run ${run.runId}, which was interrupted\n`);
    }, SLOW_MS);
    const closed = await closeDeadRun(run);
    clearTimeout(slow);
    const became = closed.ok ? BECAME[closed.value.kind] : `was interrupted: ${closed.error.message}`;
    if (became !== undefined) stderr.write(`loom: run ${run.runId} ${became}\n`);
  }
}

/** Says which of the jobs asked for is not there. A workflow that does not compile is the run's own business. */
function findUnknownJob(location: WorkflowLocation, asked: readonly string[]): string | undefined {
  if (asked.length === 0) return undefined;
  const names = jobNames(location);
  const unknown = asked.find((name) => names?.includes(name) === false);
  if (names === undefined || unknown === undefined) return undefined;
  return `Cannot run job "${unknown}": the workflow has no such job. ${jobsInstead(unknown, names)}`;
}

interface ViewParts {
  readonly surroundings: Surroundings;
  readonly heading: RunHeading;
  readonly clock: Clock;
  readonly interrupt: () => void;
  /** Absolute path of the project. */
  readonly root: string;
  readonly directory: RunDirectory;
}

/** A reporter, and what a screen has beside it. */
type View = Reporter & Partial<Pick<Tui, "close" | "quit" | "rerun">>;

async function createView(mode: OutputMode, look: Look, parts: ViewParts): Promise<View> {
  const { stdout, stdin, env } = parts.surroundings;
  const palette = createPalette(look.palette);
  const { ascii } = look;
  const output = createTextOutput(stdout);
  if (mode !== "tui") {
    return createReporter(mode, { output, heading: parts.heading, palette, ascii, fold: foldOf(env) });
  }
  const { startTui } = await import("@loom/cli/tui");
  const { heading, clock, interrupt, root, directory } = parts;
  const screen = startTui({
    stdout,
    stdin,
    heading,
    clock,
    palette,
    ascii,
    reducedMotion: look.reducedMotion,
    exit: look.exit,
    bell: look.bell,
    window: look.window,
    onInterrupt: interrupt,
    root,
    runDirectory: directory.directory,
    receiptPath: directory.receiptPath,
    host: createTuiHost(env),
  });
  const release = guardTerminal(() => screen);
  void screen.closed.then(release);
  return screen;
}

/** How the runner, if it is one, folds what belongs together. */
function foldOf(env: NodeJS.ProcessEnv): Fold {
  if (env["GITHUB_ACTIONS"] === "true") return { kind: "github", token: randomUUID() };
  return env["GITLAB_CI"] === "true" ? { kind: "gitlab" } : { kind: "heading" };
}

function complain(stderr: Surroundings["stderr"], message: string, exitCode: number): number {
  stderr.write(`loom: ${message}\n`);
  return exitCode;
}
