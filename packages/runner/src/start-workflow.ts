import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative, resolve } from "node:path";
import {
  claimRun,
  createRunDirectory,
  createRunRecorder,
  ownedRuns,
  receiptPath,
  type RunDirectory,
  type RunRecorder,
  type RunRecorderOptions,
} from "@loom/artifacts";
import {
  epochMs,
  err,
  ok,
  type EpochMs,
  type EventError,
  type GraphNode,
  type JobId,
  type ReportedTest,
  type Result,
  type RunIdentity,
  type RunResult,
  type RunStatus,
  type StreamRef,
} from "@loom/core";
import { startRun, type ResumedRun, type RunHandle, type StopRequestCause } from "@loom/engine";
import {
  TERMINATION_GRACE_MS,
  type Clock,
  type Exchange,
  type LifecycleRecord,
  type Provider,
  type RecordSink,
  type Reporter,
} from "@loom/ports";
import { PHASE_REPORT_PATH } from "@loom/record";
import { ciRunner } from "@loom/reporters/table";
import type { ReopenedRun } from "@loom/recovery";
import type { FarJobs, ForwardedSecrets } from "@loom/remote";
import { createSchedule } from "@loom/scheduler";
import { createSystemClock, inheritableEnvironment, requireNode, type Environment } from "@loom/system";
import manifest from "../package.json" with { type: "json" };
import { lastDurations } from "./bootstrap/last-durations.ts";
import { ControlChannel } from "./control/control-channel.ts";
import { finishDeadRuns } from "./dead-runs/finish-dead-runs.ts";
import { startDeathWatch, type DeathWatch } from "./dead-runs/start-death-watch.ts";
import { createLiveValidation, type LiveValidation } from "./live-validation.ts";
import { explainFinished, testsOfFinished } from "./explain-finished.ts";
import { LocalRun } from "./local-run.ts";
import { packageProgram } from "./package-program.ts";
import type { CacheHit } from "./phases/job-phases.ts";
import { builtInProviders, type Providers } from "./providers/built-in-providers.ts";
import { LocalSlots } from "./providers/local-slots.ts";
import { closeProviders, openProviders } from "./providers/open-providers.ts";
import { findReporter } from "./reporters/find-reporter.ts";
import { EndTally, readClosing } from "./reporters/read-closing.ts";
import { headingOf } from "./reporters/heading-of.ts";
import { streamOutput } from "./reporters/stream-output.ts";
import { cacheHomeOf, environmentOf, requireConcurrency } from "./option-defaults.ts";
import type { JobVariables, RunRequest } from "./run-request.ts";
import type { RunStart } from "./run-start.ts";
import type { RunWarning } from "./run-warning.ts";
import type { StartError } from "./start-error.ts";
import { locateWorkflow, type WorkflowLocation } from "./workflow/find-workflow.ts";
import { inPlace } from "./workspace/in-place.ts";
import { DEFAULT_WORKSPACE_MOUNT, type DockerWorkspaceMount } from "./workspace/own-workspace-of.ts";
import { forwardedSecrets } from "./secrets/forwarded-secrets.ts";
import { secretsFolder } from "./secrets/secrets-folder.ts";
import { isolated } from "./workspace/isolated.ts";
import type { WorkspaceOpener } from "./workspace/opened-workspace.ts";
import type { TakenUpRun } from "./resume/take-up-run.ts";
import { continued } from "./workspace/continued.ts";
import { resumed } from "./workspace/resumed.ts";
import type { KeptResults } from "./retry/keep-results.ts";
import { keptFor } from "./retry/kept-for.ts";
import { unknownJob } from "./workflow/job-names.ts";
import { loadForRun } from "./workflow/load-for-run.ts";
import { loadPart } from "./workflow/load-part.ts";

/**
 * A reporter, or what makes one once it is known where the run will be; or the
 * name of one of Loom's own, or of a module, which then prints to the standard
 * output of the process, without colours.
 */
export type ReporterSource = Reporter | ((start: RunStart) => Reporter | Promise<Reporter>) | string;

/** A source that has been found. */
type KnownSource = Exclude<ReporterSource, string>;

/** How a run has workers carry out jobs. */
export interface RemoteOptions {
  /** Kept open by the caller until the run is over. */
  readonly exchange: Exchange;
  /** The pool for jobs that name none. Default: those run on this machine. */
  readonly pool?: string | undefined;
  /**
   * Whether `env://` in secrets of their jobs means `env` of this run: the values go sealed to the worker that has the job. Default:
   * it means the environment of the worker.
   */
  readonly forwardSecrets?: boolean | undefined;
  /** How long nothing may be heard of the exchange before the run is stopped. Milliseconds. Default: 600,000. */
  readonly engineTimeoutMs?: number | undefined;
}

/** What to run, and how. */
export interface StartWorkflowOptions {
  /** The caller's folder. Absolute. Default: the working directory of the process. */
  readonly cwd?: string | undefined;
  /**
   * Path of the workflow, relative to `cwd`, or its text: then it is about the
   * repository that `cwd` is in, or about `cwd`. Default: `.loom/workflow.yml`
   * in `cwd` or the nearest folder above it.
   */
  readonly workflow?: string | { readonly text: string } | undefined;
  /** Jobs to run, and with them what they need; the name of a job with a matrix means all that it makes. Default: all. */
  readonly jobs?: readonly string[] | undefined;
  /** Jobs with `when: manual` to run beside the others. Default: none but those in `jobs`. */
  readonly play?: readonly string[] | undefined;
  /**
   * The commit from which `changes` in rules are counted, by any of its names. Default: the upstream branch, else the previous
   * commit.
   */
  readonly base?: string | undefined;
  /**
   * Absolute path of the evidence of a run to retry: jobs that succeeded there
   * keep their result, the others run where that run worked. Jobs that need one
   * that runs again, and those on failure or always behind it, run again too.
   * Refused unless the workflow and the files are the same. Default: every job runs.
   */
  readonly retry?: string | undefined;
  /**
   * Absolute path of the evidence of a run of this project whose process was killed while its jobs ran: it goes on, with what has ended as it
   * is. What was under way begins anew, but for steps that workers are at: those go on. `jobs`, `play`, `workspace` and what else decided about it then do not count. Default: a
   * new run.
   */
  readonly resume?: string | undefined;
  /** Variables that override those of the workflow. Default: none. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /**
   * Variables that a job gets with those that Loom itself sets, asked for when it starts: weaker than those of the
   * workflow. Default: none.
   */
  readonly jobVariables?: JobVariables | undefined;
  /**
   * How many jobs run at a time: a whole number, 1 or more. Default: what the machine can run in parallel, and what the workers do that
   * are there when the run starts. Of these, never more than what the machine can run on it.
   */
  readonly concurrency?: number | undefined;
  /** Whether nothing new starts after the first blocking failure. Default: false. */
  readonly failFast?: boolean | undefined;
  /**
   * How long a job is held after a step that failed, with all that it has, for somebody to say how it goes on. Milliseconds,
   * above 0; it fails then. Default: it fails at once.
   */
  readonly pauseTimeoutMs?: number | undefined;
  /**
   * Where jobs work: in a disposable snapshot of the repository, in one of what
   * is staged, for a hook, or in the checkout itself. Of what is staged the
   * workflow is a part, and read from there. Default: `isolated`.
   */
  readonly workspace?: "isolated" | "staged" | "in-place" | undefined;
  /**
   * The commit to run, by its full name: in a snapshot of it, with the workflow
   * that it has. `workspace` does not count then. Default: the checkout.
   */
  readonly revision?: string | undefined;
  /**
   * How jobs in containers see their workspace: as a volume of their own, a copy that is removed with the job, or mounted.
   * Default: `ephemeral_volume`.
   */
  readonly dockerWorkspaceMount?: DockerWorkspaceMount | undefined;
  /** Whether caches of jobs are restored and saved. Default: true. */
  readonly cache?: boolean | undefined;
  /** Where snapshots and caches are. Absolute. Default: `XDG_CACHE_HOME` of `env`, or `~/.cache`. */
  readonly cacheHome?: string | undefined;
  /** Milliseconds between SIGTERM and SIGKILL when a job is stopped. Default: 10,000. */
  readonly graceMs?: number | undefined;
  /**
   * Where jobs run, by name: `host` in place of this machine, `docker` for jobs
   * with an image. Default: this machine, and jobs with an image fail to be set up.
   */
  readonly providers?: Readonly<Record<string, Provider>> | undefined;
  /**
   * What workers are reached over, for the jobs that name a pool; with `pool` for all jobs, those that name one in theirs.
   * Default: every job runs here.
   */
  readonly remote?: RemoteOptions | undefined;
  /** What shows the run. Each gets every record. Default: none. */
  readonly reporters?: readonly ReporterSource[] | undefined;
  /** Called with every warning. Default: not called. */
  readonly onWarning?: ((warning: RunWarning) => void) | undefined;
  /** The environment that jobs and git inherit. Default: the process's. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Where time comes from. Default: the machine's clock, which never goes back. */
  readonly clock?: Clock | undefined;
  /** The command line that the evidence names, without secret values. Default: `["@loom/runner"]`. */
  readonly command?: readonly string[] | undefined;
  /** The version that the evidence names. Default: this package's. */
  readonly loomVersion?: string | undefined;
  /**
   * What ends the jobs when this process is killed: a program and its
   * arguments, to which the run's directory and the number of this process are
   * added. Default: Node with a file of this package, where that can be found.
   */
  readonly afterDeath?: readonly [string, ...string[]] | undefined;
}

/** How a run came out. */
export interface FinishedRun {
  readonly status: RunStatus;
  /** What `loom run` would exit with. */
  readonly exitCode: number;
  /** Absent for a success. */
  readonly error?: NonNullable<RunResult["error"]>;
  /** Absolute; absent when it could not be written. */
  readonly receiptPath?: string;
  /** Absolute path of the snapshot in which jobs worked, kept for a while; absent when they worked in the checkout. */
  readonly snapshotPath?: string;
  /** The caches that jobs were given, in the order in which they were. */
  readonly cacheHits: readonly CacheHit[];
  /** What the validator says of the evidence. */
  readonly verdict?: "valid" | "invalid";
}

/** A run under way. */
export interface WorkflowRun extends RunStart {
  /** Asks the run to stop: nothing new starts, what runs gets SIGTERM. Only the first cause counts. */
  stop(cause?: StopRequestCause): void;
  /** Ends what runs without grace. The run still closes. */
  kill(): void;
  /** Resolves when the run has closed and every reporter has finished. Rejects only on a bug. */
  readonly finished: Promise<FinishedRun>;
}

/**
 * Starts the workflow of a project.
 *
 * Touches nothing of the process: no signal handler, no exit, no output.
 * Several runs at a time do not touch each other.
 *
 * @returns The running run, or why there is none. Rejects when `concurrency` is not a whole number of 1 or more:
 *   that is a bug of the caller.
 */
export async function startWorkflow(
  options: StartWorkflowOptions = {},
): Promise<Result<WorkflowRun, StartError>> {
  requireNode();
  requireConcurrency(options.concurrency);
  const cwd = options.cwd ?? process.cwd();
  const location = locateWorkflow(cwd, options.workflow);
  if (!location.ok) return location;
  // The workflow that is staged, or in a commit, is looked at when the run has it.
  const isElsewhere = options.workspace === "staged" || options.revision !== undefined;
  const asked = isElsewhere ? [] : [...(options.jobs ?? []), ...(options.play ?? [])];
  const unknown = await findUnknownJob(location.value, { asked, cacheHome: cacheHomeOf(options) });
  if (unknown !== undefined) return err({ code: "JOB_NOT_FOUND", message: unknown });
  const reporters = await findReporters(options.reporters ?? [], { cwd, env: environmentOf(options) });
  if (!reporters.ok) return reporters;
  const clock = options.clock ?? createSystemClock();
  if (options.resume !== undefined)
    return await resume(options.resume, options, {
      cwd,
      location: location.value,
      clock,
      reporters: reporters.value,
    });
  const kept = await keptFor(location.value, shownPathOf(location.value), { ...options, clock });
  if (!kept.ok) return kept;
  const startedAtMs = clock.now();
  const ns = BigInt(Math.floor(startedAtMs)) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n);
  const directory = createRunDirectory(location.value.repoRoot, ns);
  if (!directory.ok) return directory;
  const starting = new StartingRun(options, {
    cwd,
    location: location.value,
    clock,
    directory: directory.value,
    reporters: reporters.value,
    kept: kept.value,
  });
  return await starting.start(startedAtMs);
}

/** Takes up a run whose process is gone. */
async function resume(
  path: string,
  options: StartWorkflowOptions,
  place: Pick<Place, "cwd" | "location" | "clock" | "reporters">,
): Promise<Result<WorkflowRun, StartError>> {
  const loaded = await loadPart("takes up runs", async () => import("./resume/take-up-run.ts"));
  if (!loaded.ok) return err({ code: "RESUME_REFUSED", message: loaded.error.message });
  const takenUp = await loaded.value.takeUpRun(path, options);
  if (!takenUp.ok) return takenUp;
  const { identity, context } = takenUp.value.interrupted;
  const { repoRoot } = place.location;
  const directory = { identity, directory: path, receiptPath: receiptPath(repoRoot, identity.runId) };
  const starting = new StartingRun(options, { ...place, directory, kept: undefined, takenUp: takenUp.value });
  return await starting.start(context.startedAtMs);
}

/** Says which of the jobs asked for is not there. A workflow that does not compile is the run's own business. */
async function findUnknownJob(
  location: WorkflowLocation,
  { asked, cacheHome }: { readonly asked: readonly string[]; readonly cacheHome: string },
): Promise<string | undefined> {
  if (asked.length === 0) return undefined;
  const loaded = await loadForRun(location, shownPathOf(location), cacheHome);
  return loaded.ok ? unknownJob(asked, loaded.value.graph.nodes) : undefined;
}

/** What problems of a run call its workflow. */
function shownPathOf({ repoRoot, workflowPath }: WorkflowLocation): string {
  return relative(repoRoot, workflowPath);
}

/** Before anything is on disk: a reporter that does not exist is wrong use. */
async function findReporters(
  sources: readonly ReporterSource[],
  { cwd, env }: { readonly cwd: string; readonly env: Environment },
): Promise<Result<readonly KnownSource[], StartError>> {
  const known: KnownSource[] = [];
  for (const source of sources) {
    if (typeof source !== "string") {
      known.push(source);
      continue;
    }
    const found = await findReporter(source, cwd);
    if (!found.ok) return found;
    const runner = ciRunner(env);
    const options = { output: streamOutput(process.stdout), token: randomUUID(), ...(runner && { runner }) };
    known.push((start) => found.value({ ...options, clock: start.clock, heading: headingOf(start, cwd) }));
  }
  return ok(known);
}

/** Where the records of a run go. */
interface Evidence {
  readonly recorder: RunRecorder;
  readonly validation: LiveValidation;
  /** What is there already, lines of output left out. */
  readonly history: readonly { readonly stream: StreamRef; readonly record: LifecycleRecord }[];
  /** Absent for a new run. */
  readonly reopened?: ReopenedRun;
}

interface Place {
  readonly reporters: readonly KnownSource[];
  readonly cwd: string;
  readonly location: WorkflowLocation;
  readonly clock: Clock;
  readonly directory: RunDirectory;
  readonly kept: KeptResults | undefined;
  /** The run that is taken up; absent for a new one. */
  readonly takenUp?: TakenUpRun;
}

/** Sets up one run, and tears it down when it is over. */
class StartingRun {
  readonly #options: StartWorkflowOptions;
  readonly #place: Place;
  readonly #identity: RunIdentity;
  readonly #env: Readonly<Record<string, string | undefined>>;

  constructor(options: StartWorkflowOptions, place: Place) {
    this.#options = options;
    this.#place = place;
    this.#identity = place.directory.identity;
    this.#env = environmentOf(options);
  }

  async start(startedAtMs: ReturnType<Clock["now"]>): Promise<Result<WorkflowRun, StartError>> {
    const { location, directory, takenUp } = this.#place;
    const { graceMs = TERMINATION_GRACE_MS } = this.#options;
    const concurrency = this.#options.concurrency ?? availableParallelism() + (await this.#workerSlots());
    const claim = takenUp?.claim ?? claimRun(directory.directory);
    if (!claim.ok) {
      this.#warn(
        "claim_refused",
        `Nothing will notice if this run is cut off, because its claim cannot be written: ${claim.error.message}`,
      );
    }
    if (this.#options.workspace === "in-place") this.#tellOfOtherRuns();
    const providers = { ...builtInProviders(), ...this.#options.providers };
    const recovery = finishDeadRuns(location.repoRoot, {
      env: this.#env,
      providers,
      warn: (warning) => this.#options.onWarning?.(warning),
    });
    const early: { fault?: EventError; handle?: RunHandle } = {};
    const evidence = await this.#evidence({
      onFault: (error) => {
        this.#warn("evidence_refused", error.message);
        // The very first record is written while the run is still being started.
        early.fault = error;
        early.handle?.stop({ kind: "fault", error });
      },
    });
    if (!evidence.ok) {
      if (claim.ok) claim.value.release();
      return err({ code: "RESUME_REFUSED", message: evidence.error.message });
    }
    const { recorder, validation, reopened, history } = evidence.value;
    const clock =
      reopened === undefined ? this.#place.clock : notBefore(this.#place.clock, reopened.lastAtMs);
    const start: RunStart = {
      identity: this.#identity,
      repoRoot: location.repoRoot,
      workflowPath: location.workflowPath,
      runDirectory: directory.directory,
      receiptPath: directory.receiptPath,
      concurrency,
      clock,
    };
    const reporters = await this.#reporters(start);
    const callerEnv = inheritableEnvironment(this.#env);
    const opened = openProviders(providers, {
      runId: this.#identity.runId,
      env: callerEnv,
      project: location.repoRoot,
      runDirectory: directory.directory,
    });
    const request: RunRequest = {
      location,
      loomVersion: this.#options.loomVersion ?? manifest.version,
      concurrency,
      failFast: this.#options.failFast ?? false,
      pauseTimeoutMs: this.#options.pauseTimeoutMs,
      dockerWorkspaceMount: this.#options.dockerWorkspaceMount ?? DEFAULT_WORKSPACE_MOUNT,
      only: this.#options.jobs ?? this.#place.kept?.only ?? [],
      play: this.#options.play ?? [],
      pool: this.#options.remote?.pool ?? takenUp?.interrupted.pool,
      base: this.#options.base,
      kept: this.#place.kept?.jobs,
      variables: this.#options.variables ?? {},
      jobVariables: this.#options.jobVariables,
      command: this.#options.command ?? [manifest.name],
      callerEnv,
    };
    const workspace = this.#workspace(callerEnv);
    const far = await this.#far(clock, (error) => early.handle?.stop({ kind: "fault", error }));
    const run = new LocalRun(request, {
      identity: this.#identity,
      directory,
      recorder,
      validation,
      clock,
      startedAtMs,
      providers: opened,
      far,
      ...(far !== undefined && { localSlots: new LocalSlots(availableParallelism()) }),
      workspace,
      runDirectory: directory.directory,
      keptEvidence: this.#place.kept?.evidence,
      cacheHome: this.#options.cache === false ? undefined : cacheHomeOf(this.#options),
      secretsFolder: secretsFolder(cacheHomeOf(this.#options)),
      context: takenUp?.interrupted.context,
      load: async (place = location) =>
        takenUp === undefined
          ? await loadForRun(place, shownPathOf(location), cacheHomeOf(this.#options))
          : ok((await import("./resume/take-up-run.ts")).decidedWorkflow(takenUp.interrupted.context.graph)),
      lastDurations: () => lastDurations(location.repoRoot, location.workflowPath),
    });
    // What no job could be told to have left: the evidence is closed by then, and a screen may still be there.
    const left = new Set<string>();
    const close = async (): Promise<void> => {
      for (const message of await closeProviders(Object.values(opened))) left.add(message);
      await far?.close({ log: (_level, message) => void left.add(message) });
    };
    const tally = new EndTally();
    const control = new ControlChannel(directory.directory);
    const others: readonly RecordSink[] = [tally, control, ...reporters];
    for (const { stream, record } of history) for (const sink of others) sink.record(stream, record);
    const resumed =
      reopened === undefined ? ok(undefined) : await this.#resumed(run, reopened, { providers, far });
    if (!resumed.ok) {
      recorder.close();
      for (const reporter of reporters) reporter.close?.();
      await close();
      await workspace.close();
      if (claim.ok) claim.value.release();
      return resumed;
    }
    const handle = startRun({
      identity: this.#identity,
      host: run,
      schedule: createSchedule,
      sinks: [recorder, ...others],
      clock,
      graceMs,
      resumed: resumed.value,
    });
    early.handle = handle;
    if (early.fault !== undefined) handle.stop({ kind: "fault", error: early.fault });
    const watch = this.#watchOver();
    control.openFor(handle, clock);
    const finish = async (): Promise<FinishedRun> => {
      try {
        const outcome = await handle.finished;
        await close();
        await control.close();
        await workspace.close();
        recorder.close();
        this.#tellOfClaim(claim, recorder.isClosed);
        const { receiptPath } = directory;
        const kept = { ...(run.snapshotPath !== undefined && { snapshotPath: run.snapshotPath }) };
        const noted = { ...(existsSync(receiptPath) && { receiptPath }) };
        const end = { outcome, ...noted, ...kept, logsDir: this.#shownDirectory() };
        const isThere = (path: string): boolean => existsSync(resolve(this.#place.cwd, path));
        const closing = await readClosing(directory.directory, location.repoRoot, tally);
        const explain = async (): Promise<object | undefined> =>
          explainFinished(directory.directory, location.repoRoot, this.#env);
        const tests = async (): Promise<ReadonlyMap<JobId, readonly ReportedTest[]>> =>
          testsOfFinished(directory.directory);
        const more = { ...closing, isThere, tests, ...(outcome.status !== "success" && { explain }) };
        for (const reporter of reporters) await reporter.finish({ ...end, ...more });
        this.#tellOfVerdict(run.verdict);
        return {
          status: outcome.status,
          exitCode: outcome.exitCode,
          ...(outcome.error !== undefined && { error: outcome.error }),
          ...noted,
          ...kept,
          cacheHits: run.cacheHits,
          ...(run.verdict !== undefined && { verdict: run.verdict }),
        };
      } catch (error) {
        recorder.close();
        throw new Error(`the evidence so far is in ${this.#shownDirectory()}`, { cause: error });
      } finally {
        // Even when the run ends by a bug: the message about it belongs on the user's own screen.
        for (const reporter of reporters) reporter.close?.();
        await control.close();
        await close();
        for (const message of left) this.#warn("processes_left", message);
        watch?.release();
        await recovery;
      }
    };
    return ok({
      ...start,
      stop: (cause = { kind: "signal", signal: "SIGTERM" }) => handle.stop(cause),
      kill: () => handle.kill(),
      finished: finish(),
    });
  }

  /** Where records go, and what is there already. */
  async #evidence(options: Pick<RunRecorderOptions, "onFault">): Promise<Result<Evidence, EventError>> {
    const { directory, takenUp } = this.#place;
    if (takenUp === undefined) {
      const validation = createLiveValidation(this.#identity);
      const { onWritten, onLines } = validation;
      const place = { runDirectory: directory.directory, identity: this.#identity };
      const recorder = createRunRecorder({ ...place, ...options, onWritten, onLines });
      return ok({ recorder, validation, history: [] });
    }
    const { createDiskValidation } = await import("./resume/disk-validation.ts");
    const validation = createDiskValidation(this.#identity, directory.directory);
    const { onWritten, onLines } = validation;
    const history: { readonly stream: StreamRef; readonly record: LifecycleRecord }[] = [];
    const reopened = takenUp.interrupted.reopen({ ...options, onWritten, onLines }, (stream, record) =>
      history.push({ stream, record }),
    );
    return reopened.ok
      ? ok({ recorder: reopened.value.recorder, validation, history, reopened: reopened.value })
      : reopened;
  }

  /**
   * Makes a run ready to go on that was taken up: finds its jobs' places again, and ends what is left of what was under way, but for steps that
   * workers have gone on with.
   */
  async #resumed(
    run: LocalRun,
    { machine, lastSeq }: ReopenedRun,
    { providers, far }: { readonly providers: Providers; readonly far: FarJobs | undefined },
  ): Promise<Result<ResumedRun, StartError>> {
    const { clock } = this.#place;
    const { directory } = this.#place.directory;
    const { endLeftovers } = await import("./dead-runs/finish-dead-run.ts");
    await endLeftovers(directory, { env: this.#env, providers, justDied: true });
    const prepared = await run.bootstrap({ log: () => undefined }, new AbortController().signal);
    if (!prepared.ok) {
      const why = prepared.error.error.message;
      return err({ code: "RESUME_REFUSED", message: `The run cannot go on: ${why}` });
    }
    const { remote } = this.#options;
    const resumed = { machine, lastSeq, prepared: prepared.value };
    if (remote === undefined || far === undefined) return ok(resumed);
    const { carriedOnJobs } = await import("./resume/carried-on-jobs.ts");
    const pool = this.#place.takenUp?.interrupted.pool;
    const carriedOn = await carriedOnJobs({ ...resumed, far, pool, directory, clock });
    const spared = [...carriedOn].map(([jobId, { attempt }]) => ({ jobId, attempt }));
    const { endRunOnWorkers } = await import("@loom/remote");
    const ended = await endRunOnWorkers(remote.exchange, this.#identity.runId, clock, spared);
    if (!ended.ok) this.#warn("processes_left", ended.error.message);
    return ok({ ...resumed, carriedOn });
  }

  #workspace(env: Environment): WorkspaceOpener {
    const { repoRoot: projectFolder } = this.#place.location;
    const { clock } = this.#place;
    const options = {
      projectFolder,
      cacheHome: cacheHomeOf(this.#options),
      runId: this.#identity.runId,
      env,
      clock,
    };
    const { takenUp } = this.#place;
    if (takenUp !== undefined) {
      const { context, workspace } = takenUp.interrupted;
      const { projectDir, treeHash = "" } = workspace;
      if (context.snapshotPath === undefined) return inPlace(options);
      return continued(options, { root: context.snapshotPath, projectDir, treeHash });
    }
    const { revision } = this.#options;
    if (revision !== undefined) return isolated({ ...options, revision });
    const place = this.#place.kept?.place;
    if (place?.kind === "isolated") return resumed(options, place);
    if (this.#options.workspace === "in-place") return inPlace(options);
    if (this.#options.workspace !== "staged") return isolated(options);
    return isolated({ ...options, staged: { indexFile: this.#env["GIT_INDEX_FILE"] } });
  }

  /** How many jobs the workers that are there carry out at a time; 0 where none are to. */
  async #workerSlots(): Promise<number> {
    const { remote } = this.#options;
    if (remote === undefined) return 0;
    const { listWorkers } = await import("@loom/remote");
    // Where nobody answers, no job gets to a worker for now.
    const workers = await listWorkers(remote.exchange.leases).catch(() => []);
    return workers.reduce((sum, { slots, isLeaving }) => sum + (isLeaving ? 0 : slots), 0);
  }

  /** The jobs that workers carry out, where there may be any. */
  async #far(clock: Clock, fail: (error: EventError) => void): Promise<FarJobs | undefined> {
    const { remote } = this.#options;
    if (remote === undefined) return undefined;
    const { FarJobs } = await import("@loom/remote");
    const { runId } = this.#identity;
    const folder = join(cacheHomeOf(this.#options), "loom/transfers");
    const env = inheritableEnvironment(this.#env);
    const secretsFor =
      remote.forwardSecrets === true
        ? (node: GraphNode): ForwardedSecrets | undefined => forwardedSecrets(node, env)
        : undefined;
    const far = new FarJobs({
      exchange: remote.exchange,
      runId,
      clock,
      folder,
      secretsFor,
      engineTimeoutMs: remote.engineTimeoutMs,
      onNotice: (message) => this.#warn("remote", message),
      onGivenUp: (message) => fail({ code: "JOB_ENGINE_UNREACHABLE", message }),
    });
    await far.open();
    return far;
  }

  #warn(code: RunWarning["code"], message: string): void {
    this.#options.onWarning?.({ code, message });
  }

  async #reporters(start: RunStart): Promise<readonly Reporter[]> {
    const reporters: Reporter[] = [];
    for (const source of this.#place.reporters)
      reporters.push(typeof source === "function" ? await source(start) : source);
    return reporters;
  }

  /** The run's folder, relative to the user's working directory. */
  #shownDirectory(): string {
    return relative(this.#place.cwd, this.#place.directory.directory);
  }

  /** Says that jobs of another run work in the same folder. A run within a run knows. */
  #tellOfOtherRuns(): void {
    for (const { runId, owner, ownerPid } of ownedRuns(this.#place.location.repoRoot)) {
      if (owner !== "alive" || runId === this.#identity.runId || runId === this.#env["LOOM_RUN_ID"]) continue;
      this.#warn(
        "other_run",
        `run ${runId} (process ${ownerPid ?? "unknown"}) is running in this folder: its jobs and those of this run see each other's files`,
      );
    }
  }

  /** Gives the run up when it has closed. One that has not stays noted, so that the next run closes it. */
  #tellOfClaim(claim: ReturnType<typeof claimRun>, isClosed: boolean): void {
    if (!isClosed) {
      this.#warn(
        "evidence_open",
        `the evidence of this run is incomplete; the next run completes it once it can be written, or run: loom recover ${this.#identity.runId}`,
      );
      return;
    }
    const kept = claim.ok ? claim.value.release() : undefined;
    if (kept !== undefined) this.#warn("claim_kept", kept.message);
  }

  #tellOfVerdict(verdict: "valid" | "invalid" | undefined): void {
    const report = join(this.#place.directory.directory, PHASE_REPORT_PATH);
    if (verdict !== "invalid" || !existsSync(report)) return;
    const shown = join(this.#shownDirectory(), PHASE_REPORT_PATH);
    this.#warn("evidence_invalid", `the evidence of this run breaks its contract, see ${shown}`);
  }

  /** Has the jobs of this run ended when this process is killed. */
  #watchOver(): DeathWatch | undefined {
    const command = this.#options.afterDeath ?? packageProgram("after-death");
    if (command === undefined) return undefined;
    const [program, ...words] = command;
    return startDeathWatch({
      command: [program, ...words, this.#place.directory.directory, String(process.pid)],
      path: this.#env["PATH"],
      env: { ...this.#env, XDG_CACHE_HOME: cacheHomeOf(this.#options) },
    });
  }
}

/** A clock that is never before the last record. */
function notBefore(clock: Clock, earliestMs: EpochMs): Clock {
  return {
    now: () => epochMs(Math.max(earliestMs, clock.now())),
    after: (ms, work) => clock.after(ms, work),
  };
}
