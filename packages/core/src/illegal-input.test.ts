import { expect, test } from "vitest";
import { epochMs, jobId } from "./ids.ts";
import { illegalInput } from "./illegal-input.ts";
import type { JobInput } from "./job-input.ts";

const atMs = epochMs(0);

test.each<[JobInput, string, string]>([
  [{ type: "job_ready" }, "job_ready", 'job_ready (job "build")'],
  [{ type: "job_cancel", atMs }, "job_cancel", 'job_cancel (job "build")'],
  [
    { type: "job_timed_out", attempt: 2, atMs },
    "job_timed_out (attempt 2)",
    'job_timed_out (job "build", attempt 2)',
  ],
])("illegalInput() describes %j, and names its job where it is told", (input, described, withJob) => {
  expect(illegalInput("run idle", input)).toEqual({
    code: "CORE_ILLEGAL_INPUT",
    message: `Cannot take input ${described} in state run idle`,
    state: "run idle",
    input: described,
  });
  expect(illegalInput("run idle", input, jobId("build")).input).toBe(withJob);
});
