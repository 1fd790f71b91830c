import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { err, ok, type EventError, type Result } from "@loom/core";
import type {
  CarriedStart,
  CarryRequest,
  JobShell,
  JobSpec,
  OutputSink,
  ProcessEnd,
  ProviderSession,
  SectionContext,
  StepSpec,
  StopRequest,
} from "@loom/ports";
import type { LauncherPool } from "./launcher/launcher-pool.ts";
import type { FifoPool } from "./output/fifo-pool.ts";
import { delay } from "./delay.ts";
import type { Shell } from "./posix-shell.ts";
import {
  carriedStart,
  LateOutput,
  missingStepFolder,
  reportEnded,
  shellOf,
  stepCommand,
  stepVariables,
} from "@loom/ports";
import { isFolder } from "@loom/system";
import type { OutputReader } from "./output/output-reader.ts";
import { runProcess } from "./process/run-process.ts";
import type { JobTracker } from "./strays/job-tracker.ts";
import { MARK_NAME } from "./strays/mark.ts";
import type { TrackedJob, RunProcesses } from "./strays/run-processes.ts";

/** What a session needs to run its steps. */
export interface HostSessionOptions {
  readonly shell: Shell;
  /** Absolute paths of what runs the steps, by the name that a command has for it. */
  readonly programs: ReadonlyMap<string, string>;
  /** The caller's environment; the job's variables override it. */
  readonly baseEnv: Readonly<Record<string, string | undefined>>;
  readonly pool: FifoPool;
  readonly launchers: LauncherPool;
  /** Tracks the processes of all jobs of the run. */
  readonly run: RunProcesses;
}

/** How long to wait for the end of outputs after their writers were ended. Milliseconds; usually it comes at once. */
const LAST_OUTPUT_MS = 100;

/** A job whose steps run as processes on this machine. */
export class HostSession implements ProviderSession {
  readonly #job: JobSpec;
  readonly #options: HostSessionOptions;
  readonly #tracked: TrackedJob;
  readonly #processes: JobTracker;
  /** Outputs of finished steps that descendants still have open. */
  readonly #openOutputs: OutputReader[] = [];
  readonly #late = new LateOutput();
  /** The job's stop request, known once a step has started. */
  #stop: StopRequest | undefined;

  constructor(job: JobSpec, options: HostSessionOptions) {
    this.#job = job;
    this.#options = options;
    this.#tracked = options.run.job();
    this.#processes = this.#tracked.processes;
  }

  async run(step: StepSpec, output: OutputSink, stop: StopRequest): Promise<ProcessEnd> {
    const { shell, programs, baseEnv, pool, launchers } = this.#options;
    this.#stop = stop;
    const cwd = resolve(this.#job.workspaceRoot, step.dir ?? ".");
    if (step.dir !== undefined && !isFolder(cwd))
      return { kind: "not_started", error: missingStepFolder(cwd) };
    const poll = (): void => this.#processes.poll();
    stop.terminate.addEventListener("abort", poll, { once: true });
    stop.kill.addEventListener("abort", poll, { once: true });
    const mark = { [MARK_NAME]: this.#tracked.mark };
    const jobEnv = { ...baseEnv, ...stepVariables(step), ...this.#job.env };
    const sinceMs = performance.now();
    let startedPid: number | undefined;
    const isTraced = { ...jobEnv, ...step.env }["LOOM_DEBUG_TRACE"] === "1";
    const own = shellOf(this.#job.node, step);
    const carried = this.#startCarried(step, { ...jobEnv, ...mark }, isTraced);
    // Last, because a job must not set its own process mark.
    const env = { ...jobEnv, ...(carried ?? step).env, ...mark };
    const { program, args } =
      carried === undefined
        ? stepCommand(own, step.script, isTraced)
        : stepCommand(own, carried.script, false);
    const isPlain = (own.shell === undefined || own.shell === "sh") && !isTraced;
    const found = { program: programs.get(program) ?? program, args };
    const group = this.#processes.members;
    // Without a control group, a process is known by its parents: by the one that starts it here.
    const { end, groupLeft, openOutputs, failure } = await runProcess({
      command: this.#processes.commandOf(shell, found, isPlain),
      launch: group === undefined ? undefined : { launchers, command: found, group },
      script: step.script,
      cwd,
      env,
      output,
      late: this.#late,
      stop,
      pool,
      onStarted: (pid) => {
        startedPid = pid;
        this.#processes.started(pid, sinceMs);
      },
      onEnded: (pid, left) => this.#processes.shellEnded(pid, left),
    });
    stop.terminate.removeEventListener("abort", poll);
    stop.kill.removeEventListener("abort", poll);
    if (startedPid !== undefined && !groupLeft) this.#processes.groupEnded(startedPid);
    this.#openOutputs.push(...openOutputs);
    if (failure !== undefined) throw failure.error;
    return end;
  }

  async shell(step: StepSpec): Promise<Result<JobShell, EventError>> {
    const { programs, baseEnv } = this.#options;
    const cwd = resolve(this.#job.workspaceRoot, step.dir ?? ".");
    if (!isFolder(cwd)) return err(missingStepFolder(cwd));
    const jobEnv = { ...baseEnv, ...stepVariables(step), ...this.#job.env };
    const carried = this.#startCarried({ ...step, script: "exec sh" }, jobEnv, false);
    const { program, args } =
      carried === undefined
        ? { program: "sh", args: [] }
        : stepCommand(shellOf(this.#job.node, step), carried.script, false);
    const env = Object.entries({ ...jobEnv, ...(carried ?? step).env });
    return ok({
      command: [programs.get(program) ?? program, ...args],
      cwd,
      env: Object.fromEntries(env.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    });
  }

  /** Writes down for a step what it starts from; `undefined` where the job carries nothing. */
  #startCarried(step: StepSpec, env: CarryRequest["env"], isTraced: boolean): CarriedStart | undefined {
    const { node, privateFolder, workspaceRoot: root } = this.#job;
    if (node.carry === undefined) return undefined;
    if (privateFolder === undefined) throw new Error("A job that carries has no private folder");
    const folder = join(privateFolder, "carried-state");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const start = carriedStart({ node, step, folder, root, env, isTraced });
    writeFileSync(start.file, start.text, { mode: 0o600 });
    return start;
  }

  async close(section: SectionContext): Promise<Result<void, EventError>> {
    const stop = this.#stop;
    // Processes of a stopped job get the promised grace, even if they left its group.
    const ended = await this.#processes.end(
      stop?.terminate.aborted === true ? { graceMs: stop.graceMs, kill: stop.kill } : undefined,
    );
    this.#tracked.release();
    // Unless a process was not found, nobody writes any more: the rest of the output is in the pipes.
    const complete = Promise.all(this.#openOutputs.map((output) => output.ended));
    if (this.#openOutputs.length > 0) await Promise.race([complete, delay(LAST_OUTPUT_MS)]);
    for (const output of this.#openOutputs) output.stop();
    await this.#late.handOver(section);
    return reportEnded("The job", ended, section);
  }
}
