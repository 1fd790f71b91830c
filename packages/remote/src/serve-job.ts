import { unreachable, type JobReport } from "@loom/core";
import { JobRunner, type JobEvents } from "@loom/engine";
import type { Clock, PreparedRun, SharedLog } from "@loom/ports";
import { SubjectWriter } from "./subject-writer.ts";
import { decodeEnvelope } from "./message-codec.ts";
import { subjectsOf, type Happening, type Order, type TravellingJob } from "./messages.ts";

/** What a worker carries out a job with. */
export interface WorkerHost {
  readonly log: SharedLog;
  readonly runId: string;
  readonly jobId: TravellingJob["jobId"];
  /** Name of this worker: no other one that was given the job has it. */
  readonly worker: string;
  readonly clock: Clock;
  /** The provider of a job that came here, and the job as that provider gets it: with a workspace of this machine. */
  readonly jobFor: (job: TravellingJob) => ReturnType<PreparedRun["jobFor"]>;
  readonly runPhase?: PreparedRun["runPhase"];
}

/** How far a worker may be ahead of what the coordinator has taken, in entries of the log. */
const MOST_AHEAD = 64;

/**
 * Carries out a job for the coordinator of a run, order by order.
 *
 * @returns `done` when the job was cleaned up; `replaced` when another worker has the job now: whatever ran here was
 *   killed, and nothing of it counts.
 */
export async function serveJob(host: WorkerHost): Promise<"done" | "replaced"> {
  return await new ServedJob(host).serve();
}

class ServedJob {
  readonly #host: WorkerHost;
  readonly #happenings: SubjectWriter<Happening>;
  readonly #over = new AbortController();
  readonly #jobs = new Map<number, TravellingJob>();
  #runner: JobRunner | undefined;
  #performs = 0;
  #takenUpTo = 0;
  #wake: (() => void) | undefined;

  constructor(host: WorkerHost) {
    this.#host = host;
    const { log, clock, runId, jobId, worker } = host;
    const subject = subjectsOf(runId, jobId).happenings;
    this.#happenings = new SubjectWriter({ log, subject, writer: worker, clock });
  }

  async serve(): Promise<"done" | "replaced"> {
    const { log, runId, jobId } = this.#host;
    const { orders } = subjectsOf(runId, jobId);
    for await (const { data } of log.read(orders, 1, this.#over.signal))
      for (const order of decodeEnvelope<Order>(data).messages) this.#take(order);
    await this.#happenings.settled();
    return this.#happenings.isReplaced ? "replaced" : "done";
  }

  #take(order: Order): void {
    switch (order.kind) {
      case "perform":
        this.#performs += 1;
        void this.#perform(order, this.#performs);
        return;
      case "kill":
        this.#runner?.kill();
        return;
      case "taken":
        this.#takenUpTo = order.upTo;
        this.#wake?.();
        return;
      default:
        unreachable(order);
    }
  }

  async #perform({ command, job }: Order & { readonly kind: "perform" }, order: number): Promise<void> {
    if (job !== undefined) this.#jobs.set(job.attempt, job);
    this.#runner ??= this.#newRunner(job?.graceMs ?? 0);
    try {
      await this.#runner.perform(command);
      this.#happenings.add({ kind: "performed", order });
    } catch (cause) {
      this.#happenings.add({ kind: "performed", order, bug: String(cause) });
    }
    if (command.type === "clean_up_job") this.#over.abort();
  }

  #newRunner(graceMs: number): JobRunner {
    const { jobId, jobFor, runPhase, clock } = this.#host;
    const run = {
      jobFor: (_jobId: unknown, attempt: number) => {
        const job = this.#jobs.get(attempt);
        if (job === undefined) throw new Error(`Attempt ${attempt} of job "${jobId}" did not come here`);
        return jobFor(job);
      },
      ...(runPhase !== undefined && { runPhase }),
    };
    return new JobRunner(jobId, { run, events: this.#events(), clock, graceMs });
  }

  #events(): JobEvents {
    const happenings = this.#happenings;
    const { clock } = this.#host;
    return {
      report: (input) => this.#tell({ kind: "report", input: withoutTime(input) }),
      log: (stream, level, message, facts) => {
        this.#tell({ kind: "log", stream, level, message, ...(facts !== undefined && { facts }) });
        return clock.now();
      },
      lines: (stream, output, { bytes, ends, partial }) =>
        this.#tell({
          kind: "lines",
          stream,
          output,
          bytes: Buffer.from(bytes).toString("base64"),
          ends: [...ends],
          partial,
        }),
      flush: () => undefined,
      batch: (work) => work(),
      drained: () => (happenings.written - this.#takenUpTo > MOST_AHEAD ? this.#untilTaken() : undefined),
    };
  }

  #tell(happening: Happening): void {
    this.#happenings.add(happening);
    if (!this.#happenings.isReplaced) return;
    this.#runner?.kill();
    this.#over.abort();
  }

  async #untilTaken(): Promise<void> {
    while (this.#happenings.written - this.#takenUpTo > MOST_AHEAD && !this.#over.signal.aborted)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#over.signal.addEventListener("abort", () => resolve(), { once: true });
      });
  }
}

function withoutTime(report: JobReport): (Happening & { readonly kind: "report" })["input"] {
  const { atMs: _atMs, ...input } = report;
  return input;
}
