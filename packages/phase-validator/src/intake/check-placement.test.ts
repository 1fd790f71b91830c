import { jobId } from "@loom/core";
import { expect, test } from "vitest";
import { checkPlacement } from "./check-placement.ts";
import type { JudgedPlace } from "./stream-place.ts";

const job: JudgedPlace = { kind: "job", jobId: jobId("a") };
const step: JudgedPlace = { kind: "step", jobId: jobId("a"), step: 1 };
const section: JudgedPlace = { kind: "section", jobId: jobId("a"), section: "provider" };

test.each([
  [{ kind: "run" } as JudgedPlace, "run.bootstrap", {}, true],
  [{ kind: "run" } as JudgedPlace, "pipeline.execute", {}, false],
  [{ kind: "pipeline" } as JudgedPlace, "pipeline.execute", {}, true],
  [{ kind: "pipeline" } as JudgedPlace, "run.bootstrap", {}, false],
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
  [{ kind: "unknown" } as JudgedPlace, "run.bootstrap", {}, false],
] as const)("checkPlacement() of %j and %s with %j: belongs there %s", (place, code, json, belongs) => {
  const why = checkPlacement(place, code, json);
  expect(why === undefined).toBe(belongs);
  expect(why).not.toBe("");
});
