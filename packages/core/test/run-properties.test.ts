import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  epochMs,
  interruptRun,
  isTerminal,
  JOB_PHASE_ORDER,
  LOST_WORKER_RETRIES,
  jobStatus,
  recordedSchedule,
  replayRun,
  type JobId,
  type JobPhaseCode,
  type PhaseFinishEvent,
  type PhaseStartEvent,
  type RecordedEvent,
  type RunMachine,
} from "../src/index.ts";
import { arbitraryFate } from "./arbitrary-fate.ts";
import { isBlocked, isBlockingFailure, naiveSchedule } from "./naive-schedule.ts";
import { IDENTITY, simulateRun, type Fate } from "./simulate-run.ts";

const RUNS = { numRuns: 1500 };

interface Span {
  readonly start: PhaseStartEvent;
  readonly finish: PhaseFinishEvent;
}

/** Pairs every start with its finish; throws where there is not exactly one. */
function spansOf(records: readonly RecordedEvent[]): Span[] {
  const open = new Map<string, PhaseStartEvent>();
  const spans: Span[] = [];
  for (const { stream, record } of records) {
    if (record.event !== "phase_start" && record.event !== "phase_finish") continue;
    const { phase_code, section, step, attempt } = record;
    const key = JSON.stringify([stream, phase_code, section, step, attempt]);
    if (record.event === "phase_start") {
      if (open.has(key)) throw new Error(`${key} starts twice`);
      open.set(key, record);
    } else {
      const start = open.get(key);
      if (start === undefined) throw new Error(`${key} finishes without a start`);
      open.delete(key);
      spans.push({ start, finish: record });
    }
  }
  if (open.size > 0) throw new Error(`Never finished: ${[...open.keys()].join(", ")}`);
  return spans;
}

function spanOf(spans: readonly Span[], code: string): Span {
  const found = spans.filter((span) => span.start.phase_code === code);
  expect(found).toHaveLength(1);
  return found[0] as Span;
}

function inside(inner: Span, outer: Span): boolean {
  return outer.start.seq < inner.start.seq && inner.finish.seq < outer.finish.seq;
}

function resultOf(machine: RunMachine, id: JobId) {
  const state = machine.jobState(id);
  if (state?.status !== "settled") throw new Error(`Job ${id} did not settle`);
  return state.result;
}

/** The jobs that ended, and how. */
function finishedJobs(records: readonly RecordedEvent[]): Map<JobId, string> {
  const ended = records.flatMap(({ record }) =>
    record.event === "job_state" && isTerminal(record.to) ? [[record.job_id, record.to] as const] : [],
  );
  expect(new Set(ended.map(([id]) => id)).size).toBe(ended.length);
  return new Map(ended);
}

/** A run whose process ended after some records, closed by somebody else. */
function closeInterrupted(
  fate: Fate,
  kept: readonly RecordedEvent[],
): { readonly machine: RunMachine; readonly records: readonly RecordedEvent[]; readonly cutOff: boolean } {
  const { plan } = fate;
  const schedule = () => recordedSchedule(naiveSchedule(plan), kept);
  const replayed = replayRun(kept, { identity: IDENTITY, plan, schedule });
  if (!replayed.ok) throw new Error(`${replayed.error.message}\n${JSON.stringify(replayed.error.expected)}`);
  const { machine, unrecorded } = replayed.value;
  const cutOff = machine.stage !== "finalizing";
  const atMs = kept.at(-1)?.atMs ?? epochMs(1_700_000_000_000);
  const records = [...kept];
  const record = (stream: RecordedEvent["stream"], fields: object): void => {
    const event = { seq: records.length + 1, ts: `t${atMs}`, ...fields } as RecordedEvent["record"];
    records.push({ stream, record: event, atMs });
  };
  for (const { stream, event } of unrecorded) record(stream, event);
  const closing = interruptRun(machine, { atMs, plan });
  if (records.length > 0 && cutOff) {
    const note = { event: "log", level: "error", message: "interrupted", stop: { kind: "interrupted" } };
    record({ kind: "run" }, note);
  }
  for (const { stream, event } of closing) record(stream, event);
  expect(machine.stage).toBe("finalizing");
  const last = machine.step({ type: "finalized", outcome: { status: "success" }, atMs });
  if (!last.ok) throw new Error(last.error.message);
  for (const { stream, event } of last.value.emissions) record(stream, event);
  return { machine, records, cutOff };
}

function check(property: (fate: Fate, run: ReturnType<typeof simulateRun>) => void): void {
  fc.assert(
    fc.property(arbitraryFate, (fate) => property(fate, simulateRun(fate))),
    RUNS,
  );
}

describe("RunMachine, over random graphs, results and moments of stopping", () => {
  test("gives every start exactly one finish, in the same stream", () => {
    check((_fate, { records }) => {
      expect(spansOf(records).length).toBeGreaterThanOrEqual(4);
    });
  });

  test("nests the run, the pipeline, the jobs, their sections and their steps by seq", () => {
    check((_fate, { records }) => {
      const spans = spansOf(records);
      const [bootstrap, outer, pipeline, finalize] = [
        spanOf(spans, "run.bootstrap"),
        spanOf(spans, "run.pipeline_execute"),
        spanOf(spans, "pipeline.execute"),
        spanOf(spans, "run.finalize"),
      ];
      expect(bootstrap.finish.seq).toBeLessThan(outer.start.seq);
      expect(inside(pipeline, outer)).toBe(true);
      expect(outer.finish.seq).toBeLessThan(finalize.start.seq);
      expect(finalize.finish.seq).toBe(records.length);
      const jobSpans = spans.filter((span) => span.start.scope === "job" && span.start.section === undefined);
      for (const span of jobSpans) expect(inside(span, pipeline)).toBe(true);
      for (const span of spans) {
        const { job_id, attempt, step, section, phase_code } = span.start;
        if (step === undefined && section === undefined) continue;
        const parentCode = step === undefined ? phase_code : "job.execution";
        const parent = jobSpans.find(
          ({ start }) =>
            start.job_id === job_id && start.attempt === attempt && start.phase_code === parentCode,
        );
        expect(parent !== undefined && inside(span, parent)).toBe(true);
      }
    });
  });

  test("gives each job its phases in order, one after the other, and exactly one cleanup, last", () => {
    check((fate, { records }) => {
      const spans = spansOf(records);
      for (const { jobId } of fate.plan.jobs) {
        const phases = spans
          .filter(
            ({ start }) => start.job_id === jobId && start.scope === "job" && start.section === undefined,
          )
          .sort((a, b) => a.start.seq - b.start.seq);
        expect(phases.filter(({ start }) => start.phase_code === "job.cleanup")).toHaveLength(1);
        const rank = ({ start }: Span): number =>
          start.phase_code === "job.cleanup"
            ? Infinity
            : (start.attempt ?? 1) * 10 + JOB_PHASE_ORDER.indexOf(start.phase_code as JobPhaseCode);
        for (const [index, span] of phases.entries()) {
          const next = phases[index + 1];
          if (next === undefined) break;
          expect(span.finish.seq).toBeLessThan(next.start.seq);
          expect(rank(span)).toBeLessThan(rank(next));
        }
        const started = phases.some(({ start }) => start.phase_code === "job.provider_prepare");
        const executions = phases.filter(({ start }) => start.phase_code === "job.execution");
        const preparations = phases.filter(({ start }) => start.phase_code === "job.provider_prepare");
        const resumed = executions.filter(({ start }) => start.from_step !== undefined);
        expect(executions.length - resumed.length).toBe(preparations.length);
        for (const { start } of resumed) {
          const attempt = (start.attempt ?? 1) - 1;
          const before = spans.filter(
            (span) => span.start.job_id === jobId && (span.start.attempt ?? 1) === attempt,
          );
          const failed = before.find((span) => span.start.step === start.from_step);
          const { finish } = before.find((span) => span.start.phase_code === "job.execution") as Span;
          expect([failed?.finish.status, finish.status]).toEqual(["failed", "failed"]);
          const first = spans.find(
            (span) =>
              span.start.job_id === jobId &&
              span.start.attempt === start.attempt &&
              span.start.step !== undefined,
          );
          expect(first?.start.step).toBe(start.from_step);
        }
        if (!started) expect(phases).toHaveLength(1);
      }
    });
  });

  test("runs nothing more of an attempt that lost its worker, and loses no more of them than it may", () => {
    check((fate, { records }) => {
      const spans = spansOf(records);
      for (const { jobId, retry } of fate.plan.jobs) {
        const own = spans.filter(({ start }) => start.job_id === jobId && start.section === undefined);
        const lost = own.filter(
          ({ start, finish }) => finish.error?.code === "worker_lost" && start.phase_code !== "job.execution",
        );
        for (const { start, finish } of lost) {
          const later = own.filter(
            (span) => span.start.attempt === start.attempt && span.start.seq > finish.seq,
          );
          for (const span of later)
            expect([span.start.phase_code, span.finish.status]).toEqual(
              span.start.phase_code === "job.cleanup"
                ? ["job.cleanup", "success"]
                : ["job.execution", span.finish.status === "cancelled" ? "cancelled" : "skipped"],
            );
        }
        // One that had failed before it lost its worker failed for that.
        const counted = lost.filter(
          ({ start, finish }) =>
            !own.some(
              (span) =>
                span.start.attempt === start.attempt &&
                span.finish.status === "failed" &&
                span.finish.tolerated !== true &&
                span.finish.seq < finish.seq,
            ),
        );
        const bound = retry.on.includes("worker") ? retry.max : LOST_WORKER_RETRIES;
        expect(counted.length).toBeLessThanOrEqual(bound + 1);
      }
    });
  });

  test("starts no job before its stage and its needs are settled", () => {
    check((fate, { records }) => {
      const startedAt = new Map<JobId, number>();
      const settledAt = new Map<JobId, number>();
      for (const { record } of records) {
        if (record.event !== "job_state") continue;
        if (record.to === "running") startedAt.set(record.job_id, record.seq);
        else if (record.to !== "ready") settledAt.set(record.job_id, record.seq);
      }
      for (const job of fate.plan.jobs) {
        const start = startedAt.get(job.jobId);
        if (start === undefined) continue;
        const stage = fate.plan.stages.indexOf(job.stage);
        const earlier = fate.plan.jobs.filter((other) => fate.plan.stages.indexOf(other.stage) < stage);
        for (const awaited of [...job.needs, ...earlier.map((other) => other.jobId)]) {
          expect(settledAt.get(awaited)).toBeLessThan(start);
        }
      }
    });
  });

  test("never runs more jobs at a time than it may", () => {
    check((fate, { records }) => {
      // A job that is held lends its place to another, and waits for none when it goes on.
      if (fate.plan.pauseTimeoutMs !== undefined) return;
      let running = 0;
      for (const { record } of records) {
        if (record.event !== "job_state") continue;
        if (record.to === "running") running += 1;
        else if (record.from === "running") running -= 1;
        expect(running).toBeLessThanOrEqual(fate.plan.concurrency);
      }
    });
  });

  test("moves every job along one path to exactly one terminal state", () => {
    check((fate, { machine, records }) => {
      const paths = new Map<string, string[]>(fate.plan.jobs.map((job) => [job.jobId, ["pending"]]));
      for (const { record } of records) {
        if (record.event !== "job_state") continue;
        const path = paths.get(record.job_id) ?? [];
        expect(record.from).toBe(path.at(-1));
        path.push(record.to);
      }
      for (const [id, path] of paths) {
        const state = machine.jobState(id as JobId);
        expect(path.at(-1)).toBe(state && jobStatus(state));
        expect(path.join(" ")).toMatch(
          /^pending( ready)?( running (success|failed|cancelled)| skipped| cancelled)$/u,
        );
      }
    });
  });

  test("leaves nothing unstarted that was eligible, and names why the rest was skipped", () => {
    check((fate, { machine }) => {
      const result = machine.result();
      for (const job of fate.plan.jobs) {
        const own = resultOf(machine, job.jobId);
        if (own.status !== "skipped") continue;
        if (fate.bootstrapFails) {
          expect(own.reason).toBe("bootstrap_failed");
          continue;
        }
        const stage = fate.plan.stages.indexOf(job.stage);
        const earlier = fate.plan.jobs.filter((other) => fate.plan.stages.indexOf(other.stage) < stage);
        const awaited = [...job.needs, ...earlier.map((other) => other.jobId)].map((id) =>
          resultOf(machine, id),
        );
        const failed = awaited.some(isBlockingFailure);
        if (own.reason === "condition_not_met") {
          expect(job.when).toBe("on_failure");
          expect(failed).toBe(false);
        } else {
          expect(job.when).toBe("on_success");
          expect(failed || awaited.some(isBlocked)).toBe(true);
        }
      }
      if (result.status === "success") {
        const ends = fate.plan.jobs.map((job) => resultOf(machine, job.jobId));
        expect(ends.some(isBlockingFailure)).toBe(false);
        expect(ends.some((end) => end.status === "cancelled")).toBe(false);
      }
    });
  });

  test("lists the blocking failures in the order in which they finished", () => {
    check((_fate, { machine, records }) => {
      const failed = records.flatMap(({ record }) =>
        record.event === "job_state" && record.to === "failed" ? [record.job_id] : [],
      );
      const blocking = failed.filter((id) => isBlockingFailure(resultOf(machine, id)));
      expect(machine.result().failedJobIds).toEqual(blocking);
    });
  });

  test("is rebuilt in the same final state by replaying what it emitted", () => {
    check((fate, { machine, records }) => {
      const replayed = replayRun(records, { identity: IDENTITY, plan: fate.plan, schedule: naiveSchedule });
      if (!replayed.ok)
        throw new Error(`${replayed.error.message}\n${JSON.stringify(replayed.error.expected)}`);
      const { machine: rebuilt, unrecorded } = replayed.value;
      expect(unrecorded).toEqual([]);
      expect(rebuilt.result()).toEqual(machine.result());
      expect(rebuilt.stage).toBe("finished");
      for (const job of fate.plan.jobs) {
        expect(rebuilt.jobState(job.jobId)).toEqual(machine.jobState(job.jobId));
      }
    });
  });

  test("is replayed by its own records alone, without the schedule it had", () => {
    check((fate, { machine, records }) => {
      const replayed = replayRun(records, {
        identity: IDENTITY,
        plan: fate.plan,
        schedule: (plan) => recordedSchedule(naiveSchedule(plan), records),
      });
      if (!replayed.ok) throw new Error(replayed.error.message);
      expect(replayed.value.machine.result()).toEqual(machine.result());
    });
  });

  test("can be closed as interrupted wherever its records break off", () => {
    fc.assert(
      fc.property(arbitraryFate, fc.nat(), (fate, pick) => {
        const { records } = simulateRun(fate);
        const kept = records.slice(0, pick % records.length);
        const closed = closeInterrupted(fate, kept);
        spansOf(closed.records);
        const before = finishedJobs(kept);
        const after = finishedJobs(closed.records);
        expect([...after.keys()].sort()).toEqual(fate.plan.jobs.map((job) => job.jobId).sort());
        for (const [id, status] of before) expect(after.get(id)).toBe(status);
        if (closed.cutOff) {
          expect(closed.machine.result()).toMatchObject({
            status: "failure",
            exitCode: 1,
            error: { code: "interrupted" },
          });
        }
        const again = replayRun(closed.records, {
          identity: IDENTITY,
          plan: fate.plan,
          schedule: (plan) => recordedSchedule(naiveSchedule(plan), closed.records),
        });
        if (!again.ok) throw new Error(`${again.error.message}\n${JSON.stringify(again.error.expected)}`);
        expect(again.value.machine.result()).toEqual(closed.machine.result());
      }),
      RUNS,
    );
  });

  test("does not accept a replay in which a record was left out", () => {
    fc.assert(
      fc.property(arbitraryFate, fc.nat(), (fate, pick) => {
        const { records } = simulateRun(fate);
        const lifecycle = records.filter(({ record }) => record.event !== "log");
        const left = lifecycle[pick % (lifecycle.length - 1)];
        const rest = records.filter((recorded) => recorded !== left);
        const replayed = replayRun(rest, { identity: IDENTITY, plan: fate.plan, schedule: naiveSchedule });
        expect(replayed.ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
