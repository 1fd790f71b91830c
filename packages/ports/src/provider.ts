import type {
  EventError,
  FactValue,
  GraphNode,
  JobId,
  LogLevel,
  OutputStream,
  PhaseOutcome,
  ProcessEnd,
  Result,
  RunId,
  SectionName,
} from "@loom/core";
import type { StopRequest } from "./stop-request.ts";

/** One job, ready to be set up. */
export interface JobSpec {
  readonly jobId: JobId;
  readonly node: GraphNode;
  /** From 1. */
  readonly attempt: number;
  /** The variables in effect, expanded. A host job sees them on top of the caller's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables of single steps, expanded, by their numbers: each above those of the job. Absent: no step has any. */
  readonly stepEnv?: ReadonlyMap<number, Readonly<Record<string, string>>>;
  /** Absolute path of the folder that the job works in. */
  readonly workspaceRoot: string;
  /** Absolute paths of other folders of this machine that the job reads, each at the same path. Default: none. */
  readonly readFolders?: readonly string[];
  /**
   * Absolute path of a folder of this machine that is there for this attempt alone, that only its user may enter, and that
   * is removed when the attempt is over or, after a kill, later. Present if the job carries something from step to step.
   */
  readonly privateFolder?: string;
  /**
   * Whether the job works in a copy of `workspaceRoot` that it has for itself, if its provider can make one. What is
   * there when it is set up is in the copy. Default: false.
   */
  readonly copiesWorkspace?: boolean;
}

/** One script entry of a job. */
export interface StepSpec {
  /** From 1. */
  readonly step: number;
  /** Shell text, one line or several. */
  readonly script: string;
  /** Where it works, relative to the folder that the job works in, and inside it. Default: there. */
  readonly dir?: string;
  /** Its own variables, expanded: above those of the job. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** What runs it, in place of what the job says. */
  readonly shell?: "sh" | "bash" | readonly string[];
  /**
   * How the job came out, for a step that follows: it sees that as `LOOM_JOB_STATUS` and `CI_JOB_STATUS`. Absent while that
   * is open.
   */
  readonly jobStatus?: "success" | "failed" | "cancelled";
}

/** Takes the raw output of a process, until the provider has said how it ended; what comes later is left out. */
export interface OutputSink {
  /**
   * Takes one chunk, in the order in which the process wrote it.
   *
   * @param chunk - Not kept beyond the call.
   * @returns A promise when the sink is behind; no more is read until it resolves.
   */
  write(stream: OutputStream, chunk: Uint8Array): Promise<void> | undefined;
}

/**
 * Notes facts in the evidence of the section under way.
 *
 * Two notes have a form that readers of the evidence know: what runs a job, with
 * the fact `provider` ({@link JobProvider.prepare}); and what was left running,
 * with the fact `processes` ({@link ProviderSession.close}).
 */
export interface SectionLog {
  log(level: LogLevel, message: string, facts?: Readonly<Record<string, FactValue>>): void;
}

/** One section of a job under way: its log, and the output of what it runs. */
export interface SectionContext extends SectionLog {
  readonly output: OutputSink;
}

/** Opens and closes the sections of a job around work. */
export interface Sections {
  /**
   * Runs `work` inside a section. One section of a job is open at a time.
   *
   * @returns What `work` returned. If `work` throws, the section is closed as failed and the error is rethrown.
   */
  run<T extends PhaseOutcome>(
    section: SectionName,
    work: (context: SectionContext) => Promise<T>,
  ): Promise<T>;
}

/** A run, as a provider sees it. */
export interface ProviderRun {
  readonly runId: RunId;
  /** The environment of the process that started the run. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the project that the run is of; absent where nobody said it. */
  readonly project?: string;
  /**
   * Absolute path at which the provider may keep one file while the run goes on: what it needs to know in order
   * to end what is left if this program is killed. Whoever opened the run removes it in the end. Absent where
   * there is no place for it.
   */
  readonly notesPath?: string;
}

/** A run whose program is gone. */
export interface DeadRun extends ProviderRun {
  /** Number of the process of that program, where it is known. */
  readonly ownerPid?: number;
  /** Whether it was there until now, so that no number of a process has been given away since. Default: false. */
  readonly justDied?: boolean;
}

/**
 * A way to run jobs: on this machine, in containers.
 *
 * It contains no policy: what runs, and when, is decided elsewhere. It may be
 * open for several runs at a time, which do not touch each other.
 *
 * `providerContract` of `@loom/contract-suites` tests every requirement here.
 */
export interface Provider {
  /** Word for evidence and for `LOOM_PROVIDER`. */
  readonly name: string;
  /** Takes part in a run. Cheap: a run may have no job for this provider. */
  open(run: ProviderRun): RunProvider;
  /**
   * Ends and removes what a run left whose program is gone. Safe to repeat, and
   * to run while another process does the same.
   *
   * @returns Why something is still there.
   */
  endLeftovers(run: DeadRun, log: SectionLog): Promise<Result<void, EventError>>;
}

/** A provider's part in one run. */
export interface RunProvider extends JobProvider {
  /**
   * Ends what jobs left that were not closed, or could not be, and removes what
   * was made for the run. Called when no job runs any more; a second call finds
   * nothing left to do. What was ended is noted once, as by
   * {@link ProviderSession.close}.
   *
   * @returns Why something is still there.
   */
  close(log: SectionLog): Promise<Result<void, EventError>>;
}

/**
 * What sets up the jobs of one run.
 *
 * What it or its sessions throw is a bug: the run ends as an internal error
 * that names the job and the provider, with what was thrown as its `cause`.
 */
export interface JobProvider {
  /** The name of its provider. */
  readonly name: string;
  /** Absolute path at which its jobs see their workspace. Default: where it is, {@link JobSpec.workspaceRoot}. */
  readonly seenRoot?: string;
  /**
   * Does all set-up before user code, inside sections: one called `provider`,
   * opened once. A note in it has the fact `provider`, the name of this one, and
   * says where the job will run.
   *
   * @returns A session, to be closed by the caller; or why the job cannot run,
   *   with nothing left behind, and the section closed as failed with the same
   *   error. Rejects only on a bug. Codes: `workspace_missing` when the folder
   *   `workspaceRoot` is not there or cannot be entered; `cancelled` when `stop`
   *   was asked for before it began, and then the section is closed as cancelled,
   *   without a note; `worker_lost` when what was to run it is gone, so that another attempt may do better. Others are in
   *   `ERROR_CODES` of `@loom/core`, or are the provider's own.
   */
  prepare(job: JobSpec, sections: Sections, stop: StopRequest): Promise<Result<ProviderSession, EventError>>;
}

/**
 * The copy of its workspace in which a job works.
 *
 * Paths are relative to the workspace, `.` for all of it; each stands for what is below it, too.
 */
export interface WorkspaceCopy {
  /**
   * Copies what is at the paths in `workspaceRoot` to where the job works. What is not there is left out.
   *
   * @returns Why it is not there in whole; `cancelled` after `stop`.
   */
  putIn(paths: readonly string[], stop: AbortSignal): Promise<Result<void, EventError>>;
  /**
   * Puts what the job has at the paths into `workspaceRoot`, in place of what is there. Links that lead out of the
   * workspace are left out.
   *
   * @returns Why it is not there in whole; `cancelled` after `stop`.
   */
  takeOut(paths: readonly string[], stop: AbortSignal): Promise<Result<void, EventError>>;
}

/** How a shell will be used. */
export interface ShellOptions {
  /** Whether somebody sits at a terminal. */
  readonly isTerminal: boolean;
}

/** A program to start on this machine, with the terminal or the pipes of whoever asked. */
export interface JobShell {
  readonly command: readonly [string, ...string[]];
  /** Where to start it. Absolute. */
  readonly cwd: string;
  /** All its variables, secrets of the job among them; `TERM` is that of whoever asked. */
  readonly env: Readonly<Record<string, string>>;
}

/** A job that was set up and can run its steps, one at a time. */
export interface ProviderSession {
  /** Absent where the job works in `workspaceRoot` itself. */
  readonly copy?: WorkspaceCopy | undefined;
  /**
   * Runs one step to its end.
   *
   * The script runs in the workspace, in a shell of its own that ends at the
   * first command that fails, with the variables of the job, {@link stepVariables}
   * and nothing on stdin. Files that it leaves are there for
   * the next step. Where the job says `carry`, the step starts from what its shells left before. When `stop` asks for it the step gets SIGTERM, and SIGKILL
   * `stop.graceMs` milliseconds later, or at once after `stop.kill`.
   *
   * @returns How it ended, once its output is complete. A failing step is an
   *   answer, not an exception; rejects only on a bug. An exit code is a whole
   *   number from 0 to 255: another one is a bug, and ends the run as one. When
   *   `stop` was asked for before it began: `not_started`, with the code `cancelled`. When what ran the step is gone, so that
   *   nobody saw its end: `lost`, with the code `worker_lost`. So ends every step that the session is asked for after that.
   *   One that has not returned a minute after the grace is a bug, too, and so the run ends with an error.
   */
  run(step: StepSpec, output: OutputSink, stop: StopRequest): Promise<ProcessEnd>;
  /**
   * What starts a shell where a step would run now, for somebody who looks at a job that is held. Nothing is started here.
   * Absent where the provider has no way to.
   *
   * @param step - The step that failed: its script counts for nothing.
   */
  readonly shell?:
    | ((step: StepSpec, options: ShellOptions) => Promise<Result<JobShell, EventError>>)
    | undefined;
  /**
   * Ends everything that the job left running and removes what was set up.
   * Called exactly once, even after a cancel.
   *
   * What it ends is noted in the section, once, at the level `warn` with the fact
   * `processes`: a list of `{ pid, command }`, the number of each process and what it
   * ran, as text. Where nothing was left, nothing is noted. What the job printed while no
   * step of it could be given the output is put into the section, too: a server that a
   * step started in the background keeps printing when that step is over.
   *
   * @returns Why something is still there; `processes_left` for a process that
   *   could not be ended, `worker_lost` where nobody is left to ask.
   */
  close(section: SectionContext): Promise<Result<void, EventError>>;
}
