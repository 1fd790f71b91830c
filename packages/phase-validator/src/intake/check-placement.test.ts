import { jobId } from "@loom/core";
import { expect, test } from "vitest";
import { checkPlacement } from "./check-placement.ts";
import type { StreamPlace } from "./stream-place.ts";

const job: StreamPlace = { kind: "job", jobId: jobId("a") };
const step: StreamPlace = { kind: "step", jobId: jobId("a"), step: 1 };
const section: StreamPlace = { kind: "section", jobId: jobId("a"), section: "provider" };

test.each([
  [{ kind: "run" } as StreamPlace, "run.bootstrap", {}, true],
  [{ kind: "run" } as StreamPlace, "pipeline.execute", {}, false],
  [{ kind: "pipeline" } as StreamPlace, "pipeline.execute", {}, true],
  [{ kind: "pipeline" } as StreamPlace, "run.bootstrap", {}, false],
  [job, "job.execution", { job_id: "a" }, true],
  [job, "job.execution", { job_id: "b" }, false],
  [job, "job.provider_prepare", { job_id: "a", section: "provider" }, false],
  [job, "step.script", { job_id: "a" }, false],
  [job, "run.bootstrap", { job_id: "a" }, false],
  [step, "step.script", { job_id: "a", step: 1 }, true],
  [step, "step.script", { job_id: "a", step: 2 }, false],
  [step, "job.execution", { job_id: "a", step: 1 }, false],
  [section, "job.provider_prepare", { job_id: "a", section: "provider" }, true],
  [section, "job.provider_prepare", { job_id: "a", section: "services" }, false],
  [section, "job.provider_prepare", { job_id: "a" }, false],
  [section, "step.script", { job_id: "a", section: "provider" }, false],
  [{ kind: "unknown" } as StreamPlace, "run.bootstrap", {}, false],
] as const)("checkPlacement() of %j and %s with %j: belongs there %s", (place, code, json, belongs) => {
  const why = checkPlacement(place, code, json);
  expect(why === undefined).toBe(belongs);
  expect(why).not.toBe("");
});
