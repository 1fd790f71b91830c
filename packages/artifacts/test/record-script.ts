import {
  EVENT_SCHEMA_VERSION,
  jobId,
  PHASES,
  SECTION_PHASES,
  type EventError,
  type FactValue,
  type GraphIr,
  type JobId,
  type JobPhaseCode,
  type JobStatus,
  type PhaseCode,
  type PhaseStatus,
  type RunIdentity,
  type RunPhaseCode,
  type SectionName,
  type StreamRef,
} from "@loom/core";
import type { RecordSink } from "@loom/ports";

/** What a record tells by name. */
type Facts = Readonly<Record<string, FactValue>>;

/** How something scripted ends. */
export interface WrittenEnd {
  readonly status?: PhaseStatus;
  readonly exit_code?: number;
  readonly signal?: string;
  readonly error?: EventError;
}

/**
 * Plays a run into a sink: every record 10 ms after the one before, `seq`
 * counted, as the engine would.
 */
export class RecordScript {
  readonly #identity: RunIdentity;
  readonly #sink: RecordSink;
  readonly #starts = new Map<string, number>();
  readonly #running = new Set<string>();
  #seq = 0;
  #nowMs = Date.parse("2026-01-01T00:00:00.000Z");
  #attempt = 1;

  constructor(identity: RunIdentity, sink: RecordSink) {
    this.#identity = identity;
    this.#sink = sink;
  }

  /** Time of the last record. */
  get nowMs(): number {
    return this.#nowMs;
  }

  runStart(code: RunPhaseCode): void {
    this.#start({ kind: "run" }, code, {});
  }

  runFinish(code: RunPhaseCode, end: WrittenEnd = {}): void {
    this.#finish({ kind: "run" }, code, {}, end);
  }

  log(stream: StreamRef, message: string, facts: Facts = {}): void {
    this.#sink.record(stream, { ...this.#stamp(), event: "log", level: "info", message, ...facts });
    this.#sink.flush();
  }

  graph(graph: GraphIr): void {
    this.log({ kind: "run" }, "Compiled the workflow", { graph_ir: graph as unknown as FactValue });
  }

  pipelineStart(): void {
    this.#start({ kind: "pipeline" }, "pipeline.execute", {});
  }

  pipelineFinish(end: WrittenEnd = {}): void {
    this.#finish({ kind: "pipeline" }, "pipeline.execute", {}, end);
  }

  state(
    name: string,
    from: JobStatus,
    to: JobStatus,
    why: { reason?: string; blocked_by?: JobId[] } = {},
  ): void {
    if (to === "running") this.#running.add(name);
    this.#sink.record(
      { kind: "pipeline" },
      { ...this.#stamp(), event: "job_state", job_id: jobId(name), from, to, ...why },
    );
    this.#sink.flush();
  }

  phaseStart(name: string, code: JobPhaseCode): void {
    this.#start({ kind: "job", jobId: jobId(name) }, code, this.#jobFields(name, code));
  }

  phaseFinish(name: string, code: JobPhaseCode, end: WrittenEnd = {}): void {
    this.#finish({ kind: "job", jobId: jobId(name) }, code, this.#jobFields(name, code), end);
  }

  /** A section from start to finish, with a `log` record for each set of facts. */
  section(
    name: string,
    section: SectionName,
    options: { readonly facts?: Facts | readonly Facts[]; readonly end?: WrittenEnd } = {},
  ): void {
    const stream: StreamRef = { kind: "section", jobId: jobId(name), section };
    const code = SECTION_PHASES[section];
    this.#start(stream, code, { ...this.#jobFields(name, code), section });
    for (const facts of [options.facts ?? []].flat()) this.log(stream, `About ${section}`, facts);
    this.#finish(stream, code, { ...this.#jobFields(name, code), section }, options.end ?? {});
  }

  stepStart(name: string, step: number): void {
    this.#start({ kind: "step", jobId: jobId(name), step }, "step.script", {
      ...this.#jobFields(name, "step.script"),
      step,
    });
  }

  stepFinish(name: string, step: number, end: WrittenEnd = { exit_code: 0 }): void {
    const fields = { ...this.#jobFields(name, "step.script"), step };
    this.#finish({ kind: "step", jobId: jobId(name), step }, "step.script", fields, end);
  }

  /** Whole lines on stdout. */
  output(name: string, step: number, text: string): void {
    const bytes = Buffer.from(text);
    const ends = [...bytes.keys()].filter((offset) => bytes[offset] === 0x0a);
    const { seq: firstSeq, ts } = this.#stamp();
    this.#seq += ends.length - 1;
    this.#sink.lines(
      { kind: "step", jobId: jobId(name), step },
      { stream: "stdout", firstSeq, ts, bytes, ends, partial: false },
    );
  }

  /** Everything before the steps of one attempt; the first one has the job run, if it does not yet. */
  beginAttempt(name: string, attempt = 1): void {
    this.#attempt = attempt;
    if (!this.#running.has(name)) {
      this.state(name, "pending", "ready");
      this.state(name, "ready", "running");
    }
    this.phaseStart(name, "job.provider_prepare");
    this.section(name, "provider", { facts: { provider: "host" } });
    this.phaseFinish(name, "job.provider_prepare");
  }

  /** Everything after the last phase of the last attempt. */
  end(name: string, to: PhaseStatus, reason?: string): void {
    this.phaseStart(name, "job.cleanup");
    this.section(name, "cleanup");
    this.phaseFinish(name, "job.cleanup");
    this.#attempt = 1;
    this.state(name, "running", to, reason === undefined ? {} : { reason });
  }

  #start(stream: StreamRef, code: PhaseCode, fields: object): void {
    const stamp = this.#stamp();
    this.#starts.set(JSON.stringify([stream, code]), this.#nowMs);
    this.#sink.record(stream, { ...stamp, event: "phase_start", ...this.#phaseFields(code), ...fields });
    this.#sink.flush();
  }

  #finish(stream: StreamRef, code: PhaseCode, fields: object, end: WrittenEnd): void {
    const stamp = this.#stamp();
    const startedMs = this.#starts.get(JSON.stringify([stream, code])) ?? this.#nowMs;
    this.#sink.record(stream, {
      ...stamp,
      event: "phase_finish",
      ...this.#phaseFields(code),
      ...fields,
      status: "success",
      duration_ms: this.#nowMs - startedMs,
      ...end,
    });
    this.#sink.flush();
  }

  #phaseFields(code: PhaseCode): {
    readonly schema_version: typeof EVENT_SCHEMA_VERSION;
    readonly run_id: RunIdentity["runId"];
    readonly pipeline_id: RunIdentity["pipelineId"];
    readonly scope: (typeof PHASES)[PhaseCode]["scope"];
    readonly phase_code: PhaseCode;
    readonly phase_family: (typeof PHASES)[PhaseCode]["family"];
  } {
    return {
      schema_version: EVENT_SCHEMA_VERSION,
      run_id: this.#identity.runId,
      pipeline_id: this.#identity.pipelineId,
      scope: PHASES[code].scope,
      phase_code: code,
      phase_family: PHASES[code].family,
    };
  }

  #jobFields(name: string, code: PhaseCode): { readonly job_id: JobId; readonly attempt?: number } {
    const numbered = this.#attempt > 1 && code !== "job.cleanup";
    return { job_id: jobId(name), ...(numbered && { attempt: this.#attempt }) };
  }

  #stamp(): { readonly seq: number; readonly ts: string } {
    this.#seq += 1;
    this.#nowMs += 10;
    return { seq: this.#seq, ts: new Date(this.#nowMs).toISOString() };
  }
}
