import { describe, expect, test } from "vitest";
import { naiveSchedule } from "../test/naive-schedule.ts";
import { at, build, job, plan } from "../test/recorded-run.ts";
import { jobId } from "./ids.ts";
import { recordedSchedule } from "./recorded-schedule.ts";
import type { RecordedEvent } from "./replay-run.ts";
import type { RunPlan } from "./run-plan.ts";

describe("recordedSchedule()", () => {
  const two: RunPlan = { ...plan, jobs: [job, { ...job, jobId: jobId("lint") }] };
  const startOf = (name: string, to: "ready" | "running"): RecordedEvent => ({
    stream: { kind: "pipeline" },
    record: { event: "job_state", seq: 1, ts: "", job_id: jobId(name), from: "pending", to },
    atMs: at(0),
  });

  test("starts jobs in the order of the records, and none after the last of them", () => {
    const note = { event: "log", seq: 1, ts: "", level: "info", message: "", to: "running", job_id: "build" };
    const schedule = recordedSchedule(naiveSchedule(two), [
      startOf("build", "ready"),
      { ...startOf("build", "running"), record: note as RecordedEvent["record"] },
      startOf("lint", "running"),
    ]);
    expect(schedule.begin()).toHaveLength(2);
    expect(schedule.take()).toBe("lint");
    expect(schedule.take()).toBeUndefined();
  });

  test("waits for the next job of the records until it is ready", () => {
    const needing = { ...plan, jobs: [job, { ...job, jobId: jobId("lint"), needs: [build] }] };
    const schedule = recordedSchedule(naiveSchedule(needing), [startOf("lint", "running")]);
    schedule.begin();
    expect(schedule.take()).toBeUndefined();
    expect(schedule.settle(build, { status: "success" })).toMatchObject([{ kind: "ready", jobId: "lint" }]);
    expect(schedule.take()).toBe("lint");
  });
});
