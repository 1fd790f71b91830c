import fc from "fast-check";
import {
  errorCode,
  EVENT_SCHEMA_VERSION,
  jobId,
  PHASES,
  runIdentity,
  SECTION_PHASES,
  type FactValue,
  type LoomEvent,
  type PhaseCode,
  type SectionName,
} from "@loom/core";

const identity = runIdentity(1767225600000000000n);

const base = {
  seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  ts: fc
    .date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true })
    .map((date) => date.toISOString()),
};

const anyText = fc.string({ unit: "binary" });
const anyJob = fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}$/).map(jobId);
const anyStatus = fc.constantFrom("success", "failed", "skipped", "cancelled");
const anyJobStatus = fc.constantFrom("pending", "ready", "running", "success", "failed");

const phase = fc.constantFrom(...(Object.keys(PHASES) as PhaseCode[])).map((code) => ({
  schema_version: EVENT_SCHEMA_VERSION as typeof EVENT_SCHEMA_VERSION,
  run_id: identity.runId,
  pipeline_id: identity.pipelineId,
  scope: PHASES[code].scope,
  phase_code: code,
  phase_family: PHASES[code].family,
}));

const where = fc.record(
  {
    job_id: anyJob,
    section: fc.constantFrom(...(Object.keys(SECTION_PHASES) as SectionName[])),
    step: fc.integer({ min: 1, max: 200 }),
    attempt: fc.integer({ min: 2, max: 11 }),
  },
  { requiredKeys: [] },
);

const anyFact: fc.Arbitrary<FactValue> = fc.letrec<{ fact: FactValue }>((tie) => ({
  fact: fc.oneof(
    { maxDepth: 3 },
    anyText,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
    fc.boolean(),
    fc.array(tie("fact"), { maxLength: 3 }),
    fc.dictionary(factName(), tie("fact"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).fact;

const phaseStart = fc
  .tuple(fc.record(base), phase, where)
  .map(([seq, code, place]): LoomEvent => ({ ...seq, event: "phase_start", ...code, ...place }));

const phaseFinish = fc
  .tuple(
    fc.record(base),
    phase,
    where,
    fc.record(
      {
        status: anyStatus,
        duration_ms: fc.nat(),
        exit_code: fc.integer({ min: 0, max: 255 }),
        signal: fc.constantFrom("SIGTERM", "SIGKILL"),
        error: fc.record({ code: anyText.map(errorCode), message: anyText }, { noNullPrototype: true }),
      },
      { requiredKeys: ["status", "duration_ms"], noNullPrototype: true },
    ),
  )
  .map(([seq, code, place, end]): LoomEvent => ({
    ...seq,
    event: "phase_finish",
    ...code,
    ...place,
    ...end,
  }));

const jobState = fc
  .tuple(
    fc.record(base),
    fc.record(
      {
        job_id: anyJob,
        from: anyJobStatus,
        to: anyJobStatus,
        reason: anyText,
        blocked_by: fc.array(anyJob),
        kept_from: fc.constant(identity.runId),
      },
      { requiredKeys: ["job_id", "from", "to"] },
    ),
  )
  .map(([seq, state]): LoomEvent => ({ ...seq, event: "job_state", ...state }));

const log = fc
  .tuple(
    fc.record(base),
    fc.constantFrom("debug", "info", "warn", "error"),
    anyText,
    fc.dictionary(factName(), anyFact, { maxKeys: 4, noNullPrototype: true }),
  )
  .map(([seq, level, message, facts]): LoomEvent => ({ ...seq, event: "log", level, message, ...facts }));

const output = fc
  .tuple(
    fc.record(base),
    fc.record(
      {
        stream: fc.constantFrom("stdout", "stderr"),
        text: anyText,
        partial: fc.constant(true),
        lossy: fc.constant(true),
      },
      { requiredKeys: ["stream", "text"] },
    ),
  )
  .map(([seq, line]): LoomEvent => ({ ...seq, event: "output", ...line }));

/** Any record there can be. */
export const anyEvent: fc.Arbitrary<LoomEvent> = fc.oneof(phaseStart, phaseFinish, jobState, log, output);

function factName(): fc.Arbitrary<string> {
  const taken = ["seq", "ts", "event", "level", "message", "__proto__"];
  return anyText.filter((name) => !taken.includes(name));
}
