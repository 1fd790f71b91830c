import { controlSocketPath, openRun } from "@loom/artifacts";
import {
  openControlServer,
  type ControlAction,
  type ControlError,
  type ControlledRun,
  type ControlServer,
  type Requester,
  type ShellRequest,
} from "@loom/control";
import { err, jobId, unreachable, type FactValue, type JobId, type Result, type StreamRef } from "@loom/core";
import type { RunHandle } from "@loom/engine";
import type { LifecycleRecord } from "@loom/ports";
import { mergedRecord } from "@loom/record";
import { runState, ViewModel } from "@loom/reporters/state";
import { loadPart } from "../workflow/load-part.ts";

/** What the control channel of a run knows and does. */
export class RunControl implements ControlledRun {
  readonly #model = new ViewModel();
  readonly #runDirectory: string;
  readonly #handle: RunHandle;
  #server: ControlServer | undefined;

  /** @param runDirectory - Absolute. */
  constructor(runDirectory: string, handle: RunHandle) {
    this.#runDirectory = runDirectory;
    this.#handle = handle;
  }

  /** Takes a record, in the order of `seq`. */
  record(stream: StreamRef, record: LifecycleRecord): void {
    this.#model.record(stream, record);
  }

  async open(): Promise<void> {
    const path = controlSocketPath(this.#runDirectory);
    const opened = path === undefined ? undefined : await openControlServer(path, this);
    if (opened?.ok === true) this.#server = opened.value;
  }

  async close(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  state(): object {
    return runState(this.#model);
  }

  async *events(from: number, signal: AbortSignal): AsyncGenerator<object, void, undefined> {
    const loaded = await loadPart("follows runs", async () => import("@loom/diagnosis"));
    if (!loaded.ok) throw new Error(loaded.error.message);
    const run = await openRun(this.#runDirectory);
    if (!run.ok) throw new Error(run.error.message);
    for await (const { stream, event } of loaded.value.followEvents(run.value, { from, signal }))
      yield mergedRecord(stream, event);
  }

  async shell({
    job_id: job,
    terminal: isTerminal,
    by,
  }: ShellRequest): Promise<Result<object, ControlError>> {
    const id = jobId(job);
    if (this.#model.job(id)?.status !== "running")
      return err({ code: "JOB_NOT_HELD", message: this.#notHeld(id) });
    const facts = { request: "shell", ...(by !== undefined && { by: { pid: by.pid, user: by.user } }) };
    const note = { message: `${whoOf(by)} asked for a shell in the place of job "${job}"`, facts };
    const shell = await this.#handle.shellFor(id, { isTerminal }, note);
    if (shell === undefined) {
      const isHeld = this.#model.table.rows().some((row) => row.jobId === id && row.paused !== undefined);
      return isHeld
        ? err({ code: "NO_SHELL", message: `The provider of job "${job}" has no way to open a shell there` })
        : err({ code: "JOB_NOT_HELD", message: this.#notHeld(id) });
    }
    return shell.ok ? shell : err({ code: "NO_SHELL", message: shell.error.message });
  }

  act(action: ControlAction, by: Requester | undefined): ControlError | undefined {
    switch (action.request) {
      case "cancel": {
        const isNoted = this.#handle.note(`${whoOf(by)} asked to cancel the run`, factsOf(action, by));
        if (!isNoted) return ENDING;
        this.#handle.stop({ kind: "signal", signal: "SIGTERM" });
        return undefined;
      }
      case "cancel_job": {
        const { job_id: job } = action;
        const message = `${whoOf(by)} asked to cancel job "${job}"`;
        if (this.#handle.cancelJob(jobId(job), message, factsOf(action, by))) return undefined;
        return { code: "JOB_NOT_RUNNING", message: this.#notRunning(jobId(job)) };
      }
      case "play": {
        const { job_id: job } = action;
        const message = `${whoOf(by)} asked for job "${job}"`;
        if (this.#handle.playJob(jobId(job), message, factsOf(action, by))) return undefined;
        return { code: "JOB_NOT_WAITING", message: this.#notWaiting(jobId(job)) };
      }
      case "pause": {
        const { timeout_ms: timeoutMs } = action;
        const message = `${whoOf(by)} asked to hold jobs that fail`;
        const note = { message, facts: factsOf(action, by) };
        return this.#handle.pauseOnFailure(timeoutMs, note) ? undefined : ENDING;
      }
      case "retry_step":
      case "continue": {
        const { job_id: job, request: how } = action;
        const what = how === "continue" ? `to let job "${job}" fail` : `for the step of job "${job}" again`;
        const note = { message: `${whoOf(by)} asked ${what}`, facts: factsOf(action, by) };
        if (this.#handle.resumeJob(jobId(job), how, note)) return undefined;
        return { code: "JOB_NOT_HELD", message: this.#notHeld(jobId(job)) };
      }
      default:
        return unreachable(action);
    }
  }

  #notHeld(id: JobId): string {
    const status = this.#model.job(id)?.status;
    if (status === undefined) return `The run has no job "${id}"`;
    return `Job "${id}" is not held after a step that failed: it is ${status}`;
  }

  #notWaiting(id: JobId): string {
    const status = this.#model.job(id)?.status;
    if (status === undefined) return `The run has no job "${id}"`;
    return `Job "${id}" does not wait for somebody to ask for it: it is ${status}`;
  }

  #notRunning(id: JobId): string {
    const status = this.#model.job(id)?.status;
    if (status === undefined) return `The run has no job "${id}"`;
    return status === "running"
      ? `Job "${id}" is stopping already`
      : `Job "${id}" is not running: it is ${status}`;
  }
}

function whoOf(by: Requester | undefined): string {
  return by === undefined ? "Somebody" : `Process ${by.pid} of ${by.user}`;
}

function factsOf(action: ControlAction, by: Requester | undefined): Readonly<Record<string, FactValue>> {
  return { request: action.request, ...(by !== undefined && { by: { pid: by.pid, user: by.user } }) };
}

const ENDING: ControlError = { code: "RUN_ENDING", message: "The run is over, and closes" };
