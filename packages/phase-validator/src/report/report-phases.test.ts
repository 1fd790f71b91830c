import { expect, test } from "vitest";
import { buildRun } from "../../test/build-run.ts";
import { without } from "../../test/edit-entries.ts";
import { judgeEntries } from "../../test/judge-run.ts";

const { entries } = buildRun({ jobs: [{ id: "a", stage: "s" }] });
const RUN = "events.jsonl";
const STEP = "jobs/a/user/execution/script/01/events.jsonl";

test("phases tell what their records said, and nothing that no record said", () => {
  const started = without(entries, { path: STEP, event: "phase_finish" });
  const finished = without(entries, { path: RUN, event: "phase_start", phase_code: "run.bootstrap" });
  const [first] = judgeEntries(finished).phases;
  expect(first).toStrictEqual({
    scope: "run",
    phase_code: "run.bootstrap",
    phase_family: "bootstrap",
    status: "success",
    finished_at: "2026-01-01T00:00:00.002Z",
    duration_ms: 1,
    required: true,
    stream_path: RUN,
  });
  const { phases } = judgeEntries(started, new Map(), { full: true });
  expect(phases.filter(({ step, section }) => step !== undefined || section === "provider")).toStrictEqual([
    {
      scope: "job",
      phase_code: "job.provider_prepare",
      phase_family: "provider",
      job_id: "a",
      section: "provider",
      status: "success",
      started_at: "2026-01-01T00:00:00.009Z",
      finished_at: "2026-01-01T00:00:00.011Z",
      duration_ms: 1,
      required: false,
      stream_path: "jobs/a/system/provider/events.jsonl",
    },
    {
      scope: "step",
      phase_code: "step.script",
      phase_family: "step",
      job_id: "a",
      step: 1,
      started_at: "2026-01-01T00:00:00.014Z",
      required: false,
      stream_path: STEP,
    },
  ]);
});

test("phases come by their start, and one without a start by its finish", () => {
  const unstarted = without(entries, { path: RUN, event: "phase_start", phase_code: "run.finalize" });
  expect(judgeEntries(unstarted).phases.map(({ phase_code: code }) => code)).toEqual([
    "run.bootstrap",
    "run.pipeline_execute",
    "pipeline.execute",
    "job.provider_prepare",
    "job.execution",
    "job.cleanup",
    "run.finalize",
  ]);
});
