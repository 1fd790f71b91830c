import { describe, expect, test } from "vitest";
import { buildRun, type Entry } from "../../test/build-run.ts";
import { edit, type Which } from "../../test/edit-entries.ts";
import { judgeEntries, told } from "../../test/judge-run.ts";

const RUN = "events.jsonl";
const JOB = "jobs/a/events.jsonl";
const STEPS = "jobs/a/user/execution";
const LOST = { status: "failed", exit_code: undefined, error: { code: "worker_lost", message: "Gone" } };

const retried = buildRun({ jobs: [{ id: "a", stage: "s", attempts: 2, steps: 2 }] });
const failing = buildRun({ jobs: [{ id: "a", stage: "s", does: "failed", steps: 2, optional: true }] });
const simple = buildRun({ jobs: [{ id: "a", stage: "s" }] });

function stepEnd(step: string, attempt = ""): Which {
  return { path: `${STEPS}${attempt}/script/${step}/events.jsonl`, event: "phase_finish" };
}

function phaseEnd(code: string): Which {
  return { path: JOB, event: "phase_finish", phase_code: code };
}

function say(entries: readonly Entry[], which: Which, more: Entry["event"] = {}): readonly string[] {
  return told(judgeEntries(edit(entries, which, { ...LOST, ...more })));
}

/** The records of a run of one step, whose graph says something else of the job. */
function stating(more: object): readonly Entry[] {
  const nodes = simple.graph.nodes.map((node) => ({ ...node, ...more }));
  return edit(simple.entries, { path: RUN, event: "log" }, { graph_ir: { ...simple.graph, nodes } });
}

describe("judgeLostWorkers()", () => {
  test("finds nothing where an attempt ends with what lost its worker", () => {
    expect(say(retried.entries, stepEnd("02", "/attempts/1"))).toEqual([]);
    const unprepared = buildRun({ jobs: [{ id: "a", stage: "s", does: "prepare_failed" }] });
    expect(say(unprepared.entries, phaseEnd("job.provider_prepare"))).toEqual([]);
    expect(say(failing.entries, phaseEnd("job.cache_save"))).toEqual([]);
    expect(say(failing.entries, phaseEnd("job.cleanup"))).toEqual([]);
  });

  test("tells what came after that in the same attempt", () => {
    expect([
      ...say(retried.entries, stepEnd("01", "/attempts/1")),
      ...say(failing.entries, stepEnd("02")),
      ...say(failing.entries, phaseEnd("job.cache_restore")),
      ...say(simple.entries, phaseEnd("job.provider_prepare")),
    ]).toMatchInlineSnapshot(`
      [
        "status_mismatch jobs/a/user/execution/attempts/1/script/02/events.jsonl:1 [step, step.script, job a] "step.script" (step 2) began, though "step.script" (step 1) before it lost its worker",
        "status_mismatch jobs/a/user/execution/attempts/1/script/02/events.jsonl:4 [step, step.script, job a] "step.script" (step 2) ran, though step 1 before it failed the job",
        "status_mismatch jobs/a/events.jsonl:9 [job, job.artifact_save, job a] "job.artifact_save" began, though "step.script" (step 2) before it lost its worker",
        "status_mismatch jobs/a/events.jsonl:5 [job, job.artifact_restore, job a] "job.artifact_restore" began, though "job.cache_restore" before it lost its worker",
        "status_mismatch jobs/a/events.jsonl:3 [job, job.execution, job a] "job.execution" began, though "job.provider_prepare" before it lost its worker",
        "status_mismatch jobs/a/events.jsonl:4 [job, job.execution, job a] "job.execution" says success, but its preparation failed",
        "status_mismatch pipeline/events.jsonl:4 [job, job a] The job "a" ended as success, but its "job.provider_prepare" is failed",
      ]
    `);
  });

  test("tells of an end that somebody saw", () => {
    expect(say(retried.entries, stepEnd("02", "/attempts/1"), { exit_code: 1 })).toMatchInlineSnapshot(`
      [
        "status_mismatch jobs/a/user/execution/attempts/1/script/02/events.jsonl:4 [step, step.script, job a] "step.script" (step 2) has an exit code, but its worker was lost before anybody saw one",
      ]
    `);
  });
});

test("judgeLadder() takes the step that lost its worker for the one that failed, whatever failed before it", () => {
  const run = buildRun({ jobs: [{ id: "a", stage: "s", does: "failed", steps: 2 }] });
  const nodes = run.graph.nodes.map((node) => ({ ...node, script: [], after_script: ["step 1", "step 2"] }));
  const after = edit(run.entries, { path: RUN, event: "log" }, { graph_ir: { ...run.graph, nodes } });
  const failed = edit(after, stepEnd("01"), { status: "failed", exit_code: 1 });
  const ended = edit(edit(failed, stepEnd("02"), LOST), phaseEnd("job.execution"), LOST);
  const lines = told(judgeEntries(ended, run.documents, { documents: true }));
  expect(lines.filter((line) => line.startsWith("broken_pointer"))).toEqual([]);
});

describe("the rules on statuses", () => {
  test("tell of an execution that says success though a step that follows it lost its worker", () => {
    const late = stating({ script: [], after_script: ["step 1"] });
    expect(say(late, stepEnd("01"))).toMatchInlineSnapshot(`
      [
        "status_mismatch jobs/a/events.jsonl:4 [job, job.execution, job a] "job.execution" says success, but "step.script" (step 1) in it failed",
      ]
    `);
  });

  test("tell of a job that goes on after a lost worker, though the step may fail", () => {
    const tolerant = stating({ step_options: [{ step: 1, allow_failure: true }] });
    expect(say(tolerant, stepEnd("01"), { tolerated: true })).toMatchInlineSnapshot(`
      [
        "status_mismatch jobs/a/user/execution/script/01/events.jsonl:4 [step, step.script, job a] "step.script" (step 1) says that the job goes on after it, but it may not fail like that",
      ]
    `);
  });

  test("tell of an attempt that goes on with what was lost", () => {
    const resumed = buildRun({ jobs: [{ id: "a", stage: "s", attempts: 2, steps: 2, resumes: true }] });
    expect(say(resumed.entries, stepEnd("02", "/attempts/1"))).toMatchInlineSnapshot(`
      [
        "status_mismatch jobs/a/events.jsonl:5 [job, job.execution, job a] "job.execution" (attempt 2) begins at step 2, but what carried out the attempt before it was lost",
      ]
    `);
  });
});
