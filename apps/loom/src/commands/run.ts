import { randomUUID } from "node:crypto";
import {
  chooseLook,
  chooseOutput,
  ciRunner,
  createPalette,
  parseReporters,
  shouldColor,
  type ColorFlag,
  type Look,
  type LookFlags,
  type OutputFlags,
  type OutputChoice,
} from "@loom/reporters";
import type { KeyMap, Tui } from "@loom/cli";
import { err, ok, PAUSE_TIMEOUT_MS, unreachable, type EventError, type Result } from "@loom/core";
import { TERMINATION_GRACE_MS, type Reporter } from "@loom/ports";
import {
  blameCaches,
  findReporter,
  headingOf,
  startWorkflow,
  streamOutput,
  type CacheHit,
  type RemoteOptions,
  type ReporterFactory,
  type RunStart,
  type StartError,
  type WorkflowRun,
} from "@loom/runner";
import { findWorkflow } from "@loom/runner/workflow";
import { cacheHome, createSystemClock } from "@loom/system";
import { chooseWorkspace, chooseWorkspaceMount } from "@loom/runner/settings";
import { chooseKeys } from "../config/choose-keys.ts";
import { engineExitCode, noEngine, openJobEngine, type JobEngine } from "../engine/open-job-engine.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { handleSignals, type EndSignal } from "../handle-signals.ts";
import { isInForeground } from "../in-foreground.ts";
import { loomProgram } from "../loom-program.ts";
import { LOOM_VERSION } from "../loom-version.ts";
import type { ProcessIo } from "../process-io.ts";
import { fileReporters } from "../reporters/file-reporters.ts";
import { chooseOtlp } from "../reporters/choose-otlp.ts";
import { retriedRun, type RetryFlag } from "../retried-run.ts";
import { createTuiHost, guardTerminal, screenPalette } from "../tui-host.ts";

/** The flags of `loom run`, checked and converted. */
export interface RunFlags extends Omit<OutputFlags, "reporter">, LookFlags {
  /** Values of `--reporter`: `NAME` or `NAME=FILE`. */
  readonly reporter?: readonly string[];
  readonly workflow?: string;
  readonly concurrency?: number;
  readonly failFast?: boolean;
  /** Whether a job is held after a step that failed. */
  readonly pauseOnFailure?: boolean;
  /** How long it is held, in milliseconds; says that it is. */
  readonly pauseTimeout?: number;
  /** Whether the program leaves once only held jobs are left, and the run goes on by itself. */
  readonly pauseExit?: boolean;
  readonly job?: readonly string[];
  /** Manual jobs that run beside the others. */
  readonly play?: readonly string[];
  /** The commit that changes are counted from. */
  readonly base?: string;
  /** Which run to retry: jobs that succeeded there keep their result. */
  readonly retryFailed?: RetryFlag;
  /** Absolute path of the evidence of a run to go on with. */
  readonly resume?: string;
  readonly var?: Readonly<Record<string, string>>;
  /** Whether everything runs on this machine. */
  readonly local?: boolean;
  /** The servers that bring jobs to workers. */
  readonly engine?: string;
  /** How long nothing may be heard of them. Milliseconds. */
  readonly engineTimeout?: number;
  /** The pool for jobs that name none. */
  readonly pool?: string;
  readonly inPlace?: boolean;
  readonly staged?: boolean;
  /** How jobs in containers see their workspace, in a word of {@link chooseWorkspaceMount}. */
  readonly dockerWorkspaceMount?: string;
  /** Whether caches are restored and saved. Default: true. */
  readonly cache?: boolean;
  /** Whether the workflow is run twice, to find out whether caches change what comes out. */
  readonly cacheDiff?: boolean;
  /** Whether the plan is printed, and nothing is run. */
  readonly dryRun?: boolean;
  /** Whether the workflow is run again whenever files change. */
  readonly watch?: boolean;
  /** Milliseconds. */
  readonly grace?: number;
  readonly color?: ColorFlag;
  /** The collector that spans are sent to. */
  readonly otlp?: string;
  /** Whether the choice of the output is explained on stderr. */
  readonly explainOutput?: boolean;
}

/**
 * Runs the workflow.
 *
 * @returns The exit code: that of the run, or 2 when there is nothing to run.
 */
export async function runCommand(flags: RunFlags, io: ProcessIo): Promise<number> {
  if (flags.pauseExit === true) {
    const excluded = flags.cacheDiff === true ? "--cache-diff" : flags.tui === true ? "--tui" : undefined;
    if (excluded !== undefined)
      return complain(
        io.stderr,
        `Cannot combine --pause-exit and ${excluded}: the run goes on without this program. Leave out one of them`,
        EXIT_CODE.usage,
      ).exitCode;
    const { runAndLeave } = await import("../pause/run-and-leave.ts");
    return await runAndLeave(io);
  }
  if (flags.cacheDiff === true) return await runTwice(flags, io);
  return (await runOnce(flags, io)).exitCode;
}

/** A run that is over, or that there was nothing to run; only the first has evidence. */
export interface Ran {
  readonly exitCode: number;
  /** Absolute. */
  readonly runDirectory?: string;
  readonly cacheHits?: readonly CacheHit[];
}

/** Runs the workflow without caches, then with them, and fails where that makes a difference. */
async function runTwice(flags: RunFlags, io: ProcessIo): Promise<number> {
  const { stderr, env } = io;
  if (flags.cache === false)
    return complain(stderr, "--cache-diff compares with caches: leave --no-cache out", EXIT_CODE.usage)
      .exitCode;
  if (flags.retryFailed !== undefined) {
    const message =
      "Cannot combine --cache-diff and --retry-failed: that compares whole runs. Leave out one of them";
    return complain(stderr, message, EXIT_CODE.usage).exitCode;
  }
  const without = await runOnce({ ...flags, cache: false }, io);
  if (without.runDirectory === undefined || isCancelled(without.exitCode)) return without.exitCode;
  const withCaches = await runOnce({ ...flags, cache: true }, io);
  if (withCaches.runDirectory === undefined || isCancelled(withCaches.exitCode)) return withCaches.exitCode;
  const hits = withCaches.cacheHits ?? [];
  if (hits.length === 0) {
    stderr.write("loom: nothing was compared: there was no cache to restore\n");
    return withCaches.exitCode;
  }
  const blamed = await blameCaches({
    without: without.runDirectory,
    with: withCaches.runDirectory,
    hits,
    cacheHome: cacheHome(env),
    clock: createSystemClock(),
  });
  if (!blamed.ok) return complain(stderr, blamed.error.message, EXIT_CODE.failure).exitCode;
  const { jobs, quarantined } = blamed.value;
  if (jobs.length === 0) {
    stderr.write("loom: caches change nothing: both runs ended alike\n");
    return withCaches.exitCode;
  }
  for (const { jobId, differences } of jobs)
    stderr.write(
      `loom: with caches, ${jobId}: ${differences.slice(0, SHOWN_DIFFERENCES).join(", ")}${moreThan(differences)}\n`,
    );
  const keys = [...new Set(quarantined.map(({ jobId, address }) => `${address.key} (${jobId})`))];
  stderr.write(`loom: under quarantine until they are saved again: ${keys.join(", ")}\n`);
  return EXIT_CODE.failure;
}

/** How many differences of one job are named. */
const SHOWN_DIFFERENCES = 5;

function moreThan({ length }: readonly string[]): string {
  return length > SHOWN_DIFFERENCES ? ` and ${length - SHOWN_DIFFERENCES} more` : "";
}

/** By a signal: 128 and its number. */
function isCancelled(exitCode: number): boolean {
  return exitCode > 128;
}

/** Whoever runs the workflow more than once, and looks at each run. */
export interface RunFollower {
  /** Takes the run once it is under way. */
  readonly started?: (run: WorkflowRun) => void;
  /** Told when a person or a signal stops the run. */
  readonly interrupted?: (signal: EndSignal) => void;
}

/** Runs the workflow to its end. */
export async function runOnce(flags: RunFlags, io: ProcessIo, follower: RunFollower = {}): Promise<Ran> {
  const { cwd, stderr, stdin, stdout } = io;
  const { LOOM_TELLS_WHEN_HELD: tellsWhenHeld, ...env } = io.env;
  const { reporter: words = [], ...outputFlags } = flags;
  const requested = parseReporters(words);
  if (!requested.ok) return complain(stderr, requested.error.message, EXIT_CODE.usage);
  const { onScreen, inFiles } = requested.value;
  const output = chooseOutput(
    { ...outputFlags, ...(onScreen !== undefined && { reporter: onScreen }) },
    env,
    {
      stdinIsTerminal: stdin.isTTY === true,
      stdoutIsTerminal: stdout.isTTY === true,
      ...(stdout.isTTY === true && { inForeground: isInForeground() }),
      columns: stdout.columns,
      rows: stdout.rows,
    },
  );
  if (!output.ok) return complain(stderr, output.error.message, EXIT_CODE.usage);
  if (flags.explainOutput === true) {
    stderr.write(`loom: output ${output.value.mode}: ${output.value.reason}\n`);
  }
  const reporter = await reporterFor(output.value, cwd);
  if (!reporter.ok) return complain(stderr, reporter.error.message, EXIT_CODE.usage);
  const colored = shouldColor({
    ...(flags.color !== undefined && { flag: flags.color }),
    env,
    isTerminal: stdout.isTTY === true,
  });
  const look = chooseLook(flags, env, colored);
  if (!look.ok) return complain(stderr, look.error.message, EXIT_CODE.usage);

  const location = findWorkflow(cwd, flags.workflow);
  if (!location.ok) return complain(stderr, location.error.message, EXIT_CODE.usage);
  const workspace = await chooseWorkspace(flags, { env, repoRoot: location.value.repoRoot });
  if (!workspace.ok) return complain(stderr, workspace.error.message, EXIT_CODE.usage);
  const mount = await chooseWorkspaceMount(flags.dockerWorkspaceMount, {
    env,
    repoRoot: location.value.repoRoot,
  });
  if (!mount.ok) return complain(stderr, mount.error.message, EXIT_CODE.usage);
  const keys = output.value.mode === "tui" ? await chooseKeys(env) : ok(undefined);
  if (!keys.ok) return complain(stderr, keys.error.message, EXIT_CODE.usage);
  const retried = await retriedRun(flags.retryFailed, cwd);
  if (!retried.ok) return complain(stderr, retried.error.message, EXIT_CODE.usage);
  const files = await fileReporters(inFiles, {
    cwd,
    warn: (message) => void stderr.write(`loom: ${message}\n`),
  });
  if (!files.ok) return complain(stderr, files.error, EXIT_CODE.usage);
  const otlp = await chooseOtlp(flags.otlp, io);
  if (!otlp.ok) return complain(stderr, otlp.error.message, EXIT_CODE.usage);
  const remote = await remoteFor(flags, io);
  if (!remote.ok) return complain(stderr, remote.error.message, engineExitCode(remote.error));
  // Before anything is on disk: from then on a signal is an end that the run closes with.
  const signals = handleSignals(env);
  let view: View | undefined;
  try {
    const started = await startWorkflow({
      cwd,
      workflow: flags.workflow,
      jobs: flags.job,
      play: flags.play,
      base: flags.base,
      retry: retried.value,
      resume: flags.resume,
      variables: flags.var,
      concurrency: flags.concurrency,
      failFast: flags.failFast,
      pauseTimeoutMs: pauseTimeoutOf(flags),
      graceMs: flags.grace,
      workspace: workspace.value,
      dockerWorkspaceMount: mount.value,
      cache: flags.cache,
      env,
      command: withoutValues(io.argv),
      loomVersion: LOOM_VERSION,
      afterDeath: afterDeath(),
      onWarning: ({ message }) => void stderr.write(`loom: ${message}\n`),
      reporters: [
        async (start) => {
          view = await createView(reporter.value, look.value, {
            io,
            start,
            keys: keys.value,
            graceMs: flags.grace ?? TERMINATION_GRACE_MS,
            interrupt: () => signals.interrupt(),
          });
          return view;
        },
        ...files.value,
        ...(tellsWhenHeld === undefined ? [] : [(await import("../pause/tell-parent.ts")).tellParent()]),
        ...(otlp.value === undefined ? [] : [otlp.value.reporter]),
      ],
      jobVariables: otlp.value?.jobVariables,
      remote: remote.value,
    });
    if (!started.ok) return complain(stderr, started.error.message, exitCodeOf(started.error));
    const run = started.value;
    signals.attach({
      stop: (signal) => {
        follower.interrupted?.(signal);
        run.stop({ kind: "signal", signal });
        // Over already, and somebody still looks at it.
        view?.quit?.();
      },
      kill: () => run.kill(),
    });
    follower.started?.(run);
    const { exitCode, cacheHits } = await run.finished;
    if (view?.rerun === undefined) return { exitCode, runDirectory: run.runDirectory, cacheHits };
  } finally {
    signals.restore();
    await remote.value?.exchange.close();
  }
  const { retryFailed: _, ...again } = flags;
  return await runOnce({ ...again, job: view.rerun }, io, follower);
}

/** What workers are reached over, where something names it. */
async function remoteFor(
  { engine: flag, engineTimeout: engineTimeoutMs, pool, local }: RunFlags,
  io: ProcessIo,
): Promise<Result<(JobEngine & Pick<RemoteOptions, "pool" | "engineTimeoutMs">) | undefined, EventError>> {
  if (local === true) return ok(undefined);
  const opened = await openJobEngine(flag, io);
  if (!opened.ok) return opened;
  if (opened.value !== undefined) return ok({ ...opened.value, pool, engineTimeoutMs });
  return pool === undefined ? ok(undefined) : err({ code: "CONFIG_INVALID", message: noEngine("--pool") });
}

function pauseTimeoutOf({ pauseOnFailure, pauseTimeout }: RunFlags): number | undefined {
  return pauseTimeout ?? (pauseOnFailure === true ? PAUSE_TIMEOUT_MS : undefined);
}

/** Nothing to run is wrong use, unless nothing is left to do; no place for the evidence is a failure. */
function exitCodeOf({ code }: StartError): number {
  switch (code) {
    case "ARTIFACTS_WRITE_FAILED":
    case "ARTIFACTS_REFUSED_PLACE":
      return EXIT_CODE.failure;
    case "WORKFLOW_NOT_FOUND":
    case "JOB_NOT_FOUND":
    case "REPORTER_NOT_FOUND":
    case "RETRY_REFUSED":
    case "RESUME_REFUSED":
      return EXIT_CODE.usage;
    case "RETRY_NOTHING_FAILED":
      return EXIT_CODE.success;
    default:
      return unreachable(code);
  }
}

/** A command line as evidence keeps it: what `--var` sets may be a password. */
function withoutValues(argv: readonly string[]): string[] {
  return argv.map((word, index) => {
    const isValue = argv[index - 1] === "--var" || word.startsWith("--var=");
    return isValue ? word.replace(/^((?:--var=)?[^=]*=).*$/su, "$1…") : word;
  });
}

/** What ends the jobs of a run when this program is killed. */
function afterDeath(): readonly [string, ...string[]] | undefined {
  const program = loomProgram();
  return program === undefined ? undefined : [...program, "after-death"];
}

interface ViewParts {
  readonly io: ProcessIo;
  readonly start: RunStart;
  readonly graceMs: number;
  readonly keys: KeyMap | undefined;
  readonly interrupt: () => void;
}

/** A reporter, and what a screen has beside it. */
type View = Reporter & Partial<Pick<Tui, "quit" | "rerun">>;

/** What makes the reporter that was chosen; nothing for the screen, which is loaded when it is needed. */
async function reporterFor(
  choice: OutputChoice,
  cwd: string,
): Promise<Result<ReporterFactory | undefined, { readonly message: string }>> {
  if (choice.mode === "tui") return ok(undefined);
  return await findReporter(choice.mode === "module" ? choice.module : choice.mode, cwd);
}

async function createView(create: ReporterFactory | undefined, look: Look, parts: ViewParts): Promise<View> {
  const { start, graceMs, keys, interrupt } = parts;
  const { stdout, stdin, env, cwd } = parts.io;
  const heading = headingOf(start, cwd);
  const palette = createPalette(look.palette);
  const { ascii } = look;
  if (create !== undefined) {
    const runner = ciRunner(env);
    const output = streamOutput(stdout);
    const options = {
      output,
      heading,
      palette,
      ascii,
      links: look.links,
      clock: start.clock,
      token: randomUUID(),
    };
    return await create({ ...options, ...(runner && { runner }) });
  }
  const { startTui } = await import("@loom/cli");
  const screen = startTui({
    stdout,
    stdin,
    heading,
    clock: start.clock,
    palette: screenPalette(look),
    ascii,
    reducedMotion: look.reducedMotion,
    exit: look.exit,
    bell: look.bell,
    notify: look.notify,
    window: look.window,
    links: look.links,
    onInterrupt: interrupt,
    graceMs,
    keys,
    root: start.repoRoot,
    runDirectory: start.runDirectory,
    receiptPath: start.receiptPath,
    host: createTuiHost(env),
  });
  const release = guardTerminal(() => screen);
  void screen.closed.then(release);
  return screen;
}

function complain(stderr: ProcessIo["stderr"], message: string, exitCode: number): Ran {
  stderr.write(`loom: ${message}\n`);
  return { exitCode };
}
