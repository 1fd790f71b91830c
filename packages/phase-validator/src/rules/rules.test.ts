import { describe, expect, test } from "vitest";
import {
  buildRun,
  render,
  RICH_SHAPE,
  type BuiltRun,
  type Entry,
  type RunShape,
} from "../../test/build-run.ts";
import { edit, find, moveBefore, swap, twice, without, type Which } from "../../test/edit-entries.ts";
import { CHECKED_AT, judgeEntries, judgeText, named, textOf, told } from "../../test/judge-run.ts";
import { spliced } from "../../test/spliced.ts";
import { createPhaseValidator } from "../index.ts";

const RUN = "events.jsonl";
const PIPELINE = "pipeline/events.jsonl";
const JOB = "jobs/a/events.jsonl";
const STEP = "jobs/a/user/execution/script/01/events.jsonl";
const MIRROR = "jobs/a/user/execution/events.jsonl";
const PROVIDER = "jobs/a/system/provider/events.jsonl";

const simple = buildRun({ jobs: [{ id: "a", stage: "s" }] });
const failing = buildRun({ jobs: [{ id: "a", stage: "s", does: "failed" }] });
const retried = buildRun({ jobs: [{ id: "a", stage: "s", attempts: 2, steps: 2 }] });

const at = (path: string, event: string, fields: Entry["event"] = {}): Which => ({ path, event, ...fields });
const say = (entries: readonly Entry[], documents?: BuiltRun["documents"]): readonly string[] =>
  told(judgeEntries(entries, documents));

test("the rules on boundaries tell which is missing, comes twice or first", () => {
  expect([
    ...say(without(simple.entries, at(RUN, "phase_start", { phase_code: "run.finalize" }))),
    ...say(simple.entries.filter(({ event }) => event["phase_code"] !== "run.bootstrap")),
    ...say(without(simple.entries, at(PIPELINE, "phase_finish"))),
    ...say(without(simple.entries, at(JOB, "phase_start", { phase_code: "job.cleanup" }))),
    ...say(without(retried.entries, at(JOB, "phase_finish", { phase_code: "job.execution", attempt: 2 }))),
    ...say(without(retried.entries, at(STEP, "phase_finish"))),
    ...say(without(simple.entries, at(PROVIDER, "phase_start"))),
    ...say(simple.entries.filter(({ event }) => event["phase_code"] !== "pipeline.execute")),
    ...say(twice(simple.entries, at(JOB, "phase_start"))),
    ...say(twice(retried.entries, at(STEP, "phase_finish"))),
    ...say(swap(simple.entries, at(PROVIDER, "phase_start"), at(PROVIDER, "phase_finish"))),
  ]).toMatchInlineSnapshot(`
    [
      "missing_start events.jsonl:6 [run, run.finalize] "run.finalize" has no start",
      "missing_finish events.jsonl:0 [run, run.bootstrap] "run.bootstrap" has no finish",
      "missing_start events.jsonl:0 [run, run.bootstrap] "run.bootstrap" has no start",
      "missing_finish pipeline/events.jsonl:1 [pipeline, pipeline.execute] "pipeline.execute" has no finish",
      "missing_start jobs/a/events.jsonl:5 [job, job.cleanup, job a] "job.cleanup" has no start in the job "a"",
      "missing_finish jobs/a/events.jsonl:7 [job, job.execution, job a] "job.execution" has no finish in the job "a"",
      "missing_finish jobs/a/user/execution/script/01/events.jsonl:1 [step, step.script, job a] "step.script" (step 1, attempt 2) has no finish",
      "missing_start jobs/a/system/provider/events.jsonl:2 [job, job.provider_prepare, job a] "job.provider_prepare" (section provider) has no start",
      "missing_finish pipeline/events.jsonl:0 [pipeline, pipeline.execute] "pipeline.execute" has no finish",
      "missing_start pipeline/events.jsonl:0 [pipeline, pipeline.execute] "pipeline.execute" has no start",
      "duplicate_start jobs/a/events.jsonl:2 [job, job.provider_prepare, job a] "job.provider_prepare" has started before",
      "duplicate_finish jobs/a/user/execution/script/01/events.jsonl:5 [step, step.script, job a] "step.script" (step 1, attempt 2) has finished before",
      "finish_before_start jobs/a/system/provider/events.jsonl:1 [job, job.provider_prepare, job a] "job.provider_prepare" (section provider) finishes with the sequence number 9, before it starts with 11",
    ]
  `);
});

test("report() asks of a job that was said to run for the phases of an attempt, though it has none", () => {
  const idle = simple.entries.filter(
    ({ path, event }) => !path.startsWith("jobs/") || event["phase_code"] === "job.cleanup",
  );
  const { missing } = judgeEntries(idle).coverage;
  expect(missing.map(({ phase_code: code, boundary }) => `${code} ${boundary}`)).toEqual([
    "job.provider_prepare start",
    "job.provider_prepare finish",
    "job.execution start",
    "job.execution finish",
  ]);
});

test("the rules on boundaries tell of an optional phase what is missing of it, once it is there", () => {
  const { entries } = buildRun({ jobs: [{ id: "a", stage: "s", optional: true }] });
  const restore = { phase_code: "job.cache_restore" };
  expect([
    ...say(without(entries, at(JOB, "phase_start", restore))),
    ...say(without(entries, at(JOB, "phase_finish", restore))),
  ]).toMatchInlineSnapshot(`
    [
      "missing_start jobs/a/events.jsonl:3 [job, job.cache_restore, job a] "job.cache_restore" has no start",
      "missing_finish jobs/a/events.jsonl:3 [job, job.cache_restore, job a] "job.cache_restore" has no finish",
    ]
  `);
  const { phases } = judgeEntries(entries);
  const optional = phases.filter(({ required }) => !required).map(({ phase_code: code }) => code);
  expect(optional).toEqual([
    "job.cache_restore",
    "job.artifact_restore",
    "job.artifact_save",
    "job.cache_save",
  ]);
});

describe("the rules on single steps", () => {
  const first = at(STEP, "phase_finish");
  const second = at(STEP.replace("/01/", "/02/"), "phase_finish");
  const failedFirst = { status: "failed", exit_code: 7 };

  /** The records of a run of three steps, whose graph says more of these. */
  function stepping(
    step_options: readonly object[],
    shape: Partial<RunShape["jobs"][number]> = {},
  ): readonly Entry[] {
    const { entries, graph } = buildRun({ jobs: [{ id: "a", stage: "s", steps: 3, ...shape }] });
    const nodes = graph.nodes.map((node) => ({ ...node, step_options }));
    return edit(entries, at(RUN, "log"), { graph_ir: { ...graph, nodes } });
  }

  test("find nothing where a step that may fail failed and is marked, and one without its condition is not there", () => {
    const mayFail = stepping([{ step: 1, allow_failure: { exit_codes: [6, 7] } }]);
    expect(say(edit(mayFail, first, { ...failedFirst, tolerated: true }))).toEqual([]);
    const leftOut = stepping([{ step: 1, withheld: true }]);
    expect(say(leftOut.filter(({ path }) => path !== STEP))).toEqual([]);
  });

  test("tell of a step that ran though its condition does not hold", () => {
    expect(say(stepping([{ step: 2, withheld: true }]))).toMatchInlineSnapshot(`
      [
        "status_mismatch jobs/a/user/execution/script/02/events.jsonl:4 [step, step.script, job a] "step.script" (step 2) ran, but its condition does not hold",
      ]
    `);
  });

  test("tell of a mark that is not due: of a step that may not fail, or not like that, or did not", () => {
    const marked = { ...failedFirst, tolerated: true };
    expect([
      ...say(edit(stepping([]), first, marked)),
      ...say(edit(stepping([{ step: 2, allow_failure: true }]), first, marked)),
      ...say(edit(stepping([{ step: 1, allow_failure: { exit_codes: [8] } }]), first, marked)),
      ...say(edit(stepping([{ step: 1, allow_failure: true }]), first, { tolerated: true })),
    ]).toMatchInlineSnapshot(`
      [
        "status_mismatch jobs/a/user/execution/script/01/events.jsonl:4 [step, step.script, job a] "step.script" (step 1) says that the job goes on after it, but it may not fail like that",
        "status_mismatch jobs/a/user/execution/script/01/events.jsonl:4 [step, step.script, job a] "step.script" (step 1) says that the job goes on after it, but it may not fail like that",
        "status_mismatch jobs/a/user/execution/script/01/events.jsonl:4 [step, step.script, job a] "step.script" (step 1) says that the job goes on after it, but it may not fail like that",
        "status_mismatch jobs/a/user/execution/script/01/events.jsonl:4 [step, step.script, job a] "step.script" (step 1) says that the job goes on after it, but it may not fail like that",
      ]
    `);
  });

  test("tell of a mark that is missing, whether the job passed or another step failed it", () => {
    const options = [{ step: 1, allow_failure: true }];
    const failed = stepping(options, { does: "failed" });
    const twoFailed = edit(failed, first, failedFirst);
    expect([...say(edit(stepping(options), first, failedFirst)), ...say(twoFailed)]).toMatchInlineSnapshot(`
      [
        "status_mismatch jobs/a/events.jsonl:4 [job, job.execution, job a] "job.execution" says success, but "step.script" (step 1) in it failed",
        "status_mismatch jobs/a/user/execution/script/02/events.jsonl:4 [step, step.script, job a] "step.script" (step 2) ran, though step 1 before it failed the job",
      ]
    `);
    expect(say(edit(twoFailed, first, { tolerated: true }))).toEqual([]);
    // What the graph does not tell of, it does not forbid.
    expect(say(twoFailed.filter(({ event }) => event["graph_ir"] === undefined))).toEqual([]);
    expect(say(edit(failed, second, { ...failedFirst, tolerated: true }))).toHaveLength(1);
  });
});

test("the rules on order and nesting tell what comes before or after what", () => {
  const prepare = at(JOB, "phase_start", { phase_code: "job.provider_prepare" });
  const finalize = at(RUN, "phase_start", { phase_code: "run.finalize" });
  const second = STEP.replace("/01/", "/02/");
  const bootstrapped = at(RUN, "phase_finish", { phase_code: "run.bootstrap" });
  expect([
    ...say(
      swap(simple.entries, bootstrapped, at(RUN, "phase_start", { phase_code: "run.pipeline_execute" })),
    ),
    ...say(swap(simple.entries, at(RUN, "phase_finish", { phase_code: "run.pipeline_execute" }), finalize)),
    ...say(swap(retried.entries, at(STEP, "phase_finish"), at(second, "phase_start"))),
    ...say(moveBefore(simple.entries, prepare, at(PIPELINE, "phase_start"))),
    ...say(
      moveBefore(
        simple.entries,
        at(PIPELINE, "phase_finish"),
        at(JOB, "phase_finish", { phase_code: "job.cleanup" }),
      ),
    ),
    ...say(moveBefore(simple.entries, at(PROVIDER, "phase_start"), prepare)),
    ...say(
      moveBefore(
        simple.entries,
        at(JOB, "phase_finish", { phase_code: "job.execution" }),
        at(STEP, "phase_finish"),
      ),
    ),
    ...say(moveBefore(simple.entries, finalize, at(PIPELINE, "phase_finish"))),
    ...say(
      simple.entries.filter(({ path, event }) => path !== JOB || event["phase_code"] !== "job.execution"),
    ),
    ...say([...simple.entries, { path: PROVIDER, event: { event: "log", level: "info", message: "Late" } }]),
    ...say([...simple.entries, { path: RUN, event: { event: "log", level: "info", message: "Late" } }]),
  ]).toMatchInlineSnapshot(`
    [
      "out_of_order events.jsonl:3 [run, run.pipeline_execute] "run.pipeline_execute" comes before the end of "run.bootstrap"",
      "out_of_order events.jsonl:5 [run, run.finalize] "run.finalize" comes before the end of "run.pipeline_execute"",
      "out_of_order jobs/a/user/execution/script/02/events.jsonl:1 [step, step.script, job a] "step.script" (step 2, attempt 2) comes before the end of "step.script" (step 1, attempt 2)",
      "outside_parent jobs/a/events.jsonl:1 [job, job.provider_prepare, job a] "job.provider_prepare" starts before "pipeline.execute"",
      "outside_parent jobs/a/events.jsonl:6 [job, job.cleanup, job a] "job.cleanup" finishes after "pipeline.execute"",
      "outside_parent pipeline/events.jsonl:5 [job, job a] A state of the job "a" comes after "pipeline.execute"",
      "outside_parent jobs/a/system/provider/events.jsonl:1 [job, job.provider_prepare, job a] "job.provider_prepare" (section provider) starts before "job.provider_prepare"",
      "outside_parent jobs/a/user/execution/script/01/events.jsonl:4 [step, step.script, job a] "step.script" (step 1) finishes after "job.execution"",
      "out_of_order events.jsonl:5 [run, run.finalize] "run.finalize" comes before the end of "run.pipeline_execute"",
      "outside_parent events.jsonl:5 [run, run.finalize] "run.finalize" comes before the end of "pipeline.execute"",
      "missing_finish jobs/a/events.jsonl:0 [job, job.execution, job a] "job.execution" has no finish in the job "a"",
      "missing_start jobs/a/events.jsonl:0 [job, job.execution, job a] "job.execution" has no start in the job "a"",
      "outside_parent jobs/a/user/execution/script/01/events.jsonl:1 [step, step.script, job a] "step.script" (step 1) has no "job.execution" around it",
      "outside_parent jobs/a/system/provider/events.jsonl:4 [job, job a] This record comes after the finish of "run.finalize", which is the last of a run",
      "outside_parent events.jsonl:8 [run] This record comes after the finish of "run.finalize", which is the last of a run",
    ]
  `);
});

test("the rules on order and nesting tell it of a phase of which one boundary is missing", () => {
  const prepare = at(JOB, "phase_start", { phase_code: "job.provider_prepare" });
  const prepared = at(JOB, "phase_finish", { phase_code: "job.provider_prepare" });
  const [opens, closes] = [at(PROVIDER, "phase_start"), at(PROVIDER, "phase_finish")];
  const finalize = at(RUN, "phase_start", { phase_code: "run.finalize" });
  const finalized = at(RUN, "phase_finish", { phase_code: "run.finalize" });
  const outer = at(RUN, "phase_finish", { phase_code: "run.pipeline_execute" });
  const lateEnd = (entries: readonly Entry[]): readonly Entry[] => moveBefore(entries, prepared, opens);
  const unended = without(simple.entries, at(PIPELINE, "phase_finish"));
  expect([
    ...say(moveBefore(without(simple.entries, opens), closes, prepare)),
    ...say(lateEnd(without(simple.entries, closes))),
    ...say(lateEnd(simple.entries)),
    ...say(moveBefore(simple.entries, finalized, outer)),
    ...say(moveBefore(unended, finalize, at(PIPELINE, "phase_start"))),
    ...say(without(simple.entries, outer)),
  ]).toMatchInlineSnapshot(`
    [
      "missing_start jobs/a/system/provider/events.jsonl:1 [job, job.provider_prepare, job a] "job.provider_prepare" (section provider) has no start",
      "outside_parent jobs/a/system/provider/events.jsonl:1 [job, job.provider_prepare, job a] "job.provider_prepare" (section provider) finishes before "job.provider_prepare"",
      "missing_finish jobs/a/system/provider/events.jsonl:1 [job, job.provider_prepare, job a] "job.provider_prepare" (section provider) has no finish",
      "outside_parent jobs/a/system/provider/events.jsonl:1 [job, job.provider_prepare, job a] "job.provider_prepare" (section provider) starts after "job.provider_prepare"",
      "outside_parent jobs/a/system/provider/events.jsonl:1 [job, job.provider_prepare, job a] "job.provider_prepare" (section provider) starts after "job.provider_prepare"",
      "finish_before_start events.jsonl:5 [run, run.finalize] "run.finalize" finishes with the sequence number 26, before it starts with 28",
      "out_of_order events.jsonl:5 [run, run.finalize] "run.finalize" comes before the end of "run.pipeline_execute"",
      "outside_parent events.jsonl:7 [run] This record comes after the finish of "run.finalize", which is the last of a run",
      "out_of_order events.jsonl:5 [run, run.finalize] "run.finalize" comes before the end of "run.pipeline_execute"",
      "outside_parent events.jsonl:5 [run, run.finalize] "run.finalize" comes before the end of "pipeline.execute"",
      "missing_finish pipeline/events.jsonl:1 [pipeline, pipeline.execute] "pipeline.execute" has no finish",
      "missing_finish events.jsonl:4 [run, run.pipeline_execute] "run.pipeline_execute" has no finish",
    ]
  `);
});

test("no rule on order or nesting says anything of a run of which the numbers are none", () => {
  const { entries } = simple;
  const unnumbered = entries.map(({ path, event }) => ({ path, event: { ...event, seq: "x" } }));
  expect(say(unnumbered).filter((line) => !line.startsWith("bad_sequence"))).toEqual([]);
});

test("the rules on states tell what a job cannot have done", () => {
  const end = at(PIPELINE, "job_state", { to: "success" });
  const two = buildRun({
    jobs: [
      { id: "a", stage: "s" },
      { id: "b", stage: "s" },
    ],
  });
  expect([
    ...say(without(simple.entries, at(PIPELINE, "job_state", { to: "running" }))),
    ...say(edit(simple.entries, at(PIPELINE, "job_state", { to: "ready" }), { from: "success" })),
    ...say(without(simple.entries, end)),
    ...say(twice(simple.entries, end)),
    ...say(simple.entries.filter(({ event }) => event["event"] !== "job_state" || event["to"] === "success")),
    ...say(simple.entries.filter(({ event }) => event["event"] !== "job_state")),
    ...say(
      moveBefore(simple.entries, at(PIPELINE, "job_state", { to: "ready" }), at(PIPELINE, "phase_start")),
    ),
    ...say(swap(simple.entries, end, at(PIPELINE, "phase_finish"))),
    ...told(judgeText(textOf(render(simple.entries)), { graph: two.graph })),
  ]).toMatchInlineSnapshot(`
    [
      "out_of_order jobs/a/events.jsonl:1 [job, job.provider_prepare, job a] "job.provider_prepare" took place in the job "a", which was never recorded as running",
      "out_of_order pipeline/events.jsonl:3 [job, job a] The job "a" cannot go from ready to success here",
      "out_of_order pipeline/events.jsonl:2 [job, job a] The job "a" cannot go from success to ready here",
      "missing_finish pipeline/events.jsonl:3 [job, job a] The job "a" never ended: its last state is running",
      "duplicate_finish pipeline/events.jsonl:5 [job, job a] The job "a" had already ended",
      "out_of_order jobs/a/events.jsonl:1 [job, job.provider_prepare, job a] "job.provider_prepare" took place in the job "a", which was never recorded as running",
      "out_of_order pipeline/events.jsonl:2 [job, job a] The job "a" was never said to run",
      "missing_start pipeline/events.jsonl:0 [job, job a] No record has the state of the job "a"",
      "outside_parent pipeline/events.jsonl:1 [job, job a] A state of the job "a" comes before "pipeline.execute"",
      "outside_parent pipeline/events.jsonl:5 [job, job a] A state of the job "a" comes after "pipeline.execute"",
      "missing_finish jobs/b/events.jsonl:0 [job, job.cleanup, job b] "job.cleanup" has no finish in the job "b"",
      "missing_start jobs/b/events.jsonl:0 [job, job.cleanup, job b] "job.cleanup" has no start in the job "b"",
      "missing_start pipeline/events.jsonl:0 [job, job b] No record has the state of the job "b"",
    ]
  `);
});

describe("a number that two records share is held against neither by the rules on order", () => {
  const start = (path: string, code?: string): Which =>
    at(path, "phase_start", code === undefined ? {} : { phase_code: code });
  const finish = (path: string, code?: string): Which => ({ ...start(path, code), event: "phase_finish" });
  const prepare = "job.provider_prepare";
  const finalize = start(RUN, "run.finalize");
  const outer = finish(RUN, "run.pipeline_execute");

  test.each<[string, readonly (readonly [Which, Which])[]]>([
    ["a start and its finish", [[finish(PROVIDER), start(PROVIDER)]]],
    ["a finish and the next start", [[finalize, outer]]],
    ["phases of a job", [[start(JOB, "job.execution"), finish(JOB, prepare)]]],
    [
      "the end of the pipeline and run.finalize",
      [
        [finalize, finish(PIPELINE)],
        [outer, finish(PIPELINE)],
      ],
    ],
    ["the start of the pipeline and of a job", [[start(JOB, prepare), start(PIPELINE)]]],
    [
      "the start of the pipeline and a state",
      [[at(PIPELINE, "job_state", { to: "ready" }), start(PIPELINE)]],
    ],
    ["the end of the pipeline and of a job", [[finish(JOB, "job.cleanup"), finish(PIPELINE)]]],
    [
      "the end of the pipeline and a state",
      [[at(PIPELINE, "job_state", { to: "success" }), finish(PIPELINE)]],
    ],
    ["the starts of a section and its phase", [[start(PROVIDER), start(JOB, prepare)]]],
    ["the ends of a section and its phase", [[finish(PROVIDER), finish(JOB, prepare)]]],
    [
      "a section and the start of its phase",
      [
        [start(PROVIDER), start(JOB, prepare)],
        [finish(PROVIDER), start(JOB, prepare)],
      ],
    ],
    [
      "a section and the end of its phase",
      [
        [start(PROVIDER), finish(JOB, prepare)],
        [finish(PROVIDER), finish(JOB, prepare)],
      ],
    ],
  ])("%s", (_, pairs) => {
    let { entries } = simple;
    for (const [one, other] of pairs) entries = edit(entries, one, { seq: find(simple.entries, other) + 1 });
    const found = say(entries);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((line) => !line.startsWith("bad_sequence"))).toEqual([]);
  });
});

test("judgeOrder() names the first of the phases that end with one number", () => {
  const first = finishOf("run.bootstrap");
  const open = without(simple.entries, finishOf("run.pipeline_execute"));
  const second = at(RUN, "phase_start", { phase_code: "run.pipeline_execute" });
  const early = edit(open, at(RUN, "phase_start", { phase_code: "run.finalize" }), { seq: 1 });
  const found = say(edit(early, second, { seq: find(simple.entries, first) + 1 }));
  expect(found.filter((line) => line.startsWith("out_of_order"))).toEqual([
    `out_of_order ${RUN}:5 [run, run.finalize] "run.finalize" comes before the end of "run.bootstrap"`,
  ]);
  const unstarted = without(simple.entries, at(RUN, "phase_start", { phase_code: "run.finalize" }));
  const seq = find(unstarted, finishOf("run.pipeline_execute")) + 1;
  const together = say(edit(unstarted, finishOf("run.finalize"), { seq }));
  expect(together.filter((line) => !/^(?:bad_sequence|missing_start)/.test(line))).toEqual([]);
});

function finishOf(code: string): Which {
  return at(RUN, "phase_finish", { phase_code: code });
}

describe("judgeGates()", () => {
  const stages = ["s", "t", "u"];
  /** What is said of a run when it is held against the gates of another. */
  const against = (shape: RunShape, gates: RunShape): readonly string[] =>
    told(
      judgeText(textOf(render(buildRun({ stages, ...shape }).entries)), {
        graph: buildRun({ stages, ...gates }).graph,
      }),
    );

  test("tells which gate was closed", () => {
    const b = { id: "b", stage: "s" };
    expect([
      ...against(
        { jobs: [{ id: "a", stage: "s" }, b] },
        {
          jobs: [
            { id: "a", stage: "s" },
            { ...b, needs: ["a"] },
          ],
        },
      ),
      ...against(
        { jobs: [{ id: "a", stage: "s" }, b] },
        {
          jobs: [
            { id: "a", stage: "s" },
            { ...b, stage: "u" },
          ],
        },
      ),
      ...against(
        {
          jobs: [
            { id: "a", stage: "s", does: "failed", allowFailure: true },
            { ...b, stage: "t" },
          ],
        },
        {
          jobs: [
            { id: "a", stage: "s" },
            { ...b, stage: "t" },
          ],
        },
      ),
      ...against(
        {
          jobs: [
            { id: "a", stage: "s" },
            { ...b, stage: "t" },
          ],
        },
        {
          jobs: [
            { id: "a", stage: "s" },
            { ...b, stage: "t", when: "on_failure" },
          ],
        },
      ),
    ]).toMatchInlineSnapshot(`
      [
        "started_before_gate pipeline/events.jsonl:5 [job, job b] The job "b" started before the job "a", which it waits for, had settled",
        "started_before_gate pipeline/events.jsonl:5 [job, job b] The job "b" started before the job "a", which it waits for, had settled",
        "status_mismatch events.jsonl:5 [run, run.pipeline_execute] "run.pipeline_execute" says success, but the job "a" failed",
        "started_before_gate pipeline/events.jsonl:6 [job, job b] The job "b" started although a job that it waits for failed",
        "status_mismatch pipeline/events.jsonl:8 [pipeline, pipeline.execute] "pipeline.execute" says success, but the job "a" failed",
        "started_before_gate pipeline/events.jsonl:6 [job, job b] The job "b" started although it runs only on failure and no job that it waits for failed",
      ]
    `);
  });

  test("lets a job that waits for its needs alone start before earlier stages have settled, but not before its needs", () => {
    const a = { id: "a", stage: "s" };
    const b = { id: "b", stage: "s" };
    const early = (graph: RunShape["jobs"][number]): string[] =>
      against({ jobs: [a, b] }, { jobs: [a, graph] }).filter((line) => line.startsWith("started"));
    expect(early({ ...b, stage: "t", gate: "needs" })).toEqual([]);
    expect(early({ ...b, stage: "t" })).toHaveLength(1);
    expect(early({ ...b, stage: "t", gate: "needs", needs: ["a"] })).toHaveLength(1);
  });

  test("names the first of several jobs that had not settled", () => {
    const b = { id: "b", stage: "s" };
    const first = { id: "a", stage: "s" };
    const second = { id: "c", stage: "s" };
    for (const gates of [
      [first, second, { ...b, needs: ["a", "c"] }],
      [first, second, { ...b, stage: "t" }],
    ])
      expect(against({ jobs: [b] }, { jobs: gates }).filter((line) => line.startsWith("started"))).toEqual([
        `started_before_gate ${PIPELINE}:3 [job, job b] The job "b" started before the job "a", which it waits for, had settled`,
      ]);
  });

  test("holds a skip because of a failure against what waits for the skipped job, and no other skip", () => {
    const shape = (when: "always" | "on_success"): RunShape => ({
      jobs: [
        { id: "a", stage: "s", does: "failed" },
        { id: "b", stage: "t" },
        { id: "c", stage: "u", needs: ["b"], when },
      ],
    });
    const tolerating: RunShape = {
      ...shape("on_success"),
      jobs: shape("on_success").jobs.map((job) => (job.id === "a" ? { ...job, allowFailure: true } : job)),
    };
    const found = against(shape("always"), tolerating);
    expect(found).toMatchInlineSnapshot(`
      [
        "started_before_gate pipeline/events.jsonl:7 [job, job c] The job "c" started although a job that it waits for was skipped because of a failure",
      ]
    `);
    const patient = {
      jobs: tolerating.jobs.map((job) => (job.id === "c" ? { ...job, when: "always" as const } : job)),
    };
    expect(against(shape("always"), patient)).toEqual([]);
    const run = buildRun({ stages, ...shape("always") });
    const graph = buildRun({ stages, ...tolerating }).graph;
    const skippedFor = (reason: string): readonly string[] => {
      const skipped = at(PIPELINE, "job_state", { job_id: "b", to: "skipped" });
      return told(judgeText(textOf(render(edit(run.entries, skipped, { reason }))), { graph }));
    };
    expect(skippedFor("upstream_failed")).toEqual(found);
    expect(skippedFor("not_selected")).toEqual([]);
  });

  test("takes for the start of a job the first of its phases or its state, not its cleanup", () => {
    const both = buildRun({
      stages,
      jobs: [
        { id: "a", stage: "s" },
        { id: "b", stage: "t" },
      ],
    });
    const prepare = at("jobs/b/events.jsonl", "phase_start", { phase_code: "job.provider_prepare" });
    const cleanup = at("jobs/b/events.jsonl", "phase_start", { phase_code: "job.cleanup" });
    const ends = at(PIPELINE, "job_state", { job_id: "a", to: "success" });
    const running = at(PIPELINE, "job_state", { job_id: "b", to: "running" });
    const gates = (entries: readonly Entry[]): readonly string[] =>
      say(entries).filter((line) => line.startsWith("started_before_gate"));
    const message = 'The job "b" started before the job "a", which it waits for, had settled';
    expect(gates(moveBefore(both.entries, prepare, ends))).toEqual([
      `started_before_gate jobs/b/events.jsonl:1 [job, job b] ${message}`,
    ]);
    expect(gates(moveBefore(without(both.entries, running), prepare, ends))).toEqual([
      `started_before_gate jobs/b/events.jsonl:1 [job, job b] ${message}`,
    ]);
    expect(gates(moveBefore(both.entries, running, ends))).toEqual([
      `started_before_gate ${PIPELINE}:4 [job, job b] ${message}`,
    ]);
    expect(gates(moveBefore(both.entries, cleanup, ends))).toEqual([]);
    expect(gates(without(both.entries, prepare))).toEqual([]);
    const early = moveBefore(both.entries, running, ends);
    expect(gates(edit(early, prepare, { seq: find(early, running) + 1 }))).toEqual([
      `started_before_gate ${PIPELINE}:4 [job, job b] ${message}`,
    ]);
    const seq = find(both.entries, ends) + 1;
    expect(gates(edit(both.entries, running, { seq }))).toEqual([
      `started_before_gate ${PIPELINE}:6 [job, job b] ${message}`,
    ]);
  });

  test("lets always and on_failure start after a failure", () => {
    expect(
      against(
        {
          jobs: [
            { id: "a", stage: "s", does: "failed" },
            { id: "b", stage: "t", when: "always" },
          ],
        },
        {
          jobs: [
            { id: "a", stage: "s" },
            { id: "b", stage: "t", when: "on_failure" },
          ],
        },
      ),
    ).toEqual([]);
  });
});

test("the rules on statuses tell what contradicts what", () => {
  const finish = (path: string, code?: string): Which =>
    at(path, "phase_finish", code === undefined ? {} : { phase_code: code });
  const success = { status: "success" };
  const stopped = buildRun({ bootstrapFails: true, jobs: [{ id: "a", stage: "s" }] });
  const unprepared = buildRun({ jobs: [{ id: "a", stage: "s", does: "prepare_failed" }] });
  const cancelled = buildRun({ jobs: [{ id: "a", stage: "s", does: "cancelled" }] });
  const outer = finish(RUN, "run.pipeline_execute");
  expect([
    ...say(edit(failing.entries, finish(PIPELINE), { status: "skipped" })),
    ...say(edit(failing.entries, outer, success)),
    ...say(edit(cancelled.entries, outer, success)),
    ...say(edit(failing.entries, finish(JOB, "job.execution"), success)),
    ...say(edit(failing.entries, at(PIPELINE, "job_state", { to: "failed" }), { to: "success" })),
    ...say(edit(simple.entries, finish(PROVIDER), { status: "failed" })),
    ...say(edit(simple.entries, finish(JOB, "job.provider_prepare"), { status: "cancelled" })),
    ...say(edit(unprepared.entries, finish(JOB, "job.execution"), success)),
    ...say(edit(unprepared.entries, at(PIPELINE, "job_state", { to: "failed" }), { to: "skipped" })),
    ...say(edit(stopped.entries, finish(PIPELINE), success)),
    ...say(edit(stopped.entries, outer, success)),
    ...say(edit(stopped.entries, at(PIPELINE, "job_state"), { to: "cancelled" })),
  ]).toMatchInlineSnapshot(`
    [
      "status_mismatch pipeline/events.jsonl:5 [pipeline, pipeline.execute] "pipeline.execute" says skipped, but the job "a" failed",
      "status_mismatch events.jsonl:5 [run, run.pipeline_execute] "run.pipeline_execute" says success despite a failed pipeline",
      "status_mismatch events.jsonl:5 [run, run.pipeline_execute] "run.pipeline_execute" says success, but the job "a" failed",
      "status_mismatch events.jsonl:5 [run, run.pipeline_execute] "run.pipeline_execute" says success despite a cancelled pipeline",
      "status_mismatch jobs/a/events.jsonl:4 [job, job.execution, job a] "job.execution" says success, but "step.script" (step 1) in it failed",
      "status_mismatch pipeline/events.jsonl:4 [job, job a] The job "a" ended as success, but its "job.execution" is failed",
      "status_mismatch jobs/a/events.jsonl:2 [job, job.provider_prepare, job a] "job.provider_prepare" says success, but "job.provider_prepare" (section provider) in it failed",
      "status_mismatch pipeline/events.jsonl:4 [job, job a] The job "a" ended as success, but its "job.provider_prepare" is cancelled",
      "status_mismatch jobs/a/events.jsonl:4 [job, job.execution, job a] "job.execution" says success, but its preparation failed",
      "out_of_order pipeline/events.jsonl:4 [job, job a] The job "a" cannot go from running to skipped here",
      "status_mismatch pipeline/events.jsonl:4 [job, job a] The job "a" ended as skipped, but it had started",
      "status_mismatch pipeline/events.jsonl:3 [pipeline, pipeline.execute] "pipeline.execute" says success, but "run.bootstrap" failed",
      "status_mismatch events.jsonl:5 [run, run.pipeline_execute] "run.pipeline_execute" says success, but "run.bootstrap" failed",
      "status_mismatch pipeline/events.jsonl:2 [job, job a] The job "a" ended as cancelled, but "run.bootstrap" failed",
    ]
  `);
});

test("judgeStatuses() holds nothing against a phase, or a job, that did not come or did not end", () => {
  const stopped = buildRun({ bootstrapFails: true, jobs: [{ id: "a", stage: "s" }] });
  const codesOf = (entries: readonly Entry[]): ReadonlySet<string> =>
    new Set(judgeEntries(entries).violations.map(({ code }) => code));
  for (const { entries } of [stopped, failing]) {
    const lacking = (code: string): ReadonlySet<string> =>
      codesOf(entries.filter(({ event }) => event["phase_code"] !== code));
    expect(lacking("pipeline.execute")).toEqual(new Set(["missing_start", "missing_finish"]));
    expect(lacking("run.pipeline_execute")).toEqual(new Set(["missing_start", "missing_finish"]));
  }
  expect(codesOf(without(stopped.entries, at(PIPELINE, "phase_finish")))).toEqual(
    new Set(["missing_finish"]),
  );
  expect(codesOf(without(stopped.entries, at(PIPELINE, "job_state")))).toEqual(new Set(["missing_start"]));
});

test("judgeStatuses() forgives a cache that failed, not what else failed in a phase", () => {
  const { entries } = buildRun({ jobs: [{ id: "a", stage: "s", optional: true }] });
  const failed = (section: string): readonly string[] =>
    say(edit(entries, at(`jobs/a/system/${section}/events.jsonl`, "phase_finish"), { status: "failed" }));
  expect([...failed("cache_restore"), ...failed("cache_save")]).toEqual([]);
  expect([...failed("artifact_extract"), ...failed("artifact_save"), ...failed("cleanup")])
    .toMatchInlineSnapshot(`
    [
      "status_mismatch jobs/a/events.jsonl:6 [job, job.artifact_restore, job a] "job.artifact_restore" says success, but "job.artifact_restore" (section artifact_extract) in it failed",
      "status_mismatch jobs/a/events.jsonl:10 [job, job.artifact_save, job a] "job.artifact_save" says success, but "job.artifact_save" (section artifact_save) in it failed",
      "status_mismatch jobs/a/events.jsonl:14 [job, job.cleanup, job a] "job.cleanup" says success, but "job.cleanup" (section cleanup) in it failed",
    ]
  `);
});

describe("judgeDocuments()", () => {
  const change = (run: BuiltRun, path: string, fields: object, entries = run.entries): readonly string[] =>
    say(entries, new Map([...run.documents, [path, { ...run.documents.get(path), ...fields }]]));
  const manifest = "pipeline/manifest.json";

  test("tells what a document says and what the streams say", () => {
    const lost = { status: undefined };
    expect([
      ...change(simple, "summary.json", { status: "failure" }),
      ...change(simple, "summary.json", lost),
      ...change(simple, "jobs/a/summary.json", { status: "x".repeat(80) }),
      ...change(simple, "jobs/a/manifest.json", lost),
      ...change(simple, "jobs/a/system/provider/summary.json", { status: "failed" }),
      ...change(simple, "jobs/a/user/execution/script/01/summary.json", lost),
      ...change(simple, "jobs/a/manifest.json", { steps: [{ step: 2, status: "success" }] }),
      ...change(simple, "jobs/a/manifest.json", { steps: [{ step: 2, status: "skipped", exit_code: 0 }] }),
      ...change(simple, "jobs/a/manifest.json", {
        system_sections: [{ section: "services", status: "success" }],
      }),
      ...change(simple, "pipeline/summary.json", {
        job_counts: { total: 2, success: 0, failed: 0, skipped: 1, cancelled: "x" },
      }),
    ]).toMatchInlineSnapshot(`
      [
        "status_mismatch pipeline/events.jsonl:5 [pipeline, pipeline.execute] "summary.json" says failure, but "pipeline.execute" finished as success",
        "status_mismatch pipeline/events.jsonl:5 [pipeline, pipeline.execute] "summary.json" says no status, but "pipeline.execute" finished as success",
        "status_mismatch pipeline/events.jsonl:4 [job, job a] "jobs/a/summary.json" says xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, but the job "a" ended as success",
        "status_mismatch pipeline/events.jsonl:4 [job, job a] "jobs/a/manifest.json" says no status, but the job "a" ended as success",
        "status_mismatch jobs/a/system/provider/events.jsonl:3 [job, job.provider_prepare, job a] "jobs/a/system/provider/summary.json" says failed, but "job.provider_prepare" (section provider) finished as success",
        "status_mismatch jobs/a/user/execution/script/01/events.jsonl:4 [step, step.script, job a] "jobs/a/user/execution/script/01/summary.json" says no status, but "step.script" (step 1) finished as success",
        "status_mismatch jobs/a/manifest.json:0 [step, job a] "jobs/a/manifest.json" says success of step 2, which has no records",
        "status_mismatch jobs/a/manifest.json:0 [step, job a] "jobs/a/manifest.json" says exit code 0 of step 2, but it has no records",
        "status_mismatch jobs/a/manifest.json:0 [job, job a] "jobs/a/manifest.json" says success of section services, which has no records",
        "status_mismatch pipeline/summary.json:0 [pipeline] "pipeline/summary.json" counts 0 as success, the streams 1",
        "status_mismatch pipeline/summary.json:0 [pipeline] "pipeline/summary.json" counts 1 as skipped, the streams 0",
        "status_mismatch pipeline/summary.json:0 [pipeline] "pipeline/summary.json" counts 2 as total, the streams 1",
      ]
    `);
  });

  test("tells which jobs are named as failed, five at most", () => {
    const { documents, entries } = failing;
    const named = (fields: object): readonly string[] =>
      change({ documents, entries, graph: failing.graph }, manifest, fields);
    expect([
      ...named({ failed_job_ids: [], failing_job_id: undefined }),
      ...named({ failed_job_ids: undefined, failing_job_id: undefined }),
      ...named({ failed_job_ids: undefined, failing_job_id: "b" }),
      ...named({ failed_job_ids: ["b", "a"], failing_job_id: "b" }),
      ...named({ failed_job_ids: ["a", "b"], failing_job_id: "b" }),
      ...named({ failed_job_ids: ["a", "a"], failing_job_id: "a" }),
      ...named({ failed_job_ids: ["a", 7, "b", "c", "d", "e"], failing_job_id: "a" }),
      ...named({ failed_job_ids: ["a", "b", "c", "d", "e", "f", "g"], failing_job_id: "a" }),
      ...change(simple, manifest, { failed_job_ids: ["x".repeat(80)], failing_job_id: "x".repeat(80) }),
    ]).toMatchInlineSnapshot(`
      [
        "status_mismatch pipeline/manifest.json:0 [pipeline] "pipeline/manifest.json" names no job as failed, the streams "a"",
        "status_mismatch pipeline/manifest.json:0 [pipeline] "pipeline/manifest.json" names no job as failed, the streams "a"",
        "status_mismatch pipeline/manifest.json:0 [pipeline] "pipeline/manifest.json" names "b" as failed, the streams "a"",
        "status_mismatch pipeline/manifest.json:0 [pipeline] "pipeline/manifest.json" names "b", "a" as failed, the streams "a"",
        "status_mismatch pipeline/manifest.json:0 [pipeline] "pipeline/manifest.json" names "b", "a" as failed, the streams "a"",
        "status_mismatch pipeline/manifest.json:0 [pipeline] "pipeline/manifest.json" names "a", "a" as failed, the streams "a"",
        "status_mismatch pipeline/manifest.json:0 [pipeline] "pipeline/manifest.json" names "a", "b", "c", "d", "e" as failed, the streams "a"",
        "status_mismatch pipeline/manifest.json:0 [pipeline] "pipeline/manifest.json" names "a", "b", "c", "d", "e" and 2 more as failed, the streams "a"",
        "status_mismatch pipeline/manifest.json:0 [pipeline] "pipeline/manifest.json" names "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" as failed, the streams no job",
      ]
    `);
    expect(named({ failed_job_ids: undefined, failing_job_id: "a" })).toEqual([]);
    const ungraphed = entries.filter(({ event }) => event["graph_ir"] === undefined);
    // Nothing says whether the failure is blocking, so the list may name the job or not.
    for (const failed_job_ids of [["a"], []])
      expect(say(ungraphed, new Map([[manifest, { status: "failure", failed_job_ids }]]))).toEqual([]);
  });

  test("holds what is said of blocking against the graph", () => {
    const tolerated = buildRun({ jobs: [{ id: "a", stage: "s", does: "failed", allowFailure: true }] });
    const job = { job_id: "a", status: "failed", exit_code: 11 };
    expect([
      ...change(failing, manifest, { jobs: [{ ...job, blocking: false }] }),
      ...change(tolerated, manifest, { jobs: [{ ...job, blocking: true }] }),
    ]).toMatchInlineSnapshot(`
      [
        "status_mismatch pipeline/events.jsonl:4 [job, job a] The documents say that the failure of the job "a" is not blocking, the graph says otherwise",
        "status_mismatch pipeline/events.jsonl:4 [job, job a] The documents say that the failure of the job "a" is blocking, the graph says otherwise",
      ]
    `);
    expect(change(failing, manifest, { jobs: [{ ...job, blocking: "no" }] })).toEqual([]);
  });

  test("lets a run be called otherwise than its pipeline after run.finalize failed or the pipeline was skipped", () => {
    const finalize = at(RUN, "phase_finish", { phase_code: "run.finalize" });
    const broken = edit(simple.entries, finalize, { status: "failed" });
    const stopped = buildRun({ bootstrapFails: true, jobs: [] });
    const bootstrap = at(RUN, "phase_finish", { phase_code: "run.bootstrap" });
    const skipped = edit(stopped.entries, bootstrap, { status: "success" });
    for (const [status, exit_code] of [
      ["success", 0],
      ["failure", 1],
      ["cancelled", 130],
    ] as const) {
      expect(change(simple, "summary.json", { status, exit_code }, broken)).toEqual([]);
      expect(say(skipped, new Map([["summary.json", { status, exit_code }]]))).toEqual([]);
    }
    expect(change(simple, "summary.json", { status: "skipped" }, broken)).toHaveLength(1);
    expect(say(skipped, new Map([["summary.json", { status: "skipped" }]]))).toHaveLength(1);
  });

  test("holds a run against its pipeline also before run.finalize, and a skipped one without a run.bootstrap", () => {
    const early = simple.entries.filter(({ event }) => event["phase_code"] !== "run.finalize");
    expect(
      change(simple, "summary.json", { status: "failure" }, early).filter((line) =>
        line.includes("summary.json"),
      ),
    ).toEqual([
      `status_mismatch ${PIPELINE}:5 [pipeline, pipeline.execute] "summary.json" says failure, but "pipeline.execute" finished as success`,
    ]);
    const stopped = buildRun({ bootstrapFails: true, jobs: [] });
    const without = stopped.entries.filter(({ event }) => event["phase_code"] !== "run.bootstrap");
    const success = new Map([["summary.json", { status: "success", exit_code: 0 }]]);
    expect(say(without, success).filter((line) => line.includes("summary.json"))).toEqual([]);
    const cancelled = buildRun({ jobs: [{ id: "a", stage: "s", does: "cancelled" }] });
    for (const fields of [{ status: "failure" }, { status: "failure", exit_code: 1 }])
      expect(change(cancelled, "summary.json", fields)).toHaveLength(1);
  });

  test("holds nothing against a job without records but its steps and sections", () => {
    const manifest = {
      status: "failed",
      exit_code: 1,
      steps: [
        { step: 1, status: "failed" },
        { step: 2, status: "skipped" },
        { step: "3", status: "failed" },
        7,
      ],
      system_sections: [
        { section: "cleanup", status: "skipped" },
        { section: 7, status: "failed" },
      ],
    };
    const documents = new Map<string, Entry["event"]>([
      ["jobs/z/manifest.json", manifest],
      ["pipeline/manifest.json", { status: "success", jobs: [{ job_id: 7, status: "failed" }, "z"] }],
      ["jobs/z/attempts/1/summary.json", { status: "failed" }],
      ["jobs/z/attempts/1/manifest.json", { status: "failed", steps: [{ step: 1, status: "failed" }] }],
      ["jobs/z/notes/summary.json", { status: "failed" }],
      ["jobs/z/notes/manifest.json", { status: "failed", steps: [{ step: 1, status: "failed" }] }],
      ["notes/summary.json", { status: "failed" }],
    ]);
    expect(say(simple.entries, documents)).toEqual([
      'status_mismatch jobs/z/manifest.json:0 [step, job z] "jobs/z/manifest.json" says failed of step 1, which has no records',
    ]);
  });

  test("holds a section and a step of an earlier attempt against the records of that attempt", () => {
    const earlier = (path: string, fields: Entry["event"]): readonly string[] =>
      say(retried.entries, new Map([[path, fields]]));
    const step = "jobs/a/user/execution/attempts/1/script/02/summary.json";
    expect(earlier(step, { status: "failed", exit_code: 12 })).toEqual([]);
    expect([
      ...earlier(step, { status: "success", exit_code: 0 }),
      ...earlier("jobs/a/attempts/1/script/01/summary.json", { status: "failed" }),
      ...earlier("jobs/a/attempts/1/system/provider/summary.json", { status: "failed" }),
      ...earlier("jobs/a/attempts/3/script/01/summary.json", { status: "failed" }),
      ...earlier("jobs/a/script/01/summary.json", { status: "failed", exit_code: 0 }),
    ]).toMatchInlineSnapshot(`
      [
        "status_mismatch jobs/a/user/execution/attempts/1/script/02/events.jsonl:4 [step, step.script, job a] "jobs/a/user/execution/attempts/1/script/02/summary.json" says success, but "step.script" (step 2) finished as failed",
        "status_mismatch jobs/a/user/execution/attempts/1/script/01/events.jsonl:4 [step, step.script, job a] "jobs/a/attempts/1/script/01/summary.json" says failed, but "step.script" (step 1) finished as success",
        "status_mismatch jobs/a/system/provider/events.jsonl:3 [job, job.provider_prepare, job a] "jobs/a/attempts/1/system/provider/summary.json" says failed, but "job.provider_prepare" (section provider) finished as success",
        "status_mismatch jobs/a/attempts/3/script/01/summary.json:0 [step, job a] "jobs/a/attempts/3/script/01/summary.json" says failed of step 1, which has no records",
        "status_mismatch jobs/a/user/execution/script/01/events.jsonl:4 [step, step.script, job a] "jobs/a/script/01/summary.json" says failed, but "step.script" (step 1, attempt 2) finished as success",
      ]
    `);
  });

  test("takes a receipt from any directory of receipts, its graph where the run tells none, and its jobs", () => {
    const receipt = { status: "failure", exit_code: 1, graph_ir: failing.graph };
    const ungraphed = failing.entries.filter(
      ({ event }) => event["event"] !== "log" || event["graph_ir"] === undefined,
    );
    const success = edit(ungraphed, at(PIPELINE, "phase_finish"), { status: "success" });
    const from = (path: string, fields: object = {}): readonly string[] =>
      say(success, new Map([[path, { ...receipt, status: "success", exit_code: 0, ...fields }]]));
    const found = [
      `status_mismatch ${PIPELINE}:5 [pipeline, pipeline.execute] "pipeline.execute" says success, but the job "a" failed`,
    ];
    expect(from("receipts/x.json")).toEqual(found);
    expect(from("../../receipts/x.json")).toEqual(found);
    const others = ["receipts/x.json.bak", "receipts/x/y.json", "myreceipts/x.json", "receipts/.json/x"];
    expect(others.flatMap((path) => from(path))).toEqual([]);
    expect(
      from("receipts/x.json", {
        executor_receipt: {
          jobs: [
            { job_id: 7, status: "success" },
            { job_id: "a", status: "failed", exit_code: 11 },
          ],
        },
      }),
    ).toEqual(found);
    expect(from("receipts/x.json", { executor_receipt: [] })).toEqual(found);
    const tolerating = buildRun({ jobs: [{ id: "a", stage: "s", does: "failed", allowFailure: true }] });
    const told = new Map([["receipts/x.json", { ...receipt, graph_ir: tolerating.graph }]]);
    expect(say(failing.entries, told)).toEqual([]);
  });

  test("takes nothing but the paths of a run for a document of a step or a section", () => {
    const claim = { status: "failed", exit_code: 1 };
    const paths = [
      "jobs/a/x/script/01/summary.json",
      "jobs/a/script/01/summary.json.bak",
      "jobs/a/script/1/summary.json",
      "jobs/a/x/system/provider/summary.json",
      "jobs/a/system/provider/summary.json.bak",
      "jobs/a/system/x/provider/summary.json",
      "jobs/a/summary.json.bak",
    ];
    expect(paths.flatMap((path) => say(simple.entries, new Map([[path, claim]])))).toEqual([]);
  });

  test("takes each count of the pipeline's summary that is one, and none of what is no object", () => {
    const counts = (job_counts: unknown): readonly string[] =>
      change(failing, "pipeline/summary.json", { job_counts });
    expect(counts({ total: 1, success: 2, failed: 3, skipped: 4, cancelled: 5, other: 6 }))
      .toMatchInlineSnapshot(`
      [
        "status_mismatch pipeline/summary.json:0 [pipeline] "pipeline/summary.json" counts 2 as success, the streams 0",
        "status_mismatch pipeline/summary.json:0 [pipeline] "pipeline/summary.json" counts 3 as failed, the streams 1",
        "status_mismatch pipeline/summary.json:0 [pipeline] "pipeline/summary.json" counts 4 as skipped, the streams 0",
        "status_mismatch pipeline/summary.json:0 [pipeline] "pipeline/summary.json" counts 5 as cancelled, the streams 0",
      ]
    `);
    expect([...counts([7]), ...counts(undefined), ...counts({ total: "7", failed: null })]).toEqual([]);
  });

  test("takes from a job's summary whether its failure is blocking", () => {
    const ungraphed = failing.entries.filter(
      ({ event }) => event["event"] !== "log" || event["graph_ir"] === undefined,
    );
    const success = edit(ungraphed, at(PIPELINE, "phase_finish"), { status: "success" });
    const summary = (blocking: unknown): readonly string[] =>
      say(success, new Map([["jobs/a/summary.json", { status: "failed", exit_code: 11, blocking }]]));
    expect(summary(true)).toHaveLength(1);
    expect([...summary(false), ...summary("yes")]).toEqual([]);
  });

  test("holds a step's summary against the last attempt that got there, whichever was read first", () => {
    const backwards = new Map([...textOf(render(retried.entries))].toReversed());
    expect(told(judgeText(backwards, {}, retried.documents))).toEqual([]);
    const stopped = buildRun({ jobs: [{ id: "a", stage: "s", does: "prepare_failed", attempts: 2 }] });
    const moved = stopped.entries.map(({ path, event }) => ({
      path: path.replace("/attempts/1/", "/"),
      event,
    }));
    const summary = STEP.replace("events.jsonl", "summary.json");
    expect(say(moved, new Map([[summary, { status: "failed", exit_code: 11 }]]))).toEqual([]);
  });

  test("orders failures by when they ended", () => {
    const run = buildRun({
      jobs: [
        { id: "slow", stage: "s", does: "failed", steps: 3, lines: 9 },
        { id: "fast", stage: "s", does: "prepare_failed" },
      ],
    });
    expect(run.documents.get(manifest)).toMatchObject({ failed_job_ids: ["fast", "slow"] });
    expect(say(run.entries, run.documents)).toEqual([]);
    expect(change(run, manifest, { failed_job_ids: ["slow", "fast"], failing_job_id: "slow" })).toHaveLength(
      1,
    );
  });

  test("holds nothing against what has not ended", () => {
    const going = without(simple.entries, at(PIPELINE, "job_state", { to: "success" }));
    const open = without(simple.entries, at(PIPELINE, "phase_finish"));
    const documents = new Map<string, Entry["event"]>([
      ["jobs/a/summary.json", { status: "failed" }],
      ["pipeline/summary.json", { status: "success", exit_code: 0, job_counts: { total: 7 } }],
    ]);
    const two = buildRun({
      jobs: [
        { id: "a", stage: "s" },
        { id: "b", stage: "s" },
      ],
    });
    const partly = without(two.entries, at(PIPELINE, "job_state", { job_id: "b", to: "success" }));
    const counting = new Map([
      ["pipeline/summary.json", { status: "success", exit_code: 0, job_counts: { total: 7 } }],
    ]);
    expect(named(judgeEntries(partly, counting))).toHaveLength(1);
    expect(named(judgeEntries(going, documents))).toEqual([`missing_finish ${PIPELINE}:3`]);
    expect(named(judgeEntries(open, new Map([["summary.json", { status: "failure" }]])))).toEqual([
      `missing_finish ${PIPELINE}:1`,
    ]);
    const running = without(simple.entries, at(STEP, "phase_finish"));
    expect(
      named(
        judgeEntries(
          running,
          new Map([[STEP.replace("events.jsonl", "summary.json"), { status: "failed" }]]),
        ),
      ),
    ).toEqual([`missing_finish ${STEP}:1`]);
  });
});

describe("judgeSequence()", () => {
  const lines = render(simple.entries);
  const change = (path: string, alter: (lines: string[]) => void): readonly string[] => {
    const changed = structuredClone(lines);
    alter(changed.get(path) ?? []);
    return told(judgeText(textOf(changed)));
  };
  const renumber = (line: string, seq: unknown): string => line.replace(/"seq":\d+/, `"seq":${String(seq)}`);

  test("tells which numbers no record has, and which come next", () => {
    expect([
      ...change(STEP, (each) => each.splice(1, 1)),
      ...change(STEP, (each) => each.splice(1, 2)),
      ...change(PROVIDER, (each) => each.splice(1, 1, renumber(each[1] ?? "", 99))),
      ...change(STEP, (each) => each.splice(1, 2, each[2] ?? "", each[1] ?? "")),
      ...change(STEP, (each) => each.splice(1, 0, each[1] ?? "")),
      ...change(PROVIDER, (each) => each.splice(1, 1, renumber(each[1] ?? "", '"2"'))),
    ]).toMatchInlineSnapshot(`
      [
        "bad_sequence jobs/a/user/execution/script/01/events.jsonl:3 [step, job a] No record has the sequence number 15; the next boundary or state has 17",
        "bad_sequence jobs/a/user/execution/script/01/events.jsonl:2 [step, job a] No record has a sequence number from 15 to 16; the next boundary or state has 17",
        "bad_sequence jobs/a/system/provider/events.jsonl:2 [job, job a] No record has a sequence number from 29 to 98; the next boundary or state has 99",
        "outside_parent jobs/a/system/provider/events.jsonl:2 [job, job a] This record comes after the finish of "run.finalize", which is the last of a run",
        "bad_sequence jobs/a/system/provider/events.jsonl:3 [job, job a] No record has the sequence number 10; the next boundary or state has 11",
        "bad_sequence jobs/a/system/provider/events.jsonl:3 [job, job a] The sequence number 11 does not come after 99, that of the record before it",
        "bad_sequence jobs/a/user/execution/script/01/events.jsonl:3 [step, job a] The sequence number 15 does not come after 16, that of the record before it",
        "bad_sequence jobs/a/user/execution/script/01/events.jsonl:3 [step, job a] The sequence number 15 does not come after 15, that of the record before it",
        "bad_sequence jobs/a/system/provider/events.jsonl:2 [job, job a] The sequence number "2" is not a whole number from 1",
        "bad_sequence jobs/a/system/provider/events.jsonl:3 [job, job a] No record has the sequence number 10; the next boundary or state has 11",
      ]
    `);
  });

  test("tells which record is not mirrored, and which mirror has no record", () => {
    expect([
      ...change(MIRROR, (each) => each.splice(0, 1)),
      ...change(MIRROR, (each) => each.splice(3, 1, (each[3] ?? "").replace("success", "failed"))),
      ...change(STEP, (each) => each.splice(-1, 1)),
    ]).toMatchInlineSnapshot(`
      [
        "bad_sequence jobs/a/events.jsonl:3 [job, job a] The record with the sequence number 13 is missing in the mirror of its job",
        "bad_sequence jobs/a/user/execution/events.jsonl:4 [job, job a] The record with the sequence number 18 differs from the one it mirrors",
        "bad_sequence jobs/a/user/execution/events.jsonl:3 [job, job a] No stream has the record with the sequence number 17 mirrored here",
        "missing_finish jobs/a/user/execution/script/01/events.jsonl:1 [step, step.script, job a] "step.script" (step 1) has no finish",
      ]
    `);
  });

  test("holds no mirror against a record whose number is none, and lists its phase by its other number", () => {
    const changed = structuredClone(lines);
    const unnumber = (path: string, index: number): void => {
      const each = changed.get(path) ?? [];
      each[index] = renumber(each[index] ?? "", '"x"');
    };
    unnumber(STEP, 3);
    unnumber(MIRROR, 2);
    unnumber(RUN, 5);
    const report = judgeText(textOf(changed));
    expect(told(report)).toMatchInlineSnapshot(`
      [
        "bad_sequence events.jsonl:6 [run] The sequence number "x" is not a whole number from 1",
        "bad_sequence events.jsonl:7 [run] No record has the sequence number 27; the next boundary or state has 28",
        "bad_sequence jobs/a/events.jsonl:4 [job, job a] No record has the sequence number 17; the next boundary or state has 18",
        "bad_sequence jobs/a/user/execution/events.jsonl:3 [job, job a] The sequence number "x" is not a whole number from 1",
        "bad_sequence jobs/a/user/execution/script/01/events.jsonl:4 [step, job a] The sequence number "x" is not a whole number from 1",
      ]
    `);
    expect(report.phases.at(-1)?.phase_code).toBe("run.finalize");
  });

  test("asks for mirrors only where they are read, or where the job has one", () => {
    const without = new Map([...textOf(lines)].filter(([path]) => path !== MIRROR));
    expect(told(judgeText(without, { mirrors: false }))).toEqual([]);
    expect(told(judgeText(without)).map((line) => line.slice(0, line.indexOf("[") - 1))).toEqual([
      `bad_sequence ${JOB}:3`,
      `bad_sequence ${JOB}:4`,
      `bad_sequence ${STEP}:1`,
      `bad_sequence ${STEP}:4`,
    ]);
    const partly = new Map(textOf(lines)).set(MIRROR, `${lines.get(MIRROR)?.slice(0, 3).join("\n")}\n`);
    expect(named(judgeText(partly, { mirrors: false }))).toEqual([`bad_sequence ${JOB}:4`]);
    const skipped = buildRun({ jobs: [{ id: "a", stage: "s", does: "prepare_failed" }] });
    const unmirrored = new Map([...textOf(render(skipped.entries))].filter(([path]) => path !== MIRROR));
    expect(named(judgeText(unmirrored))).toEqual([]);
  });

  test("says of each mirror that its record is gone, up to 64 in a row, and only then of the gap", () => {
    const gone = (steps: number, also?: Which): readonly string[] => {
      const run = buildRun({ jobs: [{ id: "a", stage: "s", steps, lines: 0 }] });
      const text = textOf(render(run.entries));
      const changed = also === undefined ? text : new Map([...text, [also.path, withoutLine(text, also)]]);
      const left = [...changed].filter(([path]) => !path.includes("/script/"));
      return named(judgeText(new Map(left))).filter((name) => !name.startsWith(`bad_sequence ${MIRROR}`));
    };
    expect(gone(32)).toEqual([]);
    expect(gone(32, { path: JOB, event: "phase_start", phase_code: "job.execution" })).toEqual([
      `bad_sequence ${JOB}:3`,
      `missing_start ${JOB}:3`,
    ]);
    expect(gone(33)).toEqual([`bad_sequence ${JOB}:4`]);
  });

  test("points at the boundary, state or last record that follows a gap", () => {
    /** The run with a number left out before a record. */
    const gapBefore = (which: Which): readonly string[] => {
      const index = find(simple.entries, which);
      const hole: Entry = { path: "x", event: {} };
      const streams = textOf(render(spliced(simple.entries, index, { insert: [hole] })));
      return told(judgeText(new Map([...streams].filter(([path]) => path !== "x"))));
    };
    const lastOfAll = `{"seq":3,"ts":"2026-01-01T00:00:00Z","event":"log"}\n`;
    const judged = told(judgeText(new Map([[RUN, lastOfAll]])));
    expect([
      ...gapBefore(at(PIPELINE, "job_state", { to: "ready" })),
      ...gapBefore(at(PIPELINE, "job_state", { to: "running" })),
      ...gapBefore(at(PIPELINE, "job_state", { to: "success" })),
      ...gapBefore(at(STEP, "output")),
      ...gapBefore(at(RUN, "phase_start", { phase_code: "run.finalize" })),
      ...judged.filter((line) => line.startsWith("bad_sequence")),
    ]).toMatchInlineSnapshot(`
      [
        "bad_sequence pipeline/events.jsonl:2 [pipeline] No record has the sequence number 6; the next boundary or state has 7",
        "bad_sequence pipeline/events.jsonl:3 [pipeline] No record has the sequence number 7; the next boundary or state has 8",
        "bad_sequence pipeline/events.jsonl:4 [pipeline] No record has the sequence number 24; the next boundary or state has 25",
        "bad_sequence jobs/a/user/execution/script/01/events.jsonl:4 [step, job a] No record has the sequence number 15; the next boundary or state has 18",
        "bad_sequence events.jsonl:6 [run] No record has the sequence number 27; the next boundary or state has 28",
        "bad_sequence events.jsonl:1 [run] No record has a sequence number from 1 to 2; the next boundary or state has 3",
      ]
    `);
    const open = without(simple.entries, at(STEP, "phase_start")).filter(
      ({ event }) => event["event"] !== "log",
    );
    const streams = textOf(render(open));
    streams.set(PROVIDER, withoutLine(streams, at(PROVIDER, "phase_finish")));
    expect(told(judgeText(streams))).toMatchInlineSnapshot(`
      [
        "bad_sequence jobs/a/events.jsonl:2 [job, job a] No record has the sequence number 9; the next boundary or state has 10",
        "missing_finish jobs/a/system/provider/events.jsonl:1 [job, job.provider_prepare, job a] "job.provider_prepare" (section provider) has no finish",
        "outside_parent jobs/a/user/execution/script/01/events.jsonl:1 [step, job a] Output comes before the start of its phase",
        "missing_start jobs/a/user/execution/script/01/events.jsonl:3 [step, step.script, job a] "step.script" (step 1) has no start",
      ]
    `);
  });

  test("names 500 gaps and does not count the rest", () => {
    const validator = createPhaseValidator();
    for (let line = 1; line <= 600; line++)
      validator.outputLines(PROVIDER, line, { firstSeq: 2 * line, count: 1 });
    const found = told(validator.report(CHECKED_AT)).filter((line) => line.startsWith("bad_sequence"));
    expect(found).toHaveLength(500);
    expect(found.at(-1)).not.toContain("more of this code");
  });
});

describe("judgeLadder()", () => {
  const judged = (run: BuiltRun, path: string, fields: object, entries = run.entries): readonly string[] => {
    const documents = new Map([...run.documents, [path, { ...run.documents.get(path), ...fields }]]);
    return told(judgeEntries(entries, documents, { documents: true }));
  };

  test("reports at the document that is wrong, in its scope", () => {
    expect([
      ...judged(simple, "summary.json", { phase_report_path: 7 }),
      ...judged(simple, "pipeline/summary.json", { manifest_path: 7 }),
      ...judged(simple, "pipeline/manifest.json", { jobs: [] }),
      ...judged(simple, "jobs/a/summary.json", { manifest_path: 7 }),
      ...judged(simple, "jobs/a/manifest.json", { skip_reason: 7 }),
    ]).toMatchInlineSnapshot(`
      [
        "broken_pointer summary.json:0 [run] "summary.json" points with "phase_report_path" at 7; it should point at "phase-report.json"",
        "broken_pointer pipeline/summary.json:0 [pipeline] "pipeline/summary.json" points with "manifest_path" at 7; it should point at "pipeline/manifest.json"",
        "broken_pointer pipeline/manifest.json:0 [pipeline, job a] "pipeline/manifest.json" leaves out the job "a"",
        "broken_pointer jobs/a/summary.json:0 [job, job a] "jobs/a/summary.json" points with "manifest_path" at 7; it should point at "jobs/a/manifest.json"",
        "status_mismatch jobs/a/manifest.json:0 [job, job a] "jobs/a/manifest.json" says that the job "a" was skipped for 7, its state (none)",
      ]
    `);
  });

  test("takes the step with the lowest number for the one that failed first", () => {
    const { entries, documents, graph } = buildRun({
      jobs: [{ id: "a", stage: "s", does: "failed", steps: 3 }],
    });
    const second = STEP.replace("/01/", "/02/");
    const both = edit(entries, at(second, "phase_finish"), { status: "failed", exit_code: 1 });
    const found = judged({ entries, documents, graph }, "jobs/a/manifest.json", {}, both);
    const backwards = new Map([...textOf(render(both))].toReversed());
    expect(told(judgeText(backwards, { documents: true }, documents))).toEqual(found);
    expect(found).toMatchInlineSnapshot(`
      [
        "broken_pointer jobs/a/manifest.json:0 [job, job a] "jobs/a/manifest.json" has "jobs/a/user/execution/script/03/events.jsonl" as "failing_events_path", but what failed is "jobs/a/user/execution/script/02/events.jsonl"",
        "broken_pointer jobs/a/manifest.json:0 [job, job a] "jobs/a/manifest.json" has "jobs/a/user/execution/script/03/events.jsonl" as "failing_step_events_path", but what failed is "jobs/a/user/execution/script/02/events.jsonl"",
        "broken_pointer jobs/a/manifest.json:0 [job, job a] "jobs/a/manifest.json" has 3 as "failing_step", but what failed is 2",
        "status_mismatch jobs/a/user/execution/script/02/events.jsonl:4 [step, step.script, job a] "jobs/a/manifest.json" says success, but "step.script" (step 2) finished as failed",
        "status_mismatch jobs/a/user/execution/script/02/events.jsonl:4 [step, step.script, job a] "jobs/a/summary.json" says exit code 13 of the job "a", but "step.script" (step 2) finished with exit code 1",
        "status_mismatch jobs/a/user/execution/script/02/events.jsonl:4 [step, step.script, job a] "jobs/a/user/execution/script/02/summary.json" says success, but "step.script" (step 2) finished as failed",
        "status_mismatch jobs/a/user/execution/script/02/events.jsonl:4 [step, step.script, job a] "pipeline/manifest.json" says exit code 13 of the job "a", but "step.script" (step 2) finished with exit code 1",
        "status_mismatch jobs/a/user/execution/script/03/events.jsonl:4 [step, step.script, job a] "step.script" (step 3) ran, though step 2 before it failed the job",
      ]
    `);
  });

  test("knows a failed phase by its section, of the last attempt or of the cleanup", () => {
    const unprepared = buildRun({ jobs: [{ id: "a", stage: "s", does: "prepare_failed", attempts: 2 }] });
    const say = (fields: object, entries = unprepared.entries): readonly string[] =>
      judged(unprepared, "jobs/a/manifest.json", fields, entries).filter((line) =>
        line.startsWith("broken_pointer"),
      );
    const cleanup = edit(unprepared.entries, at(JOB, "phase_finish", { phase_code: "job.cleanup" }), {
      status: "failed",
    });
    const execution = edit(
      unprepared.entries,
      at(JOB, "phase_finish", { phase_code: "job.execution", attempt: 2 }),
      { status: "failed" },
    );
    expect(say({ failing_section: undefined })).toEqual([]);
    expect(say({ failing_section: "cleanup" }, cleanup)).toEqual([]);
    expect(say({ failing_section: "execution" }, execution)).toEqual([]);
    const section = at("jobs/a/system/cleanup/events.jsonl", "phase_finish");
    expect(
      say({ failing_section: "cleanup" }, edit(unprepared.entries, section, { status: "failed" })),
    ).toEqual([]);
    expect(say({ failing_section: "cleanup" }, execution)).toEqual([
      'broken_pointer jobs/a/manifest.json:0 [job, job a] "jobs/a/manifest.json" has "cleanup" as "failing_section", but that did not fail',
    ]);
    // A job may fail outside of any phase.
    const outside = edit(simple.entries, at(PIPELINE, "job_state", { to: "success" }), { to: "failed" });
    const told = { status: "failed", failing_events_path: JOB };
    expect(
      judged(simple, "jobs/a/manifest.json", told, outside).filter((line) => line.startsWith("broken")),
    ).toEqual([]);
    expect(say({ failing_events_path: JOB }, cleanup)).toEqual([]);
    expect([
      ...say({ failing_section: "execution" }),
      ...say({ failing_section: "services" }),
      ...say({ failing_events_path: undefined }),
      ...say({ failing_events_path: PIPELINE }),
      ...say({ failing_events_path: "jobs/a/user/execution/attempts/1/script/01/events.jsonl" }),
      ...say({ failing_step: 1 }),
    ]).toMatchInlineSnapshot(`
      [
        "broken_pointer jobs/a/manifest.json:0 [job, job a] "jobs/a/manifest.json" has "execution" as "failing_section", but that did not fail",
        "broken_pointer jobs/a/manifest.json:0 [job, job a] "jobs/a/manifest.json" has "services" as "failing_section", but that did not fail",
        "broken_pointer jobs/a/manifest.json:0 [job, job a] "jobs/a/manifest.json" has (none) as "failing_events_path", but no stream of what failed has that path",
        "broken_pointer jobs/a/manifest.json:0 [job, job a] "jobs/a/manifest.json" has "pipeline/events.jsonl" as "failing_events_path", but no stream of what failed has that path",
        "broken_pointer jobs/a/manifest.json:0 [job, job a] "jobs/a/manifest.json" has "jobs/a/user/execution/attempts/1/script/01/events.jsonl" as "failing_events_path", but no stream of what failed has that path",
        "broken_pointer jobs/a/manifest.json:0 [job, job a] "jobs/a/manifest.json" has 1 as "failing_step", but none of its steps failed",
      ]
    `);
  });

  test("holds who blocked a job against its state, name by name", () => {
    const run = buildRun({
      jobs: [
        { id: "a", stage: "s", does: "failed" },
        { id: "b", stage: "s", needs: ["a"] },
      ],
    });
    const entries = edit(run.entries, at(PIPELINE, "job_state", { job_id: "b", to: "skipped" }), {
      blocked_by: ["x", "y", 7],
    });
    const path = "jobs/b/manifest.json";
    const blocked = (by: unknown): readonly string[] =>
      judged(run, path, { blocked_by: by }, entries).filter((line) => line.includes(path));
    expect(blocked(["x", "y"])).toEqual([]);
    expect([...blocked(["y", "x"]), ...blocked(["x"]), ...blocked("x"), ...blocked(undefined)])
      .toMatchInlineSnapshot(`
      [
        "broken_pointer jobs/b/manifest.json:0 [job, job b] "jobs/b/manifest.json" says that ["y","x"] blocked "b", its state ["x","y"]",
        "broken_pointer jobs/b/manifest.json:0 [job, job b] "jobs/b/manifest.json" says that ["x"] blocked "b", its state ["x","y"]",
        "broken_pointer jobs/b/manifest.json:0 [job, job b] "jobs/b/manifest.json" says that [] blocked "b", its state ["x","y"]",
        "broken_pointer jobs/b/manifest.json:0 [job, job b] "jobs/b/manifest.json" says that [] blocked "b", its state ["x","y"]",
      ]
    `);
  });
});

test("report() lists the phases by the number of their start, or of their finish without one", () => {
  const { entries } = buildRun({ jobs: [{ id: "a", stage: "s", attempts: 2 }] });
  const { phases } = judgeEntries(
    without(without(entries, at(RUN, "phase_start")), at(JOB, "phase_finish", { phase_code: "job.cleanup" })),
    new Map(),
    { full: true },
  );
  expect(
    phases.map(
      ({
        required,
        phase_code: code,
        job_id: job,
        step,
        section,
        status,
        started_at: from,
        finished_at: to,
      }) =>
        [required ? "!" : "-", code, job, step, section, status, from?.slice(20), to?.slice(20)]
          .map((each) => each ?? ".")
          .join(" "),
    ),
  ).toMatchInlineSnapshot(`
    [
      "! run.bootstrap . . . success . 002Z",
      "! run.pipeline_execute . . . success 003Z 035Z",
      "! pipeline.execute . . . success 004Z 034Z",
      "! job.provider_prepare a . . success 007Z 011Z",
      "- job.provider_prepare a . provider success 008Z 010Z",
      "! job.execution a . . failed 012Z 017Z",
      "- step.script a 1 . failed 013Z 016Z",
      "! job.provider_prepare a . . success 018Z 022Z",
      "- job.provider_prepare a . provider success 019Z 021Z",
      "! job.execution a . . success 023Z 028Z",
      "- step.script a 1 . success 024Z 027Z",
      "! job.cleanup a . . . 029Z .",
      "- job.cleanup a . cleanup success 030Z 032Z",
      "! run.finalize . . . success 036Z 037Z",
    ]
  `);
});

test("report() lists in its coverage what is missing, in the order of the phases", () => {
  const { coverage } = judgeEntries(
    simple.entries.filter(
      ({ event }) => event["phase_code"] !== "job.execution" && event["phase_code"] !== "pipeline.execute",
    ),
  );
  expect(coverage).toMatchInlineSnapshot(`
    {
      "missing": [
        {
          "boundary": "start",
          "phase_code": "pipeline.execute",
          "scope": "pipeline",
        },
        {
          "boundary": "finish",
          "phase_code": "pipeline.execute",
          "scope": "pipeline",
        },
        {
          "boundary": "start",
          "job_id": "a",
          "phase_code": "job.execution",
          "scope": "job",
        },
        {
          "boundary": "finish",
          "job_id": "a",
          "phase_code": "job.execution",
          "scope": "job",
        },
      ],
      "observed": 10,
      "required": 14,
    }
  `);
  expect(judgeEntries(buildRun(RICH_SHAPE).entries).coverage).toEqual({
    required: 44,
    observed: 44,
    missing: [],
  });
});

/** The text of a stream without one of its records, whose number is then missing. */
function withoutLine(streams: ReadonlyMap<string, string>, { path, ...fields }: Which): string {
  const lines = (streams.get(path) ?? "").trimEnd().split("\n");
  const left = lines.filter((line) => {
    const record = JSON.parse(line) as Entry["event"];
    return !Object.entries(fields).every(([key, value]) => record[key] === value);
  });
  return left.map((line) => `${line}\n`).join("");
}
