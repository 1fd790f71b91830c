import type { Emission, EventError, PhaseFields } from "./event.ts";
import type { JobId, RunId, RunIdentity } from "./ids.ts";
import {
  EVENT_SCHEMA_VERSION,
  PHASES,
  SECTION_PHASES,
  type JobPhaseCode,
  type JobStatus,
  type PhaseStatus,
  type SectionName,
} from "./vocabulary.ts";

/** What a finish record says beside which phase it finishes. */
export interface Finish {
  readonly status: PhaseStatus;
  /** Whole milliseconds, 0 or more. */
  readonly duration_ms: number;
  readonly exit_code?: number;
  readonly signal?: string;
  readonly error?: EventError;
  readonly tolerated?: true;
}

/** What a `job_state` record says beside the move. */
export interface MoveReason {
  readonly reason?: string;
  readonly blocked_by?: readonly JobId[];
  readonly kept_from?: RunId;
}

/** Words what happens to one job as records, each for the stream it belongs to, in the order of the calls. */
export class JobRecords {
  readonly #identity: RunIdentity;
  readonly #jobId: JobId;
  readonly #emissions: Emission[] = [];

  constructor(identity: RunIdentity, jobId: JobId) {
    this.#identity = identity;
    this.#jobId = jobId;
  }

  /** The records so far. */
  get emissions(): readonly Emission[] {
    return this.#emissions;
  }

  jobState(from: JobStatus, to: JobStatus, why: MoveReason = {}): void {
    this.#emissions.push({
      stream: { kind: "pipeline" },
      event: { event: "job_state", job_id: this.#jobId, from, to, ...why },
    });
  }

  /** @param fromStep - The step that an attempt begins at which goes on with what the one before it has. */
  phaseStart(phase: JobPhaseCode, attempt: number, fromStep?: number): void {
    this.#emissions.push({
      stream: { kind: "job", jobId: this.#jobId },
      event: {
        event: "phase_start",
        ...this.#phaseFields(phase, attempt),
        ...(fromStep !== undefined && { from_step: fromStep }),
      },
    });
  }

  phaseFinish(phase: JobPhaseCode, attempt: number, finish: Finish): void {
    this.#emissions.push({
      stream: { kind: "job", jobId: this.#jobId },
      event: { event: "phase_finish", ...this.#phaseFields(phase, attempt), ...finish },
    });
  }

  sectionStart(section: SectionName, attempt: number): void {
    this.#emissions.push({
      stream: { kind: "section", jobId: this.#jobId, section },
      event: { event: "phase_start", ...this.#sectionFields(section, attempt) },
    });
  }

  sectionFinish(section: SectionName, attempt: number, finish: Finish): void {
    this.#emissions.push({
      stream: { kind: "section", jobId: this.#jobId, section },
      event: { event: "phase_finish", ...this.#sectionFields(section, attempt), ...finish },
    });
  }

  stepStart(step: number, attempt: number): void {
    this.#emissions.push({
      stream: { kind: "step", jobId: this.#jobId, step },
      event: { event: "phase_start", ...this.#stepFields(step, attempt) },
    });
  }

  stepFinish(step: number, attempt: number, finish: Finish): void {
    this.#emissions.push({
      stream: { kind: "step", jobId: this.#jobId, step },
      event: { event: "phase_finish", ...this.#stepFields(step, attempt), ...finish },
    });
  }

  /** The cleanup closes the job, not an attempt of it: it carries no number. */
  #phaseFields(phase: JobPhaseCode, attempt: number): PhaseFields {
    return {
      schema_version: EVENT_SCHEMA_VERSION,
      run_id: this.#identity.runId,
      pipeline_id: this.#identity.pipelineId,
      scope: "job",
      phase_code: phase,
      phase_family: PHASES[phase].family,
      job_id: this.#jobId,
      ...(attempt > 1 && phase !== "job.cleanup" && { attempt }),
    };
  }

  #sectionFields(section: SectionName, attempt: number): PhaseFields {
    return { ...this.#phaseFields(SECTION_PHASES[section], attempt), section };
  }

  #stepFields(step: number, attempt: number): PhaseFields {
    return {
      schema_version: EVENT_SCHEMA_VERSION,
      run_id: this.#identity.runId,
      pipeline_id: this.#identity.pipelineId,
      scope: "step",
      phase_code: "step.script",
      phase_family: PHASES["step.script"].family,
      job_id: this.#jobId,
      step,
      ...(attempt > 1 && { attempt }),
    };
  }
}
