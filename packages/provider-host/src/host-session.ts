import type { EventError, Result } from "@loom/core";
import type {
  JobSpec,
  OutputSink,
  ProcessEnd,
  ProviderSession,
  SectionContext,
  StepSpec,
  StopRequest,
} from "@loom/ports";
import type { FifoPool } from "./output/fifo-pool.ts";
import { delay } from "./delay.ts";
import { LateOutput } from "./output/late-output.ts";
import type { OutputReader } from "./output/output-reader.ts";
import { runProcess } from "./process/run-process.ts";
import type { JobProcesses } from "./strays/job-processes.ts";
import { MARK_NAME } from "./strays/mark.ts";
import { reportEnded } from "./strays/report-ended.ts";
import type { KnownJob, RunProcesses } from "./strays/run-processes.ts";

/** What a session runs its steps with. */
export interface HostSessionOptions {
  /** Absolute path. */
  readonly shell: string;
  /** The caller's environment; the job's variables are put on top. */
  readonly baseEnv: Readonly<Record<string, string | undefined>>;
  readonly pool: FifoPool;
  /** What the processes of all jobs of the run are known by. */
  readonly run: RunProcesses;
}

/** How long outputs are waited for whose writers have been ended. Milliseconds; their end comes at once. */
const LAST_WORDS_MS = 100;

/** A job whose steps run as processes on this machine. */
export class HostSession implements ProviderSession {
  readonly #job: JobSpec;
  readonly #options: HostSessionOptions;
  readonly #known: KnownJob;
  readonly #processes: JobProcesses;
  /** Of steps that are over; descendants still write to them. */
  readonly #openOutputs: OutputReader[] = [];
  readonly #late = new LateOutput();
  /** That of the job, known once a step was started. */
  #stop: StopRequest | undefined;

  constructor(job: JobSpec, options: HostSessionOptions) {
    this.#job = job;
    this.#options = options;
    this.#known = options.run.job();
    this.#processes = this.#known.processes;
  }

  async run(step: StepSpec, output: OutputSink, stop: StopRequest): Promise<ProcessEnd> {
    const { shell, baseEnv, pool } = this.#options;
    this.#stop = stop;
    const look = (): void => this.#processes.look();
    stop.terminate.addEventListener("abort", look, { once: true });
    stop.kill.addEventListener("abort", look, { once: true });
    const env: Record<string, string | undefined> = {
      ...baseEnv,
      LOOM_STEP: String(step.step),
      ...this.#job.env,
      // Last: what a job's processes are known by is nothing that a job may set.
      [MARK_NAME]: this.#known.mark,
    };
    const sinceMs = performance.now();
    let startedPid: number | undefined;
    const { end, groupLeft, openOutputs, failure } = await runProcess({
      command: shell,
      // `--` because a script may begin with a dash.
      args: this.#processes.argsOf(shell, [
        env["LOOM_DEBUG_TRACE"] === "1" ? "-exc" : "-ec",
        "--",
        step.script,
      ]),
      script: step.script,
      cwd: this.#job.workspaceRoot,
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
    stop.terminate.removeEventListener("abort", look);
    stop.kill.removeEventListener("abort", look);
    if (startedPid !== undefined && !groupLeft) this.#processes.groupEnded(startedPid);
    this.#openOutputs.push(...openOutputs);
    if (failure !== undefined) throw failure.error;
    return end;
  }

  async close(section: SectionContext): Promise<Result<void, EventError>> {
    const stop = this.#stop;
    // A job that was stopped has the time that was promised, wherever its processes moved.
    const ended = await this.#processes.end(
      stop?.terminate.aborted === true ? { graceMs: stop.graceMs, kill: stop.kill } : undefined,
    );
    this.#known.release();
    // Nobody writes any more, unless something could not be found: its last words are in the pipes.
    const complete = Promise.all(this.#openOutputs.map((output) => output.ended));
    if (this.#openOutputs.length > 0) await Promise.race([complete, delay(LAST_WORDS_MS)]);
    for (const output of this.#openOutputs) output.stop();
    await this.#late.handOver(section);
    return reportEnded("The job", ended, section);
  }
}
