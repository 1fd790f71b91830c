import { expect, test } from "vitest";
import { reachedLimit } from "./reached-limit.ts";
import { jobId } from "./ids.ts";
import { limitError, stepLimitError } from "./stop-error.ts";

const NODE = { id: "a", timeout_ms: 1500, step_options: [{ step: 2, timeout_ms: 1500 }, { step: 3 }] };
const OF_JOB = limitError({ jobId: jobId("a"), timeoutMs: 1500 });
const OF_STEP = stepLimitError(2, 1500);

test.each([
  ["the job's, in a step that has one of its own", OF_JOB, 2, { of: "job", ms: 1500 }],
  ["the job's, in a step that has none", OF_JOB, 3, { of: "job", ms: 1500 }],
  ["the job's, outside its steps", OF_JOB, undefined, { of: "job", ms: 1500 }],
  ["the step's", OF_STEP, 2, { of: "step", ms: 1500 }],
  ["that of another step", OF_STEP, 3, undefined],
  ["none that the job has", stepLimitError(2, 900), 2, undefined],
  ["no limit", { code: "exit_code", message: OF_JOB.message }, 2, undefined],
] as const)("reachedLimit() knows %s", (_what, error, step, limit) => {
  expect(reachedLimit(NODE, error, step)).toStrictEqual(limit);
});

test("reachedLimit() finds none in a job without limits", () => {
  expect(reachedLimit({ id: "a" }, OF_JOB, 1)).toBeUndefined();
});
