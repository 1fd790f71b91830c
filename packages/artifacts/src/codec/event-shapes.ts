import {
  EVENT_SCHEMA_VERSION,
  JOB_STATUSES,
  LOG_LEVELS,
  OUTPUT_STREAMS,
  PHASES,
  PHASE_STATUSES,
  SCOPES,
  SECTION_PHASES,
  type EventError,
  type JobId,
  type JobStateEvent,
  type LogEvent,
  type OutputEvent,
  type PhaseCode,
  type PhaseFamily,
  type PhaseFinishEvent,
  type PhaseStartEvent,
  type PhaseStatus,
  type PipelineId,
  type RunId,
  type SectionName,
} from "@loom/core";
import { fields, fieldsAndFacts, listOf, oneOf, optional, text, whole, type Shape } from "../shape/shape.ts";

/** Every phase code. */
export const PHASE_CODE: Shape<PhaseCode> = oneOf(...(Object.keys(PHASES) as PhaseCode[]));

/** The name of a section. */
export const SECTION_NAME: Shape<SectionName> = oneOf(...(Object.keys(SECTION_PHASES) as SectionName[]));

/** How a phase, section, step or job ended. */
export const PHASE_STATUS: Shape<PhaseStatus> = oneOf(...PHASE_STATUSES);

/** A cause: code and message. */
export const EVENT_ERROR: Shape<EventError> = fields<EventError>({
  code: text<EventError["code"]>(),
  message: text(),
});

/** Exit codes are one byte. */
export const EXIT_CODE_SHAPE: Shape<number> = whole(0, 255);

const BASE = { seq: whole(1), ts: text() } as const;

const JOB_STATUS = oneOf(...JOB_STATUSES);

const PHASE_FIELDS = {
  schema_version: oneOf(EVENT_SCHEMA_VERSION),
  run_id: text<RunId>(),
  pipeline_id: text<PipelineId>(),
  scope: oneOf(...SCOPES),
  phase_code: PHASE_CODE,
  phase_family: oneOf<PhaseFamily>(...new Set(Object.values(PHASES).map((phase) => phase.family))),
  job_id: optional(text<JobId>()),
  section: optional(SECTION_NAME),
  step: optional(whole(1)),
  attempt: optional(whole(2)),
} as const;

/** `phase_start`. */
export const PHASE_START: Shape<PhaseStartEvent> = fields<PhaseStartEvent>({
  ...BASE,
  event: oneOf("phase_start"),
  ...PHASE_FIELDS,
  from_step: optional(whole(1)),
});

/** `phase_finish`. */
export const PHASE_FINISH: Shape<PhaseFinishEvent> = fields<PhaseFinishEvent>({
  ...BASE,
  event: oneOf("phase_finish"),
  ...PHASE_FIELDS,
  status: PHASE_STATUS,
  duration_ms: whole(),
  exit_code: optional(EXIT_CODE_SHAPE),
  signal: optional(text()),
  error: optional(EVENT_ERROR),
  tolerated: optional(oneOf(true)),
});

/** `job_state`. */
export const JOB_STATE: Shape<JobStateEvent> = fields<JobStateEvent>({
  ...BASE,
  event: oneOf("job_state"),
  job_id: text<JobId>(),
  from: JOB_STATUS,
  to: JOB_STATUS,
  reason: optional(text()),
  blocked_by: optional(listOf(text<JobId>())),
  kept_from: optional(text<RunId>()),
});

/** `log`. */
export const LOG: Shape<LogEvent> = fieldsAndFacts<
  Pick<LogEvent, "seq" | "ts" | "event" | "level" | "message">
>({
  ...BASE,
  event: oneOf("log"),
  level: oneOf(...LOG_LEVELS),
  message: text(),
}) as Shape<unknown> as Shape<LogEvent>;

/** `output`. */
export const OUTPUT: Shape<OutputEvent> = fields<OutputEvent>({
  ...BASE,
  event: oneOf("output"),
  stream: oneOf(...OUTPUT_STREAMS),
  text: text(),
  partial: optional(oneOf(true)),
  lossy: optional(oneOf(true)),
});
