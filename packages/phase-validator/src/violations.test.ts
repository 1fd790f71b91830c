import { describe, expect, test } from "vitest";
import { buildRun, render, RICH_SHAPE, type BuiltRun, type Entry, type RunShape } from "../test/build-run.ts";
import { CHECKED_AT, judgeEntries, judgeText, named, textOf, told } from "../test/judge-run.ts";
import { spliced } from "../test/spliced.ts";
import {
  edit,
  edited,
  find,
  lineOf,
  moveBefore,
  swap,
  twice,
  without,
  withGraph,
} from "../test/edit-entries.ts";
import { createPhaseValidator } from "./index.ts";

const SIMPLE: RunShape = { jobs: [{ id: "a", stage: "s" }] };
const JOB = "jobs/a/events.jsonl";
const STEP = "jobs/a/user/execution/script/01/events.jsonl";
const MIRROR = "jobs/a/user/execution/events.jsonl";
const PROVIDER = "jobs/a/system/provider/events.jsonl";
const PIPELINE = "pipeline/events.jsonl";

describe("missing_start and missing_finish", () => {
  test("name a required boundary that is absent, at the other one", () => {
    const { entries } = buildRun(SIMPLE);
    const started = { path: "events.jsonl", event: "phase_start", phase_code: "run.bootstrap" };
    const report = judgeEntries(without(entries, started));
    expect(report.violations).toEqual([
      {
        code: "missing_start",
        message: '"run.bootstrap" has no start',
        stream_path: "events.jsonl",
        line: 2,
        scope: "run",
        phase_code: "run.bootstrap",
      },
    ]);
    expect(report.coverage).toEqual({
      required: 14,
      observed: 13,
      missing: [{ scope: "run", phase_code: "run.bootstrap", boundary: "start" }],
    });
    const finished = { path: "events.jsonl", event: "phase_finish", phase_code: "run.bootstrap" };
    expect(named(judgeEntries(without(entries, finished)))).toEqual(["missing_finish events.jsonl:1"]);
  });

  test("name both boundaries of a required phase that is absent, without a line", () => {
    const { entries } = buildRun(SIMPLE);
    const report = judgeEntries(
      entries.filter(({ path, event }) => path === STEP || event["phase_code"] !== "job.cleanup"),
    );
    expect(named(report)).toEqual([`missing_finish ${JOB}:0`, `missing_start ${JOB}:0`]);
  });

  test("name sections and steps that were left open or never begun", () => {
    const { entries } = buildRun(SIMPLE);
    expect(named(judgeEntries(without(entries, { path: STEP, event: "phase_finish" })))).toEqual([
      `missing_finish ${STEP}:1`,
    ]);
    expect(named(judgeEntries(without(entries, { path: PROVIDER, event: "phase_start" })))).toEqual([
      `missing_start ${PROVIDER}:2`,
    ]);
  });

  test("name the phases of an attempt that lacks them", () => {
    const { entries } = buildRun({ jobs: [{ id: "a", stage: "s", attempts: 2 }] });
    const again = { path: JOB, phase_code: "job.provider_prepare", attempt: 2 };
    const section = { path: PROVIDER, attempt: 2 };
    const left = without(
      without(
        without(without(entries, { ...again, event: "phase_start" }), { ...again, event: "phase_finish" }),
        {
          ...section,
          event: "phase_start",
        },
      ),
      { ...section, event: "phase_finish" },
    );
    expect(named(judgeEntries(left))).toEqual([`missing_finish ${JOB}:0`, `missing_start ${JOB}:0`]);
  });

  test("name a job without a terminal state, and one that only the graph knows", () => {
    const { entries } = buildRun(SIMPLE);
    expect(
      named(judgeEntries(without(entries, { path: PIPELINE, event: "job_state", from: "running" }))),
    ).toEqual(["missing_finish pipeline/events.jsonl:3"]);
    const two = buildRun({
      jobs: [
        { id: "a", stage: "s" },
        { id: "b", stage: "s" },
      ],
    });
    expect(named(judgeEntries(entries.map((entry) => withGraph(entry, two))))).toEqual([
      "missing_finish jobs/b/events.jsonl:0",
      "missing_start jobs/b/events.jsonl:0",
      "missing_start pipeline/events.jsonl:0",
    ]);
  });
});

describe("duplicate_start and duplicate_finish", () => {
  test("name the second", () => {
    const { entries } = buildRun(SIMPLE);
    expect(named(judgeEntries(twice(entries, { path: JOB, event: "phase_start" })))).toEqual([
      `duplicate_start ${JOB}:2`,
    ]);
    const finish = { path: PIPELINE, event: "phase_finish" };
    expect(named(judgeEntries(twice(entries, finish)))).toEqual([`duplicate_finish ${PIPELINE}:6`]);
  });

  test("name a second cleanup of a retried job", () => {
    const { entries } = buildRun({ jobs: [{ id: "a", stage: "s", attempts: 2 }] });
    const cleanup = { path: JOB, event: "phase_start", phase_code: "job.cleanup" };
    const index = find(entries, cleanup);
    const again = spliced(entries, index, { insert: [edited(entries[index], { attempt: 2 })] });
    expect(named(judgeEntries(again))).toEqual([`duplicate_start ${JOB}:10`]);
  });

  test("name a second terminal state of a job", () => {
    const { entries } = buildRun(SIMPLE);
    const report = judgeEntries(twice(entries, { path: PIPELINE, event: "job_state", to: "success" }));
    expect(named(report)).toEqual([`duplicate_finish ${PIPELINE}:5`]);
  });
});

test("finish_before_start names a finish with the lower number", () => {
  const { entries } = buildRun(SIMPLE);
  const report = judgeEntries(
    swap(entries, { path: PROVIDER, event: "phase_start" }, { path: PROVIDER, event: "phase_finish" }),
  );
  expect(named(report)).toEqual([`finish_before_start ${PROVIDER}:1`]);
});

describe("out_of_order", () => {
  test("names a job phase that comes before one that should precede it", () => {
    const { entries } = buildRun(SIMPLE);
    const preparation = entries.filter(
      ({ path, event }) =>
        (path === JOB || path === PROVIDER) && event["phase_code"] === "job.provider_prepare",
    );
    const rest = entries.filter((entry) => !preparation.includes(entry));
    const after = find(rest, { path: JOB, event: "phase_finish", phase_code: "job.execution" }) + 1;
    expect(named(judgeEntries(spliced(rest, after, { insert: preparation })))).toEqual([
      `out_of_order ${JOB}:1`,
    ]);
  });

  test("names a run phase that begins inside the one before it", () => {
    const { entries } = buildRun(SIMPLE);
    const report = judgeEntries(
      swap(
        entries,
        { path: "events.jsonl", event: "phase_finish", phase_code: "run.pipeline_execute" },
        { path: "events.jsonl", event: "phase_start", phase_code: "run.finalize" },
      ),
    );
    expect(named(report)).toEqual(["out_of_order events.jsonl:5"]);
  });

  test("names a step that begins before the one ahead of it has ended", () => {
    const { entries } = buildRun({ jobs: [{ id: "a", stage: "s", steps: 2 }] });
    const second = "jobs/a/user/execution/script/02/events.jsonl";
    const report = judgeEntries(
      swap(entries, { path: STEP, event: "phase_finish" }, { path: second, event: "phase_start" }),
    );
    expect(named(report)).toEqual([`out_of_order ${second}:1`]);
  });

  test("names a state that does not follow from the one before, and phases of a job that never ran", () => {
    const { entries } = buildRun(SIMPLE);
    const report = judgeEntries(without(entries, { path: PIPELINE, event: "job_state", to: "running" }));
    expect(named(report)).toEqual([`out_of_order ${JOB}:1`, `out_of_order ${PIPELINE}:3`]);
    const backwards = { path: PIPELINE, event: "job_state", to: "ready" };
    expect(named(judgeEntries(edit(entries, backwards, { from: "success" })))).toEqual([
      `out_of_order ${PIPELINE}:2`,
    ]);
  });
});

describe("outside_parent", () => {
  const { entries } = buildRun(SIMPLE);
  const jobStart = { path: JOB, event: "phase_start", phase_code: "job.provider_prepare" };

  test("names a job phase outside pipeline.execute", () => {
    const report = judgeEntries(moveBefore(entries, jobStart, { path: PIPELINE, event: "phase_start" }));
    expect(named(report)).toEqual([`outside_parent ${JOB}:1`]);
  });

  test("names a step outside its job.execution", () => {
    const report = judgeEntries(
      moveBefore(
        entries,
        { path: JOB, event: "phase_finish", phase_code: "job.execution" },
        { path: STEP, event: "phase_finish" },
      ),
    );
    expect(named(report)).toEqual([`outside_parent ${STEP}:4`]);
  });

  test("names a section outside its phase, or without one", () => {
    const late = moveBefore(entries, { path: PROVIDER, event: "phase_start" }, jobStart);
    expect(named(judgeEntries(late))).toEqual([`outside_parent ${PROVIDER}:1`]);
    const { entries: optional } = buildRun({ jobs: [{ id: "a", stage: "s", optional: true }] });
    const bare = optional.filter(
      ({ path, event }) => path !== JOB || event["phase_code"] !== "job.cache_restore",
    );
    expect(named(judgeEntries(bare))).toEqual(["outside_parent jobs/a/system/cache_restore/events.jsonl:1"]);
  });

  test("names run.finalize before the end of pipeline.execute", () => {
    const finalize = { path: "events.jsonl", event: "phase_start", phase_code: "run.finalize" };
    const report = judgeEntries(moveBefore(entries, finalize, { path: PIPELINE, event: "phase_finish" }));
    expect(named(report)).toEqual(["out_of_order events.jsonl:5", "outside_parent events.jsonl:5"]);
  });

  test("names pipeline.execute outside run.pipeline_execute", () => {
    const outer = { path: "events.jsonl", event: "phase_start", phase_code: "run.pipeline_execute" };
    const report = judgeEntries(swap(entries, outer, { path: PIPELINE, event: "phase_start" }));
    expect(named(report)).toEqual([`outside_parent ${PIPELINE}:1`]);
  });

  test("names a job's state outside pipeline.execute", () => {
    const state = { path: PIPELINE, event: "job_state", to: "success" };
    const report = judgeEntries(swap(entries, state, { path: PIPELINE, event: "phase_finish" }));
    expect(named(report)).toEqual([`outside_parent ${PIPELINE}:5`]);
  });

  test("names a record after the finish of run.finalize", () => {
    const log: Entry = { path: "events.jsonl", event: { event: "log", level: "info", message: "Late" } };
    expect(named(judgeEntries([...entries, log]))).toEqual(["outside_parent events.jsonl:8"]);
  });

  test("names records in a stream that does not hold them, and output before its phase", () => {
    const output: Entry = { path: JOB, event: { event: "output", stream: "stdout", text: "x" } };
    const at = find(entries, jobStart) + 1;
    expect(named(judgeEntries(spliced(entries, at, { insert: [output] })))).toEqual([
      `outside_parent ${JOB}:2`,
    ]);
    expect(named(judgeEntries(spliced(entries, at, { insert: [{ ...output, path: PROVIDER }] })))).toEqual([
      `outside_parent ${PROVIDER}:1`,
    ]);
    expect(
      named(judgeEntries(spliced(entries, at, { insert: [{ ...output, path: "notes/events.jsonl" }] }))),
    ).toEqual(["outside_parent notes/events.jsonl:1"]);
    const other = edit(entries, { path: PROVIDER, event: "phase_start" }, { job_id: "b" });
    expect(named(judgeEntries(other))).toEqual([
      `outside_parent ${PROVIDER}:1`,
      `missing_start ${PROVIDER}:3`,
    ]);
  });
});

describe("started_before_gate", () => {
  const pair = (
    second: Partial<RunShape["jobs"][number]>,
    first: Partial<RunShape["jobs"][number]> = {},
  ): BuiltRun =>
    buildRun({
      stages: ["s", "t"],
      jobs: [
        { id: "a", stage: "s", ...first },
        { id: "b", stage: "s", ...second },
      ],
    });
  const ungated = buildRun({
    jobs: [
      { id: "a", stage: "s" },
      { id: "b", stage: "s" },
    ],
  });
  const running = { path: PIPELINE, event: "job_state", job_id: "b", to: "running" };

  test("names a job that started before a job it needs, or an earlier stage, had settled", () => {
    const line = lineOf(ungated.entries, running);
    const { graph } = pair({ needs: ["a"] });
    expect(named(judgeText(textOf(render(ungated.entries)), { graph }))).toEqual([
      `started_before_gate ${PIPELINE}:${line}`,
    ]);
    const staged = ungated.entries.map((entry) => withGraph(entry, pair({ stage: "t" })));
    expect(named(judgeEntries(staged))).toEqual([`started_before_gate ${PIPELINE}:${line}`]);
  });

  test("names a job that started although its `when` does not hold", () => {
    const failing = buildRun({
      stages: ["s", "t"],
      jobs: [
        { id: "a", stage: "s", does: "failed", allowFailure: true },
        { id: "b", stage: "t", does: "failed" },
      ],
    });
    const strict = pair({ stage: "t" });
    const line = lineOf(failing.entries, running);
    expect(named(judgeText(textOf(render(failing.entries)), { graph: strict.graph }))).toEqual([
      `started_before_gate ${PIPELINE}:${line}`,
    ]);
    const onFailure = pair({ stage: "t", when: "on_failure" }, { allowFailure: true });
    expect(named(judgeText(textOf(render(failing.entries)), { graph: onFailure.graph }))).toEqual([
      `started_before_gate ${PIPELINE}:${line}`,
    ]);
  });
});

describe("status_mismatch", () => {
  const failing = buildRun({ jobs: [{ id: "a", stage: "s", does: "failed" }] });

  test("names a pipeline that says success despite a blocking failure, and what is around it", () => {
    const report = judgeEntries(
      edit(failing.entries, { path: PIPELINE, event: "phase_finish" }, { status: "success" }),
    );
    expect(report.violations).toEqual([
      {
        code: "status_mismatch",
        message: '"pipeline.execute" says success, but the job "a" failed',
        stream_path: PIPELINE,
        line: 5,
        scope: "pipeline",
        phase_code: "pipeline.execute",
      },
    ]);
    const outer = { path: "events.jsonl", event: "phase_finish", phase_code: "run.pipeline_execute" };
    expect(new Set(named(judgeEntries(edit(failing.entries, outer, { status: "success" }))))).toEqual(
      new Set(["status_mismatch events.jsonl:5"]),
    );
  });

  test("knows a failure to be blocking from the manifest where there is no graph", () => {
    const ungraphed = edit(
      failing.entries.filter(({ event }) => event["event"] !== "log" || event["graph_ir"] === undefined),
      { path: PIPELINE, event: "phase_finish" },
      { status: "success" },
    );
    expect(named(judgeEntries(ungraphed))).toEqual([]);
    const manifest = new Map([
      ["pipeline/manifest.json", { ...failing.documents.get("pipeline/manifest.json"), status: "success" }],
    ]);
    expect(named(judgeEntries(ungraphed, manifest))).toEqual([`status_mismatch ${PIPELINE}:5`]);
  });

  test("names job.execution that says success despite a failed step, and a job over a failed execution", () => {
    const execution = { path: JOB, event: "phase_finish", phase_code: "job.execution" };
    expect(named(judgeEntries(edit(failing.entries, execution, { status: "success" })))).toEqual([
      `status_mismatch ${JOB}:4`,
    ]);
    const end = { path: PIPELINE, event: "job_state", to: "failed" };
    expect(named(judgeEntries(edit(failing.entries, end, { to: "success" })))).toEqual([
      `status_mismatch ${PIPELINE}:4`,
    ]);
    const provider = { path: PROVIDER, event: "phase_finish" };
    expect(named(judgeEntries(edit(failing.entries, provider, { status: "failed" })))).toEqual([
      `status_mismatch ${JOB}:2`,
    ]);
  });

  test("names an execution that took place though its preparation failed, and a skipped job that started", () => {
    const { entries } = buildRun({ jobs: [{ id: "a", stage: "s", does: "prepare_failed" }] });
    const execution = { path: JOB, event: "phase_finish", phase_code: "job.execution" };
    expect(named(judgeEntries(edit(entries, execution, { status: "failed" })))).toEqual([
      `status_mismatch ${JOB}:4`,
    ]);
    const end = { path: PIPELINE, event: "job_state", to: "failed" };
    expect(named(judgeEntries(edit(entries, end, { to: "skipped" })))).toEqual([
      `out_of_order ${PIPELINE}:4`,
      `status_mismatch ${PIPELINE}:4`,
    ]);
  });

  test("names phases and jobs that are not skipped though run.bootstrap failed", () => {
    const { entries } = buildRun({ bootstrapFails: true, jobs: [{ id: "a", stage: "s" }] });
    const finish = { path: PIPELINE, event: "phase_finish" };
    expect(named(judgeEntries(edit(entries, finish, { status: "success" })))).toEqual([
      `status_mismatch ${PIPELINE}:3`,
    ]);
    const end = { path: PIPELINE, event: "job_state" };
    expect(named(judgeEntries(edit(entries, end, { to: "cancelled" })))).toEqual([
      `status_mismatch ${PIPELINE}:2`,
    ]);
  });

  test("names a run that is called a success though run.bootstrap failed, not one that was cancelled too", () => {
    const { entries } = buildRun({ bootstrapFails: true, jobs: [{ id: "a", stage: "s" }] });
    const saying = (status: string, code: number): readonly string[] =>
      named(judgeEntries(entries, new Map([["summary.json", { status, exit_code: code }]])));
    expect(saying("failure", 1)).toEqual([]);
    expect(saying("cancelled", 143)).toEqual([]);
    expect(saying("success", 0)).toEqual([`status_mismatch ${PIPELINE}:3`]);
  });

  test.each([
    ["summary.json", `${PIPELINE}:5`],
    ["pipeline/summary.json", `${PIPELINE}:5`],
    ["pipeline/manifest.json", `${PIPELINE}:5`],
    ["../../receipts/loom-run-local-1.json", `${PIPELINE}:5`],
    ["jobs/a/summary.json", `${PIPELINE}:4`],
    ["jobs/a/manifest.json", `${PIPELINE}:4`],
    ["jobs/a/system/provider/summary.json", `${PROVIDER}:3`],
    ["jobs/a/user/execution/script/01/summary.json", `${STEP}:4`],
  ])("names the record that the status in %s disagrees with", (path, place) => {
    const documents = new Map([
      ...failing.documents,
      [path, { ...failing.documents.get(path), status: "cancelled" }],
    ]);
    expect(named(judgeEntries(failing.entries, documents))).toEqual([`status_mismatch ${place}`]);
  });

  test("names what a manifest says of jobs, steps and sections against their records", () => {
    const change = (path: string, fields: object): readonly string[] =>
      named(
        judgeEntries(
          failing.entries,
          new Map([...failing.documents, [path, { ...failing.documents.get(path), ...fields }]]),
        ),
      );
    const manifest = "pipeline/manifest.json";
    expect(change(manifest, { jobs: [{ job_id: "a", status: "success", blocking: true }] })).toEqual([
      `status_mismatch ${PIPELINE}:4`,
    ]);
    expect(change(manifest, { failed_job_ids: [], failing_job_id: undefined })).toEqual([
      `status_mismatch ${manifest}:0`,
    ]);
    const counts = { total: 1, success: 1, failed: 1, skipped: 0, cancelled: 0 };
    expect(change("pipeline/summary.json", { job_counts: counts })).toEqual([
      "status_mismatch pipeline/summary.json:0",
    ]);
    expect(change("jobs/a/summary.json", { blocking: false })).toEqual([]);
    expect(change("jobs/a/manifest.json", { steps: [{ step: 1, status: "success" }] })).toEqual([
      `status_mismatch ${STEP}:4`,
    ]);
    expect(change("jobs/a/manifest.json", { steps: [{ step: 2, status: "success" }] })).toEqual([
      "status_mismatch jobs/a/manifest.json:0",
    ]);
    expect(
      change("jobs/a/manifest.json", { system_sections: [{ section: "provider", status: "failed" }] }),
    ).toEqual([`status_mismatch ${PROVIDER}:3`]);
    expect(change("summary.json", { run_id: "loom-run-local-2" })).toEqual([
      "status_mismatch summary.json:0",
    ]);
  });
});

describe("status_mismatch of an exit code", () => {
  const manifest = "pipeline/manifest.json";
  const receipt = "../../receipts/loom-run-local-1.json";
  /** The messages about a run of which one document has other fields. */
  const change = (shape: RunShape, path: string, fields: object): readonly string[] => {
    const { entries, documents } = buildRun(shape);
    const changed = new Map([...documents, [path, { ...documents.get(path), ...fields }]]);
    return judgeEntries(entries, changed).violations.map(
      ({ code, message, stream_path: at, line }) => `${code} ${at}:${line} ${message}`,
    );
  };
  const failing: RunShape = { jobs: [{ id: "a", stage: "s", does: "failed", steps: 2 }] };
  const retried: RunShape = { jobs: [{ id: "a", stage: "s", attempts: 2 }] };
  const cancelled: RunShape = { jobs: [{ id: "a", stage: "s", does: "cancelled" }] };

  test("names the finish of the step that a step's summary or its job's manifest disagrees with", () => {
    const second = "jobs/a/user/execution/script/02";
    expect(change(failing, `${second}/summary.json`, { exit_code: 7 })).toEqual([
      `status_mismatch ${second}/events.jsonl:4 "${second}/summary.json" says exit code 7, but "step.script" (step 2) finished with exit code 12`,
    ]);
    expect(change(failing, `${second}/summary.json`, { exit_code: undefined })).toEqual([
      `status_mismatch ${second}/events.jsonl:4 "${second}/summary.json" says no exit code, but "step.script" (step 2) finished with exit code 12`,
    ]);
    const steps = [
      { step: 1, status: "success", exit_code: "0" },
      { step: 2, status: "failed", exit_code: 12 },
      { step: 3, status: "skipped", exit_code: 0 },
    ];
    expect(change(failing, "jobs/a/manifest.json", { steps })).toEqual([
      `status_mismatch jobs/a/manifest.json:0 "jobs/a/manifest.json" says exit code 0 of step 3, but it has no records`,
      `status_mismatch ${STEP}:4 "jobs/a/manifest.json" says exit code "0", but "step.script" (step 1) finished with exit code 0`,
    ]);
    expect(change(cancelled, "jobs/a/user/execution/script/01/summary.json", { exit_code: 143 })).toEqual([
      `status_mismatch ${STEP}:4 "jobs/a/user/execution/script/01/summary.json" says exit code 143, but "step.script" (step 1) finished with no exit code`,
    ]);
  });

  test("holds a step's summary against the attempt it is of", () => {
    const first = "jobs/a/user/execution/attempts/1/script/01";
    expect(change(retried, `${first}/summary.json`, { exit_code: 0 })).toEqual([
      `status_mismatch ${first}/events.jsonl:4 "${first}/summary.json" says exit code 0, but "step.script" (step 1) finished with exit code 11`,
    ]);
    expect(change(retried, "jobs/a/user/execution/script/01/summary.json", { exit_code: 11 })).toEqual([
      `status_mismatch ${STEP}:4 "jobs/a/user/execution/script/01/summary.json" says exit code 11, but "step.script" (step 1, attempt 2) finished with exit code 0`,
    ]);
  });

  test("names the end of a job that succeeded, failed without a step, or never ran", () => {
    const ended = `status_mismatch ${PIPELINE}:4 "jobs/a/summary.json" says`;
    expect(change(retried, "jobs/a/summary.json", { exit_code: 11 })).toEqual([
      `${ended} exit code 11 of the job "a", but it ended as success`,
    ]);
    expect(change(SIMPLE, "jobs/a/summary.json", { exit_code: undefined })).toEqual([
      `${ended} no exit code of the job "a", but it ended as success`,
    ]);
    const unprepared: RunShape = { jobs: [{ id: "a", stage: "s", does: "prepare_failed", attempts: 2 }] };
    expect(change(unprepared, "jobs/a/summary.json", { exit_code: 11 })).toEqual([
      `${ended} exit code 11 of the job "a", but none of its steps failed`,
    ]);
    const skipped: RunShape = { jobs: [{ id: "a", stage: "s", when: "on_failure" }] };
    expect(change(skipped, "jobs/a/summary.json", { exit_code: 0 })).toEqual([
      `status_mismatch ${PIPELINE}:2 "jobs/a/summary.json" says exit code 0 of the job "a", but it ended as skipped`,
    ]);
    expect(change(cancelled, "jobs/a/summary.json", { exit_code: 0 })).toEqual([
      `${ended} exit code 0 of the job "a", but it ended as cancelled`,
    ]);
    const { entries } = buildRun(cancelled);
    const killed = edit(entries, { path: STEP, event: "phase_finish" }, { exit_code: 143 });
    for (const exit_code of [143, undefined]) {
      const summary = { status: "cancelled", exit_code };
      expect(named(judgeEntries(killed, new Map([["jobs/a/summary.json", summary]])))).toEqual([]);
    }
  });

  test("names the finish of the failing step where a job's summary, the pipeline's manifest or the receipt disagrees", () => {
    const second = "jobs/a/user/execution/script/02/events.jsonl";
    const but = `of the job "a", but "step.script" (step 2) finished with exit code 12`;
    expect(change(failing, "jobs/a/summary.json", { exit_code: 1 })).toEqual([
      `status_mismatch ${second}:4 "jobs/a/summary.json" says exit code 1 ${but}`,
    ]);
    const jobs = [{ job_id: "a", status: "failed", exit_code: 0 }];
    expect(change(failing, manifest, { jobs })).toEqual([
      `status_mismatch ${second}:4 "${manifest}" says exit code 0 ${but}`,
    ]);
    const receipts = { status: "failure", exit_code: 1, executor_receipt: { concurrency: 1, jobs } };
    expect(change(failing, receipt, receipts)).toEqual([
      `status_mismatch ${second}:4 "${receipt}" says exit code 0 ${but}`,
    ]);
  });

  test.each(["summary.json", "pipeline/summary.json", receipt])(
    "names the end of the pipeline where the run's exit code in %s does not follow from its status",
    (path) => {
      const saying = (shape: RunShape, status: string, code: number | undefined): readonly string[] =>
        change(shape, path, { status, exit_code: code });
      const at = `status_mismatch ${PIPELINE}:5 "${path}" says`;
      expect(saying(SIMPLE, "success", 1)).toEqual([
        `${at} exit code 1, but a run that ends as success has 0`,
      ]);
      expect(saying(SIMPLE, "success", undefined)).toEqual([
        `${at} no exit code, but a run that ends as success has 0`,
      ]);
      expect(saying(failing, "failure", 12)).toEqual([
        `${at} exit code 12, but a run that ends as failure has 1`,
      ]);
      expect(saying(cancelled, "cancelled", 1)).toEqual([
        `${at} exit code 1, but a run that ends as cancelled has 129 or 130 or 143`,
      ]);
      for (const code of [129, 130, 143]) expect(saying(cancelled, "cancelled", code)).toEqual([]);
    },
  );

  test("says nothing of the code where the status already disagrees", () => {
    expect(change(SIMPLE, "summary.json", { status: "failure", exit_code: 1 })).toHaveLength(1);
    expect(change(SIMPLE, "jobs/a/summary.json", { status: "failed", exit_code: 1 })).toHaveLength(1);
  });
});

describe("status_mismatch of an absent document", () => {
  test("names it where the documents were looked for", () => {
    const { entries } = buildRun({ jobs: [{ id: "a", stage: "s", attempts: 2 }] });
    expect(named(judgeEntries(entries))).toEqual([]);
    const { violations } = judgeEntries(entries, new Map(), { documents: true });
    expect(violations.map(({ stream_path: path, scope, job_id: job }) => [path, scope, job])).toEqual([
      ["jobs/a/manifest.json", "job", "a"],
      ["jobs/a/summary.json", "job", "a"],
      ["jobs/a/system/cleanup/summary.json", "job", "a"],
      ["jobs/a/system/provider/summary.json", "job", "a"],
      ["jobs/a/user/execution/script/01/summary.json", "step", "a"],
      ["phase-report.json", "run", undefined],
      ["pipeline/manifest.json", "pipeline", undefined],
      ["pipeline/summary.json", "pipeline", undefined],
      ["summary.json", "run", undefined],
    ]);
    expect(violations[7]).toEqual({
      code: "status_mismatch",
      message: '"pipeline/summary.json" is missing although the run was finalized',
      stream_path: "pipeline/summary.json",
      line: 0,
      scope: "pipeline",
    });
  });

  test("asks for none of a section or step that never started", () => {
    const { entries } = buildRun(SIMPLE);
    const summariesOf = (left: readonly Entry[]): readonly string[] =>
      named(judgeEntries(left, new Map(), { documents: true })).filter((name) =>
        name.endsWith("summary.json:0"),
      );
    const all = summariesOf(entries);
    for (const path of [PROVIDER, STEP]) {
      const summary = `status_mismatch ${path.replace("events.jsonl", "summary.json")}:0`;
      expect(all).toContain(summary);
      expect(summariesOf(without(entries, { path, event: "phase_start" }))).toEqual(
        all.filter((name) => name !== summary),
      );
    }
  });

  test("asks for none of a section of an attempt that another one replaced", () => {
    const { entries, documents } = buildRun({ jobs: [{ id: "a", stage: "s", attempts: 2 }] });
    const aside = entries.map(({ path, event }) => ({
      path: path === PROVIDER && event["attempt"] !== 2 ? PROVIDER.replace("/a/", "/a/attempts/1/") : path,
      event,
    }));
    expect(new Set(aside.map(({ path }) => path))).toContain(
      "jobs/a/attempts/1/system/provider/events.jsonl",
    );
    expect(named(judgeEntries(aside, documents, { documents: true }))).toEqual([]);
  });

  test("asks for nothing before run.finalize has finished", () => {
    const { entries } = buildRun(SIMPLE);
    const report = judgeEntries(entries.slice(0, -1), new Map(), { documents: true });
    expect(named(report)).toEqual(["missing_finish events.jsonl:6"]);
  });
});

describe("unknown_phase and unknown_event", () => {
  const { entries } = buildRun(SIMPLE);
  const start = { path: JOB, event: "phase_start", phase_code: "job.execution" };

  test.each([
    ["a code", { phase_code: "toString" }],
    ["a scope", { scope: "run" }],
    ["a family", { phase_family: "cache" }],
  ])("name %s that is not in the vocabulary", (_, fields) => {
    expect(named(judgeEntries(edit(entries, start, fields)))).toContain(`unknown_phase ${JOB}:3`);
  });

  test("name a section that is not one of its phase", () => {
    const section = { path: PROVIDER, event: "phase_start" };
    expect(named(judgeEntries(edit(entries, section, { section: "cleanup" })))).toEqual([
      `unknown_phase ${PROVIDER}:1`,
      `missing_start ${PROVIDER}:3`,
    ]);
  });

  test("name an event and a version that are not in the vocabulary", () => {
    const log = { path: PROVIDER, event: "log" };
    expect(named(judgeEntries(edit(entries, log, { event: "note" })))).toEqual([
      `unknown_event ${PROVIDER}:2`,
    ]);
    const section = { path: PROVIDER, event: "phase_start" };
    expect(named(judgeEntries(edit(entries, section, { schema_version: "v3" })))).toContain(
      `unknown_event ${PROVIDER}:1`,
    );
  });
});

describe("bad_sequence", () => {
  const lines = render(buildRun(SIMPLE).entries);
  const change = (path: string, alter: (lines: string[]) => void): readonly string[] => {
    const changed = structuredClone(lines);
    alter(changed.get(path) ?? []);
    return named(judgeText(textOf(changed)));
  };

  test("names a repeated record", () => {
    expect(change(STEP, (each) => each.splice(1, 0, each[1] ?? ""))).toEqual([`bad_sequence ${STEP}:3`]);
    expect(change(MIRROR, (each) => each.push(each.at(-1) ?? ""))).toEqual([`bad_sequence ${MIRROR}:5`]);
  });

  test("names a number that two streams have", () => {
    const stolen = seqOf(lines.get(STEP)?.[1]);
    const report = change(PROVIDER, (each) =>
      each.splice(1, 1, each[1]?.replace(/"seq":\d+/, `"seq":${stolen}`) ?? ""),
    );
    expect(report).toEqual([
      `bad_sequence ${PROVIDER}:3`,
      `bad_sequence ${PROVIDER}:3`,
      `bad_sequence ${STEP}:2`,
    ]);
  });

  test("names a missing number at the next boundary, also one of output", () => {
    expect(change(STEP, (each) => each.splice(1, 1))).toEqual([`bad_sequence ${STEP}:3`]);
    expect(change(PROVIDER, (each) => each.splice(1, 1))).toEqual([`bad_sequence ${PROVIDER}:2`]);
  });

  test("names a decreasing number", () => {
    expect(change(STEP, (each) => each.splice(1, 2, each[2] ?? "", each[1] ?? ""))).toEqual([
      `bad_sequence ${STEP}:3`,
    ]);
  });

  test.each(["0", "-1", "1.5", "1e300", '"2"', "null", "[]"])("names a number that is none: %s", (word) => {
    const report = change(PROVIDER, (each) =>
      each.splice(1, 1, each[1]?.replace(/"seq":\d+/, `"seq":${word}`) ?? ""),
    );
    expect(report).toEqual([`bad_sequence ${PROVIDER}:2`, `bad_sequence ${PROVIDER}:3`]);
  });

  test("names a mirror that differs, is missing, or mirrors nothing", () => {
    expect(change(MIRROR, (each) => each.splice(3, 1, each[3]?.replace("success", "failed") ?? ""))).toEqual([
      `bad_sequence ${MIRROR}:4`,
    ]);
    expect(change(MIRROR, (each) => each.splice(0, 1))).toEqual([`bad_sequence ${JOB}:3`]);
    expect(change(MIRROR, (each) => each.splice(0))).toHaveLength(4);
    expect(change(STEP, (each) => each.splice(-1, 1))).toEqual([
      `bad_sequence ${MIRROR}:3`,
      `missing_finish ${STEP}:1`,
    ]);
  });

  test("names numbers too scattered to be those of a run, in bounded memory", () => {
    const validator = createPhaseValidator();
    for (let index = 1; index <= 70_000; index++) {
      validator.outputLines("jobs/a/system/provider/events.jsonl", index, {
        firstSeq: index * 1_000_000,
        count: 1,
      });
    }
    const found = told(validator.report(CHECKED_AT)).filter((line) => line.startsWith("bad_sequence"));
    expect(found).toEqual([
      "bad_sequence events.jsonl:0 [run] The sequence numbers are too scattered to be those of one run",
    ]);
  });
});

describe("malformed_line and truncated_stream", () => {
  const lines = render(buildRun(SIMPLE).entries);
  const withLine = (path: string, index: number, line: string): readonly string[] => {
    const changed = structuredClone(lines);
    changed.get(path)?.splice(index, 1, line);
    return named(judgeText(textOf(changed)));
  };

  test.each(["", "{", "null", "[1]", "7", '"text"', "\u{0}", '{"seq":1e'])(
    "name a line that is no record: %j",
    (line) => {
      expect(withLine(PROVIDER, 1, line)).toEqual([
        `malformed_line ${PROVIDER}:2`,
        `bad_sequence ${PROVIDER}:3`,
      ]);
    },
  );

  test.each([
    ["a status", /"status":"success"/, '"status":"fine"'],
    ["a duration", /"duration_ms":1/, '"duration_ms":-1'],
    ["a time", /"ts":"[^"]+"/, '"ts":"yesterday"'],
    ["a run", /"run_id":"[^"]+"/, '"run_id":"loom-run-local-7"'],
    ["no run", /"run_id":"[^"]+",/, ""],
    ["an attempt", /"section"/, '"attempt":0.5,"section"'],
  ])("name a boundary with %s that cannot be", (_, from, to) => {
    const line = lines.get(PROVIDER)?.[2]?.replace(from, to) ?? "";
    expect(withLine(PROVIDER, 2, line)).toEqual([
      `missing_finish ${PROVIDER}:1`,
      `malformed_line ${PROVIDER}:3`,
    ]);
  });

  test("name a line of output that was torn", () => {
    const output = lines.get(STEP)?.[1] ?? "";
    expect(withLine(STEP, 1, output.slice(0, -5))).toEqual([
      `malformed_line ${STEP}:2`,
      `bad_sequence ${STEP}:4`,
    ]);
  });

  test("name a last line without a newline, whether or not it is whole", () => {
    const text = textOf(lines);
    const whole = text.get("events.jsonl") ?? "";
    text.set("events.jsonl", whole.slice(0, -1));
    expect(named(judgeText(text))).toEqual(["truncated_stream events.jsonl:7"]);
    text.set("events.jsonl", whole.slice(0, -20));
    expect(named(judgeText(text))).toEqual([
      "missing_finish events.jsonl:6",
      "truncated_stream events.jsonl:7",
    ]);
  });
});

test("report() keeps 500 violations of one code and counts the rest", () => {
  const validator = createPhaseValidator();
  for (let line = 1; line <= 2000; line++) validator.malformed("events.jsonl", line, "is not JSON");
  validator.streamEnd("pipeline/events.jsonl", 3, 1);
  const { violations } = validator.report(CHECKED_AT);
  expect(violations.filter(({ code }) => code === "malformed_line")).toHaveLength(500);
  expect(violations.find(({ line }) => line === 500)?.message).toBe(
    "This line is not JSON (and 1500 more of this code, not listed)",
  );
  expect(violations.map(({ code }) => code)).toContain("truncated_stream");
});

test("report() lists sections and steps only when asked for, and answers the same twice", () => {
  const run = buildRun(RICH_SHAPE);
  const streams = textOf(render(run.entries));
  const brief = judgeText(streams);
  expect(brief.phases.every(({ section, step }) => section === undefined && step === undefined)).toBe(true);
  const full = judgeText(streams, { full: true });
  const step = full.phases.find(({ scope, job_id: job }) => scope === "step" && job === "unit");
  expect(step).toMatchInlineSnapshot(`
    {
      "duration_ms": 1,
      "finished_at": "2026-01-01T00:00:00.089Z",
      "job_id": "unit",
      "phase_code": "step.script",
      "phase_family": "step",
      "required": false,
      "scope": "step",
      "started_at": "2026-01-01T00:00:00.086Z",
      "status": "failed",
      "step": 1,
      "stream_path": "jobs/unit/user/execution/attempts/1/script/01/events.jsonl",
    }
  `);
  const validator = createPhaseValidator();
  validator.malformed("events.jsonl", 1, "is not JSON");
  expect(validator.report(CHECKED_AT)).toEqual(validator.report(CHECKED_AT));
});

function seqOf(line: string | undefined): number {
  return (JSON.parse(line ?? "{}") as { seq: number }).seq;
}

describe("an attempt that goes on from a step", () => {
  const held: RunShape = {
    jobs: [{ id: "a", stage: "s", attempts: 2, steps: 2, optional: true, resumes: true }],
  };
  const isResumed = ({ event }: Entry): boolean => event["from_step"] !== undefined;
  const say = (entries: readonly Entry[]): readonly string[] =>
    judgeEntries(entries).violations.map(({ code, message }) => `${code} ${message}`);
  const changed = (change: (entry: Entry) => Entry): readonly string[] =>
    say(buildRun(held).entries.map((entry) => change(entry)));

  test("begins where the one before it failed", () => {
    expect(changed((entry) => (isResumed(entry) ? edited(entry, { from_step: 1 }) : entry))).toContain(
      'status_mismatch "job.execution" (attempt 2) begins at step 1, but that step did not fail the attempt before it',
    );
  });

  test("follows one whose execution failed", () => {
    const succeeds = ({ event }: Entry): boolean =>
      event["phase_code"] === "job.execution" &&
      event["attempt"] === undefined &&
      event["status"] !== undefined;
    expect(changed((entry) => (succeeds(entry) ? edited(entry, { status: "success" }) : entry))).toContain(
      'status_mismatch "job.execution" (attempt 2) begins at step 2, but the attempt before it is success',
    );
  });

  test("is not set up, and what it goes on with was not closed", () => {
    const { entries } = buildRun(held);
    const index = entries.findIndex(isResumed);
    const extra = (code: string, attempt: number | undefined): readonly Entry[] =>
      (["phase_start", "phase_finish"] as const).map((event) =>
        edited(entries[index], {
          event,
          phase_code: code,
          phase_family: code === "job.artifact_save" ? "artifact" : "provider",
          from_step: undefined,
          attempt,
          ...(event === "phase_finish" && { status: "success", duration_ms: 1 }),
        }),
      );
    expect(say(spliced(entries, index, { insert: extra("job.provider_prepare", 2) }))).toContain(
      'status_mismatch "job.execution" (attempt 2) begins at step 2, but "job.provider_prepare" (attempt 2) came before that',
    );
    expect(say(spliced(entries, index, { insert: extra("job.artifact_save", undefined) }))).toContain(
      'status_mismatch "job.execution" (attempt 2) begins at step 2, but "job.artifact_save" came after that step failed',
    );
  });

  test("is no first one, and no other phase", () => {
    const first = ({ event }: Entry): boolean =>
      event["event"] === "phase_start" && event["phase_code"] === "job.execution";
    expect(
      changed((entry) => (first(entry) && !isResumed(entry) ? edited(entry, { from_step: 1 }) : entry))[0],
    ).toMatch(
      /^malformed_line This line has "from_step" 1, which only a later attempt at "job\.execution" may have/u,
    );
  });

  test("keeps the steps before it, which its manifest says", () => {
    const { entries, documents } = buildRun(held);
    const manifest = { ...documents.get("jobs/a/manifest.json") };
    const [first, ...others] = manifest["steps"] as readonly object[];
    const judged = (step: object): readonly string[] =>
      judgeEntries(
        entries,
        new Map([...documents, ["jobs/a/manifest.json", { ...manifest, steps: [step, ...others] }]]),
        {
          documents: true,
        },
      ).violations.map(({ code, message }) => `${code} ${message}`);
    expect(judged({ ...first })).toEqual([]);
    expect(judged({ ...first, kept_from_attempt: undefined })).toContain(
      'broken_pointer "jobs/a/manifest.json" says that step 1 is kept from attempt (none), it is of attempt 1',
    );
  });
});
