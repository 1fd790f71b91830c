import { err, ok, type EventError, type JobId, type OutputStream, type Result } from "@loom/core";
import type {
  JobSpec,
  OutputSink,
  ProcessEnd,
  Provider,
  ProviderSession,
  RunProvider,
  Sections,
  StepSpec,
  StopRequest,
} from "@loom/ports";

/** One step that a test runs by hand. */
export interface Invocation {
  readonly jobId: JobId;
  /** From 1. */
  readonly attempt: number;
  /** From 1. */
  readonly step: number;
  readonly script: string;
  readonly job: JobSpec;
  /** As the provider was given it; nothing happens by itself when it aborts. */
  readonly stop: StopRequest;
  /** Writes to an output of the step. Resolves when the sink can take more. */
  prints(text: string, stream?: OutputStream): Promise<void>;
  /** Ends the step. Ending it twice is an error. */
  ends(end: ProcessEnd): void;
}

/** What goes wrong in a scripted provider. */
export interface ScriptedProviderOptions {
  /** Default: `host`. */
  readonly name?: string;
  /** Why a job cannot be set up. Default: every job can. */
  readonly prepareFails?: (job: JobSpec) => EventError | undefined;
  /** Why a job cannot be closed. Default: every job can. */
  readonly closeFails?: (job: JobSpec) => EventError | undefined;
}

/** A provider for one run, whose steps run until the test ends them. Nothing sleeps. */
export class ScriptedProvider implements Provider, RunProvider {
  readonly name: string;
  readonly #options: ScriptedProviderOptions;
  readonly #started: Invocation[] = [];
  readonly #waiting: ((invocation: Invocation) => void)[] = [];
  readonly #prepared: JobId[] = [];
  readonly #closed: JobId[] = [];

  constructor(options: ScriptedProviderOptions = {}) {
    this.name = options.name ?? "host";
    this.#options = options;
  }

  /** The jobs that were set up, in order, once for each attempt. */
  get prepared(): readonly JobId[] {
    return this.#prepared;
  }

  /** The jobs whose sessions were closed, in order. */
  get closed(): readonly JobId[] {
    return this.#closed;
  }

  open(): this {
    return this;
  }

  close(): Promise<Result<void, EventError>> {
    return Promise.resolve(ok(undefined));
  }

  endLeftovers(): Promise<Result<void, EventError>> {
    return Promise.resolve(ok(undefined));
  }

  /** Resolves with the next step started, waiting for it if there is none yet. */
  next(): Promise<Invocation> {
    const started = this.#started.shift();
    if (started !== undefined) return Promise.resolve(started);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Steps that were started and not yet handed out by `next`. */
  get waiting(): readonly Invocation[] {
    return this.#started;
  }

  async prepare(job: JobSpec, sections: Sections): Promise<Result<ProviderSession, EventError>> {
    const error = this.#options.prepareFails?.(job);
    await sections.run("provider", (context) => {
      context.log("info", "Steps are run by the test", { provider: this.name });
      return Promise.resolve(error === undefined ? { status: "success" } : { status: "failed", error });
    });
    if (error !== undefined) return err(error);
    this.#prepared.push(job.jobId);
    return ok({
      run: (step, output, stop) => this.#run(job, step, { output, stop }),
      close: () => {
        this.#closed.push(job.jobId);
        const failure = this.#options.closeFails?.(job);
        return Promise.resolve(failure === undefined ? ok(undefined) : err(failure));
      },
    });
  }

  #run(
    job: JobSpec,
    step: StepSpec,
    { output, stop }: { readonly output: OutputSink; readonly stop: StopRequest },
  ): Promise<ProcessEnd> {
    return new Promise((resolve) => {
      let ended = false;
      const invocation: Invocation = {
        jobId: job.jobId,
        attempt: job.attempt,
        step: step.step,
        script: step.script,
        job,
        stop,
        async prints(text, stream = "stdout") {
          await output.write(stream, new TextEncoder().encode(text));
        },
        ends(end) {
          if (ended) throw new Error(`Step ${step.step} of job "${job.jobId}" has ended already`);
          ended = true;
          resolve(end);
        },
      };
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#started.push(invocation);
      else waiting(invocation);
    });
  }
}
