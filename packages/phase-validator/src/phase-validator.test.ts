import { expect, test } from "vitest";
import { buildRun, type Entry } from "../test/build-run.ts";
import { edit, edited, find } from "../test/edit-entries.ts";
import { CHECKED_AT, judgeEntries, told } from "../test/judge-run.ts";
import { spliced } from "../test/spliced.ts";
import { createPhaseValidator } from "./index.ts";

const SIMPLE = buildRun({ jobs: [{ id: "a", stage: "s" }] });
const RUN = "events.jsonl";
const PIPELINE = "pipeline/events.jsonl";
const JOB = "jobs/a/events.jsonl";
const MIRROR = "jobs/a/user/execution/events.jsonl";
const STEP = "jobs/a/user/execution/script/01/events.jsonl";
const PROVIDER = "jobs/a/system/provider/events.jsonl";

/** A record of the run, to be changed and put in once more. */
const SECTION_START = SIMPLE.entries[find(SIMPLE.entries, { path: PROVIDER, event: "phase_start" })];
const SECTION_FINISH = SIMPLE.entries[find(SIMPLE.entries, { path: PROVIDER, event: "phase_finish" })];
const JOB_START = SIMPLE.entries[find(SIMPLE.entries, { path: JOB, event: "phase_start" })];
const STEP_START = SIMPLE.entries[find(SIMPLE.entries, { path: STEP, event: "phase_start" })];
const PIPELINE_START = SIMPLE.entries[find(SIMPLE.entries, { path: PIPELINE, event: "phase_start" })];
const EXECUTION =
  SIMPLE.entries[find(SIMPLE.entries, { path: JOB, event: "phase_start", phase_code: "job.execution" })];

/** What is said when a record comes in the middle of a run that is valid without it. */
function extra(path: string, event: Entry["event"]): readonly string[] {
  const at = find(SIMPLE.entries, { path: PROVIDER, event: "log" });
  return told(judgeEntries(spliced(SIMPLE.entries, at, { insert: [{ path, event }] })));
}

/** The same of a record of the run that comes elsewhere, or changed. */
function copied(entry: Entry | undefined, path: string, fields: Entry["event"] = {}): readonly string[] {
  return extra(path, edited(entry, fields).event);
}

test("record() names logs, output and states in streams that do not hold them", () => {
  const log = { event: "log", level: "info", message: "x" };
  const output = { event: "output", stream: "stdout", text: "x" };
  const state = { event: "job_state", job_id: "a", from: "running", to: "running" };
  expect([
    ...[PIPELINE, JOB, MIRROR, STEP, "notes/events.jsonl", "jobs/a/events.json"].flatMap((path) =>
      extra(path, log),
    ),
    ...[RUN, PIPELINE, JOB, MIRROR, STEP, "x"].flatMap((path) => extra(path, output)),
    ...[RUN, JOB, MIRROR, STEP, PROVIDER].flatMap((path) => extra(path, state)),
  ]).toMatchInlineSnapshot(`
    [
      "outside_parent pipeline/events.jsonl:4 [pipeline] A log belongs in the run's or a section's stream",
      "outside_parent jobs/a/events.jsonl:2 [job, job a] A log belongs in the run's or a section's stream",
      "outside_parent jobs/a/user/execution/events.jsonl:1 [job, job a] A log belongs in the run's or a section's stream",
      "outside_parent jobs/a/user/execution/script/01/events.jsonl:1 [step, job a] A log belongs in the run's or a section's stream",
      "outside_parent notes/events.jsonl:1 [run] No stream of a run has this path",
      "outside_parent jobs/a/events.json:1 [run] No stream of a run has this path",
      "outside_parent events.jsonl:5 [run] Output belongs in a step's or section's stream",
      "outside_parent pipeline/events.jsonl:4 [pipeline] Output belongs in a step's or section's stream",
      "outside_parent jobs/a/events.jsonl:2 [job, job a] Output belongs in a step's or section's stream",
      "outside_parent jobs/a/user/execution/events.jsonl:1 [job, job a] Output belongs in a step's or section's stream",
      "outside_parent jobs/a/user/execution/script/01/events.jsonl:1 [step, job a] Output comes before the start of its phase",
      "outside_parent x:1 [run] No stream of a run has this path",
      "outside_parent events.jsonl:5 [job, job a] A job's state belongs in the pipeline's stream",
      "outside_parent jobs/a/events.jsonl:2 [job, job a] A job's state belongs in the pipeline's stream",
      "outside_parent jobs/a/user/execution/events.jsonl:1 [job, job a] A job's state belongs in the pipeline's stream",
      "outside_parent jobs/a/user/execution/script/01/events.jsonl:1 [job, job a] A job's state belongs in the pipeline's stream",
      "outside_parent jobs/a/system/provider/events.jsonl:2 [job, job a] A job's state belongs in the pipeline's stream",
    ]
  `);
});

test("record() names what a record lacks and what its fields cannot be", () => {
  const output = { event: "output", stream: "stdout", text: "x" };
  const state = { event: "job_state", job_id: "a", from: "ready", to: "running" };
  expect([
    ...extra(PROVIDER, { event: "output", stream: "stdin", text: "x" }),
    ...extra(PROVIDER, { event: "output", stream: "stderr" }),
    ...extra(PROVIDER, { ...output, text: 7 }),
    ...extra(PIPELINE, { ...state, job_id: 7 }),
    ...extra(PIPELINE, { ...state, from: "idle" }),
    ...extra(PIPELINE, { ...state, to: "toString" }),
    ...extra(PROVIDER, { event: "note" }),
    ...extra(PROVIDER, { phase_code: "job.cleanup", job_id: "b".repeat(200) }),
    ...extra(PROVIDER, { event: 7, phase_code: "x".repeat(200) }),
    ...extra(RUN, { event: "note", phase_code: ["job.cleanup"] }),
    ...copied(SECTION_FINISH, PROVIDER, { status: "fine" }),
    ...copied(SECTION_FINISH, PROVIDER, { duration_ms: -1 }),
    ...copied(SECTION_FINISH, PROVIDER, { duration_ms: "1" }),
    ...copied(SECTION_FINISH, PROVIDER, { exit_code: 300 }),
    ...copied(SECTION_FINISH, PROVIDER, { exit_code: -1 }),
    ...copied(SECTION_FINISH, PROVIDER, { exit_code: 1.5 }),
    ...copied(SECTION_FINISH, PROVIDER, { exit_code: "1" }),
    ...copied(SECTION_START, PROVIDER, { run_id: undefined }),
    ...copied(SECTION_START, PROVIDER, { pipeline_id: undefined }),
    ...copied(SECTION_START, PROVIDER, { run_id: "loom-run-local-7" }),
    ...copied(SECTION_START, PROVIDER, { pipeline_id: "loom-local-7" }),
    ...copied(SECTION_START, PROVIDER, { attempt: 0 }),
    ...copied(SECTION_START, PROVIDER, { attempt: 101 }),
    ...copied(SECTION_START, PROVIDER, { attempt: "2" }),
  ]).toMatchInlineSnapshot(`
    [
      "malformed_line jobs/a/system/provider/events.jsonl:2 [job, job a] This line lacks "stream" or "text"",
      "malformed_line jobs/a/system/provider/events.jsonl:2 [job, job a] This line lacks "stream" or "text"",
      "malformed_line jobs/a/system/provider/events.jsonl:2 [job, job a] This line lacks "stream" or "text"",
      "malformed_line pipeline/events.jsonl:4 [pipeline] This line lacks "job_id", "from" or "to", or has a status that is not known",
      "malformed_line pipeline/events.jsonl:4 [pipeline] This line lacks "job_id", "from" or "to", or has a status that is not known",
      "malformed_line pipeline/events.jsonl:4 [pipeline] This line lacks "job_id", "from" or "to", or has a status that is not known",
      "unknown_event jobs/a/system/provider/events.jsonl:2 [job, job a] The event "note" is not known",
      "unknown_event jobs/a/system/provider/events.jsonl:2 [job, job.cleanup, job a] The event (none) is not known",
      "unknown_event jobs/a/system/provider/events.jsonl:2 [job, xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..., job a] The event 7 is not known",
      "unknown_event events.jsonl:5 [run] The event "note" is not known",
      "malformed_line jobs/a/system/provider/events.jsonl:2 [job, job a] This line has the status "fine"",
      "malformed_line jobs/a/system/provider/events.jsonl:2 [job, job a] This line has the duration -1",
      "malformed_line jobs/a/system/provider/events.jsonl:2 [job, job a] This line has the duration "1"",
      "malformed_line jobs/a/system/provider/events.jsonl:2 [job, job a] This line has the exit code 300, not a whole number from 0 to 255",
      "malformed_line jobs/a/system/provider/events.jsonl:2 [job, job a] This line has the exit code -1, not a whole number from 0 to 255",
      "malformed_line jobs/a/system/provider/events.jsonl:2 [job, job a] This line has the exit code 1.5, not a whole number from 0 to 255",
      "malformed_line jobs/a/system/provider/events.jsonl:2 [job, job a] This line has the exit code "1", not a whole number from 0 to 255",
      "malformed_line jobs/a/system/provider/events.jsonl:2 [job, job a] This line lacks "run_id" or "pipeline_id"",
      "malformed_line jobs/a/system/provider/events.jsonl:2 [job, job a] This line lacks "run_id" or "pipeline_id"",
      "malformed_line jobs/a/system/provider/events.jsonl:2 [job, job a] This line belongs elsewhere: it names the run "loom-run-local-7", not "loom-run-local-1767225600000000000"",
      "malformed_line jobs/a/system/provider/events.jsonl:2 [job, job a] This line belongs elsewhere: it names the pipeline "loom-local-7", not "loom-local-1767225600000000000"",
      "malformed_line jobs/a/system/provider/events.jsonl:2 [job, job a] This line has the attempt 0, not a whole number from 2",
      "malformed_line jobs/a/system/provider/events.jsonl:2 [job, job a] This line has the attempt 101, not a whole number from 2",
      "malformed_line jobs/a/system/provider/events.jsonl:2 [job, job a] This line has the attempt "2", not a whole number from 2",
    ]
  `);
});

test("record() takes from where a result was kept of a job that was left out, and of no other", () => {
  const run = buildRun({ jobs: [{ id: "a", stage: "s", when: "on_failure" }] });
  const kept = (fields: Entry["event"]): readonly string[] =>
    told(
      judgeEntries(
        edit(
          run.entries,
          { path: PIPELINE, event: "job_state" },
          { kept_from: "loom-run-local-1", ...fields },
        ),
      ),
    );
  expect(kept({ reason: "not_selected" })).toEqual([]);
  expect(kept({ reason: "condition_not_met", kept_from: undefined })).toEqual([]);
  const refused = [
    `malformed_line ${PIPELINE}:2 [pipeline] This line has "kept_from", but the job was not left out`,
    `missing_start ${PIPELINE}:0 [job, job a] No record has the state of the job "a"`,
  ];
  expect(kept({ reason: "condition_not_met" }).toSorted()).toEqual(refused);
  expect(kept({ reason: "not_selected", to: "cancelled" }).toSorted()).toEqual(refused);
});

test("record() names words that are not in the vocabulary", () => {
  expect([
    ...copied(SECTION_START, PROVIDER, { schema_version: "v3" }),
    ...copied(SECTION_START, PROVIDER, { phase_code: "toString" }),
    ...copied(SECTION_START, PROVIDER, { phase_code: undefined }),
    ...copied(SECTION_START, PROVIDER, { phase_code: ["job.provider_prepare"] }),
    ...copied(SECTION_START, PROVIDER, { scope: "step" }),
    ...copied(SECTION_START, PROVIDER, { phase_family: "step" }),
    ...copied(SECTION_START, PROVIDER, { section: "attic" }),
    ...copied(SECTION_START, PROVIDER, { section: "cleanup" }),
    ...copied(SECTION_START, PROVIDER, { section: 7 }),
    ...copied(SECTION_START, PROVIDER, { section: ["provider"] }),
  ]).toMatchInlineSnapshot(`
    [
      "unknown_event jobs/a/system/provider/events.jsonl:2 [job, job.provider_prepare, job a] The schema version "v3" is not known",
      "unknown_phase jobs/a/system/provider/events.jsonl:2 [job, toString, job a] The phase "toString" is not known",
      "unknown_phase jobs/a/system/provider/events.jsonl:2 [job, job a] The phase (none) is not known",
      "unknown_phase jobs/a/system/provider/events.jsonl:2 [job, job a] The phase ["job.provider_prepare"] is not known",
      "unknown_phase jobs/a/system/provider/events.jsonl:2 [job, job.provider_prepare, job a] "job.provider_prepare" has the scope "job" and the family "provider", not scope "step" and family "provider"",
      "unknown_phase jobs/a/system/provider/events.jsonl:2 [job, job.provider_prepare, job a] "job.provider_prepare" has the scope "job" and the family "provider", not scope "job" and family "step"",
      "unknown_phase jobs/a/system/provider/events.jsonl:2 [job, job.provider_prepare, job a] "job.provider_prepare" has no section "attic"",
      "unknown_phase jobs/a/system/provider/events.jsonl:2 [job, job.provider_prepare, job a] "job.provider_prepare" has no section "cleanup"",
      "unknown_phase jobs/a/system/provider/events.jsonl:2 [job, job.provider_prepare, job a] "job.provider_prepare" has no section 7",
      "unknown_phase jobs/a/system/provider/events.jsonl:2 [job, job.provider_prepare, job a] "job.provider_prepare" has no section ["provider"]",
    ]
  `);
});

test("record() names phases in streams that do not hold them", () => {
  expect([
    ...copied(PIPELINE_START, RUN),
    ...copied(JOB_START, PIPELINE),
    ...copied(SECTION_START, JOB),
    ...copied(STEP_START, JOB),
    ...copied(JOB_START, PROVIDER),
    ...copied(SECTION_START, PROVIDER, { section: "services" }),
    ...copied(STEP_START, PROVIDER),
    ...copied(STEP_START, STEP, { step: 2 }),
    ...copied(JOB_START, STEP, { step: 1 }),
    ...copied(JOB_START, MIRROR),
    ...copied(SECTION_START, MIRROR),
    ...copied(SECTION_START, "jobs/b/system/provider/events.jsonl").filter((line) =>
      line.startsWith("outside_parent"),
    ),
    ...copied(SECTION_START, "jobs/a/system/attic/events.jsonl"),
    ...copied(STEP_START, "jobs/a/user/execution/script/00/events.jsonl"),
  ]).toMatchInlineSnapshot(`
    [
      "outside_parent events.jsonl:5 [pipeline, pipeline.execute] "pipeline.execute" does not belong in the run's stream",
      "outside_parent pipeline/events.jsonl:4 [job, job.provider_prepare, job a] "job.provider_prepare" does not belong in the pipeline's stream",
      "outside_parent jobs/a/events.jsonl:2 [job, job.provider_prepare, job a] "job.provider_prepare" as section or step does not belong in the job's stream",
      "outside_parent jobs/a/events.jsonl:2 [step, step.script, job a] "step.script" as section or step does not belong in the job's stream",
      "bad_sequence jobs/a/user/execution/events.jsonl:1 [job, job a] No stream has the record with the sequence number 10 mirrored here",
      "outside_parent jobs/a/system/provider/events.jsonl:2 [job, job.provider_prepare, job a] "job.provider_prepare" with section (none) does not belong in the stream of section "provider"",
      "outside_parent jobs/a/system/provider/events.jsonl:2 [job, job.provider_prepare, job a] "job.provider_prepare" with section "services" does not belong in the stream of section "provider"",
      "outside_parent jobs/a/system/provider/events.jsonl:2 [step, step.script, job a] "step.script" with section (none) does not belong in the stream of section "provider"",
      "bad_sequence jobs/a/user/execution/events.jsonl:1 [job, job a] No stream has the record with the sequence number 10 mirrored here",
      "outside_parent jobs/a/user/execution/script/01/events.jsonl:1 [step, step.script, job a] "step.script" with step 2 does not belong in the stream of step 1",
      "outside_parent jobs/a/user/execution/script/01/events.jsonl:1 [job, job.provider_prepare, job a] "job.provider_prepare" with step 1 does not belong in the stream of step 1",
      "outside_parent jobs/a/user/execution/events.jsonl:1 [job, job.provider_prepare, job a] "job.provider_prepare" is not mirrored here",
      "outside_parent jobs/a/user/execution/events.jsonl:1 [job, job.provider_prepare, job a] "job.provider_prepare" is not mirrored here",
      "outside_parent jobs/b/system/provider/events.jsonl:1 [job, job.provider_prepare, job b] The record is about the job "a", its stream about "b"",
      "outside_parent jobs/a/system/attic/events.jsonl:1 [job, job.provider_prepare, job a] No stream of a run has this path",
      "bad_sequence jobs/a/user/execution/events.jsonl:1 [job, job a] No stream has the record with the sequence number 10 mirrored here",
      "outside_parent jobs/a/user/execution/script/00/events.jsonl:1 [step, step.script, job a] No stream of a run has this path",
    ]
  `);
});

test.each([
  ["2026-01-01T00:00:00Z", true],
  ["2026-01-01T00:00:00.1Z", true],
  ["2026-01-01T00:00:00.123456789Z", true],
  ["2026-01-01T00:00:00.1234567890Z", false],
  ["2026-01-01T00:00:00.Z", false],
  ["2026-01-01T00:00:00.1+00:00", false],
  ["2026-1-01T00:00:00Z", false],
  ["2026-01-01 00:00:00Z", false],
  ["x2026-01-01T00:00:00Z", false],
  ["2026-01-01T00:00:00Zx", false],
])("record() takes %s for a time: %s", (ts, isTime) => {
  const validator = createPhaseValidator();
  validator.record(RUN, 1, { seq: 1, ts, event: "log" });
  const found = told(validator.report(CHECKED_AT)).filter((line) => line.startsWith("malformed_line"));
  expect(found).toEqual(isTime ? [] : [`malformed_line ${RUN}:1 [run] This line has the time "${ts}"`]);
});

test("record() compares a mirror with its original as they were written, or as JSON", () => {
  const validator = createPhaseValidator();
  const { event } = edited(EXECUTION, {});
  const record = { seq: 1, ts: CHECKED_AT, ...event };
  validator.record(JOB, 1, record, JSON.stringify(record));
  validator.record(MIRROR, 1, record);
  validator.record(
    JOB,
    2,
    { ...record, seq: 2, event: "phase_finish", status: "success", duration_ms: 1 },
    "as it was",
  );
  validator.record(
    MIRROR,
    2,
    { ...record, seq: 2, event: "phase_finish", status: "success", duration_ms: 1 },
    "as it Was",
  );
  expect(told(validator.report(CHECKED_AT)).filter((line) => line.startsWith("bad_sequence"))).toEqual([
    `bad_sequence ${MIRROR}:2 [job, job a] The record with the sequence number 2 differs from the one it mirrors`,
  ]);
});

test("record() names a number that another stream has, also where it is higher than those before it", () => {
  const validator = createPhaseValidator();
  validator.record(RUN, 1, { seq: 2, ts: CHECKED_AT, event: "log" });
  validator.record(PROVIDER, 1, { seq: 1, ts: CHECKED_AT, event: "log" });
  validator.record(PROVIDER, 2, { seq: 2, ts: CHECKED_AT, event: "log" });
  expect(told(validator.report(CHECKED_AT)).filter((line) => line.startsWith("bad_sequence"))).toEqual([
    `bad_sequence ${PROVIDER}:2 [job, job a] The sequence number 2 is repeated`,
  ]);
});

test("outputLines() names what is no range of numbers, and the first that is repeated", () => {
  const validator = createPhaseValidator();
  validator.outputLines(PROVIDER, 1, { firstSeq: 1, count: 3 });
  validator.outputLines(STEP, 1, { firstSeq: 2, count: 4 });
  validator.outputLines(PROVIDER, 4, { firstSeq: 0, count: 3 });
  validator.outputLines(PROVIDER, 5, { firstSeq: 6, count: 2 ** 20 + 1 });
  validator.outputLines(PROVIDER, 6, { firstSeq: Number.MAX_SAFE_INTEGER, count: 1 });
  validator.outputLines(PROVIDER, 7, { firstSeq: 3, count: 1.5 });
  const report = validator.report(CHECKED_AT);
  expect(told(report).filter((line) => line.startsWith("bad_sequence"))).toMatchInlineSnapshot(`
    [
      "bad_sequence jobs/a/system/provider/events.jsonl:4 [job, job a] The sequence number (none) is not a whole number from 1",
      "bad_sequence jobs/a/system/provider/events.jsonl:5 [job, job a] The sequence number (none) is not a whole number from 1",
      "bad_sequence jobs/a/system/provider/events.jsonl:6 [job, job a] The sequence number (none) is not a whole number from 1",
      "bad_sequence jobs/a/system/provider/events.jsonl:7 [job, job a] The sequence number (none) is not a whole number from 1",
      "bad_sequence jobs/a/user/execution/script/01/events.jsonl:1 [step, job a] The sequence number 2 is repeated",
    ]
  `);
  expect(report.streams).toEqual({ count: 2, events: 11, bytes: 0 });
});

test("malformed() and streamEnd() name the stream, its job and what follows", () => {
  const validator = createPhaseValidator();
  validator.malformed(STEP, 3, "is not JSON");
  validator.malformed(JOB, 0, "cannot be read (EACCES)");
  validator.malformed("jobs/a/summary.json", 1, "is not JSON");
  validator.document("pipeline/summary.json", []);
  validator.streamEnd(PROVIDER, 7, 2);
  validator.streamEnd(RUN, NaN);
  const report = validator.report(CHECKED_AT);
  expect(told(report).filter((line) => !line.startsWith("missing"))).toMatchInlineSnapshot(`
    [
      "malformed_line jobs/a/events.jsonl:0 [job, job a] This file cannot be read (EACCES)",
      "malformed_line jobs/a/summary.json:1 [run] This file is not JSON",
      "truncated_stream jobs/a/system/provider/events.jsonl:2 [job, job a] The last line has no newline, so its end may be lost",
      "malformed_line jobs/a/user/execution/script/01/events.jsonl:3 [step, job a] This line is not JSON",
      "malformed_line pipeline/summary.json:1 [run] This file is not a JSON object",
    ]
  `);
  expect(report.streams).toEqual({ count: 3, events: 1, bytes: 7 });
});

test("report() takes the ids of the caller before those of the records, and says unknown without either", () => {
  const of = (options: Parameters<typeof createPhaseValidator>[0], ids: object): readonly string[] => {
    const validator = createPhaseValidator(options);
    validator.document("summary.json", { status: "success", ...ids });
    const { run_id: run, pipeline_id: pipeline, violations } = validator.report(CHECKED_AT);
    const told = violations.filter(({ stream_path: path }) => path === "summary.json");
    return [run, pipeline, ...told.map(({ message }) => message)];
  };
  expect(of({}, {})).toEqual(["unknown", "unknown"]);
  expect(of({}, { run_id: "r", pipeline_id: "p" })).toEqual(["r", "p"]);
  expect(of({ identity: { runId: "r", pipelineId: "p" } as never }, { run_id: "other" })).toEqual([
    "r",
    "p",
    'it names the run "other", not "r"',
  ]);
  expect(of({ identity: { runId: "r", pipelineId: "p" } as never }, { pipeline_id: 7 })).toEqual([
    "r",
    "p",
    'it names the pipeline 7, not "p"',
  ]);
});

test("record() takes output of a section from its start on", () => {
  const output = { event: "output", stream: "stdout", text: "x" };
  expect(extra(PROVIDER, output)).toEqual([]);
  const start = find(SIMPLE.entries, { path: PROVIDER, event: "phase_start" });
  const early = spliced(SIMPLE.entries, start, { insert: [{ path: PROVIDER, event: output }] });
  expect(told(judgeEntries(early))).toEqual([
    `outside_parent ${PROVIDER}:1 [job, job a] Output comes before the start of its phase`,
  ]);
});

test("record() takes what is just within its bounds, and no text that only looks like a time", () => {
  const finish = find(SIMPLE.entries, { path: PROVIDER, event: "phase_finish" });
  const instant = edited(SIMPLE.entries[finish], { duration_ms: 0 });
  expect(told(judgeEntries(spliced(SIMPLE.entries, finish, { remove: 1, insert: [instant] })))).toEqual([]);
  for (const exit_code of [0, 255])
    expect(
      told(judgeEntries(edit(SIMPLE.entries, { path: STEP, event: "phase_finish" }, { exit_code }))),
    ).toEqual([]);
  expect(copied(SECTION_START, PROVIDER, { attempt: 100 }).join("\n")).not.toContain("has the attempt");
  const log = { event: "log", level: "info", message: "x" };
  expect(extra(PROVIDER, { ...log, ts: ["2026-01-01T00:00:00.000Z"] })).toEqual([
    `malformed_line ${PROVIDER}:2 [job, job a] This line has the time ["2026-01-01T00:00:00.000Z"]`,
  ]);
  const validator = createPhaseValidator();
  validator.outputLines(PROVIDER, 1, { firstSeq: 1, count: 2 ** 20 });
  expect(validator.report(CHECKED_AT).streams.events).toBe(2 ** 20);
});

test("record() takes the graph from a log of the run, not from that of a section", () => {
  const { graph } = buildRun({ jobs: [{ id: "b", stage: "s" }] });
  const ungraphed = SIMPLE.entries.filter(({ event }) => event["graph_ir"] === undefined);
  const logged = edit(ungraphed, { path: PROVIDER, event: "log" }, { graph_ir: graph });
  expect(told(judgeEntries(logged))).toEqual([]);
  const first: Entry = { path: RUN, event: { event: "log", level: "info", message: "x", graph_ir: graph } };
  expect(told(judgeEntries([first, ...ungraphed])).some((line) => line.includes("job b"))).toBe(true);
});

test("streamEnd() of a stream that held no record makes its job known, which then has to have a cleanup", () => {
  const validator = createPhaseValidator();
  validator.streamEnd(PROVIDER, 0);
  const { missing } = validator.report(CHECKED_AT).coverage;
  expect(missing.filter(({ job_id: job }) => job === "a").map(({ phase_code: code }) => code)).toEqual([
    "job.cleanup",
    "job.cleanup",
  ]);
});

test("malformed() counts a line of a stream, not a stream that cannot be read", () => {
  const validator = createPhaseValidator();
  validator.malformed(RUN, 0, "cannot be read");
  expect(validator.report(CHECKED_AT).streams).toEqual({ count: 0, events: 0, bytes: 0 });
  validator.malformed(RUN, 1, "is not JSON");
  expect(validator.report(CHECKED_AT).streams).toEqual({ count: 1, events: 1, bytes: 0 });
});

test("document() takes for the ids of a run what can be such, and names the others", () => {
  const validator = createPhaseValidator();
  validator.document("summary.json", { run_id: 7, pipeline_id: 7 });
  validator.document("pipeline/summary.json", { run_id: "r", pipeline_id: "p" });
  validator.document("pipeline/manifest.json", { run_id: "r", pipeline_id: "q" });
  const report = validator.report(CHECKED_AT);
  expect([report.run_id, report.pipeline_id]).toEqual(["r", "p"]);
  expect(told(report).filter((line) => line.includes("it names the pipeline"))).toEqual([
    'status_mismatch pipeline/manifest.json:0 [run] it names the pipeline "q", not "p"',
  ]);
});
