import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { naiveSchedule } from "../test/naive-schedule.ts";
import {
  at,
  broken,
  build,
  identity,
  job,
  ok,
  phase,
  plan,
  ready,
  run,
  section,
  started,
  step,
  stop,
  timedOut,
  tooLong,
} from "../test/recorded-run.ts";
import type { EventError } from "./event.ts";
import { jobId, type JobId } from "./ids.ts";
import type { JobSchedule } from "./job-schedule.ts";
import type { PhaseOutcome } from "./job-result.ts";
import { replayRun, type RecordedEvent } from "./replay-run.ts";
import type { RunInput } from "./run-input.ts";
import type { JobPlan, RunPlan } from "./run-plan.ts";

/** Not the limit of the job, although its code is the same. */
const lateImage: EventError = { code: "timeout", message: "The image took longer than 5 s" };

function replay(records: readonly RecordedEvent[], of: RunPlan = plan) {
  return replayRun(records, { identity, plan: of, schedule: naiveSchedule });
}

/** A record that has nothing to do with the others. */
function odd(fields: object): RecordedEvent {
  const record = { seq: 99, ts: "", ...fields } as RecordedEvent["record"];
  return { stream: { kind: "run" }, record, atMs: at(3) };
}

describe("replayRun()", () => {
  test("knows by the record of who asked that a job was asked for", () => {
    const asked: JobId[] = [];
    const schedule = (of: RunPlan): JobSchedule => ({
      ...naiveSchedule(of),
      waits: () => true,
      play: (id) => {
        asked.push(id);
        return [];
      },
    });
    const { records } = run(started);
    const log: RecordedEvent["record"] = {
      ...({ seq: records.length + 1, ts: "t2" } as const),
      event: "log",
      level: "info",
      message: "Somebody asked",
      play: build,
    } as RecordedEvent["record"];
    const all = [...records, { stream: { kind: "run" } as const, record: log, atMs: at(2) }];
    expect(replayRun(all, { identity, plan, schedule }).ok).toBe(true);
    expect(asked).toEqual([build]);
  });

  const gone: EventError = { code: "worker_lost", message: "The machine does not answer" };
  const failed = (error: EventError): PhaseOutcome => ({ status: "failed", error });
  const sigterm = stop({ kind: "signal", signal: "SIGTERM" });
  const asked: RunInput = { type: "job_stop_requested", jobId: build, atMs: at(3) };

  test.each<[string, readonly RunInput[]]>([
    ["that has just begun", started.slice(0, 1)],
    [
      "without a workspace",
      [
        ...started.slice(0, 1),
        { type: "bootstrap_finished", outcome: { status: "failed", error: broken, plan }, atMs: at(1) },
      ],
    ],
    ["with a section under way", [...started, section("section_started")]],
    ["with a section that ended", [...started, section("section_started"), section("section_finished")]],
    ["whose set-up failed", [...started, phase("job.provider_prepare", failed(broken))]],
    ["whose set-up took too long", [...started, timedOut, phase("job.provider_prepare")]],
    [
      "whose set-up failed with a limit of its own",
      [...started, phase("job.provider_prepare", failed(lateImage))],
    ],
    [
      "whose limit came while a cache was restored",
      [
        ...started,
        phase("job.provider_prepare"),
        timedOut,
        phase("job.cache_restore", { status: "cancelled" }),
      ],
    ],
    ["whose set-up was skipped", [...started, phase("job.provider_prepare", { status: "skipped" })]],
    ["whose set-up was cancelled", [...started, phase("job.provider_prepare", { status: "cancelled" })]],
    ["whose step exited with 0", [...ready, step({ kind: "exited", exitCode: 0 })]],
    ["whose step exited with 3", [...ready, step({ kind: "exited", exitCode: 3 })]],
    ["whose step a signal ended", [...ready, step({ kind: "signaled", signal: "SIGSEGV" })]],
    [
      "whose provider knows why a signal ended its step",
      [
        ...ready,
        step({
          kind: "signaled",
          signal: "SIGKILL",
          error: { code: "out_of_memory", message: "There was no memory left" },
        }),
      ],
    ],
    ["whose step took too long", [...ready, timedOut, step({ kind: "signaled", signal: "SIGKILL" })]],
    ["whose step took too long and gave in", [...ready, timedOut, step({ kind: "exited", exitCode: 1 })]],
    [
      "whose step took too long and never began",
      [...ready, timedOut, step({ kind: "not_started", error: broken })],
    ],
    [
      "whose step took too long, and whose artifacts then could not be saved",
      [...ready, timedOut, step({ kind: "exited", exitCode: 1 }), phase("job.artifact_save", failed(broken))],
    ],
    [
      "that was stopped after its step took too long",
      [...ready, timedOut, sigterm, step({ kind: "exited", exitCode: 1 })],
    ],
    ["whose step never started", [...ready, step({ kind: "not_started", error: broken })]],
    ["whose step lost its worker", [...ready, step({ kind: "lost", error: gone })]],
    ["whose set-up lost its worker", [...started, phase("job.provider_prepare", failed(gone))]],
    [
      "whose step took too long and lost its worker",
      [...ready, timedOut, step({ kind: "lost", error: gone })],
    ],
    ["whose step was cancelled", [...ready, sigterm, step({ kind: "exited", exitCode: 143 })]],
    [
      "whose step never started for a limit of its own",
      [...ready, step({ kind: "not_started", error: lateImage })],
    ],
    [
      "whose step was cancelled before it started",
      [...ready, sigterm, step({ kind: "not_started", error: broken })],
    ],
    ["whose job was cancelled on request", [...ready, asked, step({ kind: "exited", exitCode: 143 })]],
    [
      "whose job was cancelled before its step started",
      [...ready, asked, step({ kind: "not_started", error: broken })],
    ],
    [
      "with a section that failed as if the job had reached its limit",
      [
        ...started,
        section("section_started"),
        section("section_finished", failed(tooLong)),
        phase("job.provider_prepare"),
      ],
    ],
    [
      "to its end",
      [
        ...ready,
        step({ kind: "exited", exitCode: 0 }),
        phase("job.artifact_save"),
        phase("job.cache_save"),
        phase("job.cleanup"),
        { type: "finalized", outcome: ok, atMs: at(9) },
      ],
    ],
    [
      "whose documents could not be written",
      [
        ...started,
        stop({ kind: "fault", error: broken }),
        phase("job.provider_prepare"),
        phase("job.cleanup"),
        { type: "finalized", outcome: { status: "failed", error: broken }, atMs: at(9) },
      ],
    ],
  ])("rebuilds a run %s", (_, inputs) => {
    const { machine, records } = run(inputs);
    const replayed = replay(records);
    if (!replayed.ok) throw new Error(replayed.error.message);
    expect(replayed.value.unrecorded).toEqual([]);
    expect(replayed.value.machine.stage).toBe(machine.stage);
    expect(replayed.value.machine.jobState(build)).toEqual(machine.jobState(build));
    expect(replayed.value.machine.result()).toEqual(machine.result());
  });

  test.each<[string, Partial<JobPlan>, readonly RunInput[]]>([
    [
      "whose second attempt took too long",
      { retry: { max: 1, on: ["provider"] } },
      [
        phase("job.provider_prepare", failed(broken)),
        { type: "job_timed_out", jobId: build, attempt: 2, atMs: at(3) },
        phase("job.provider_prepare"),
      ],
    ],
    [
      "whose job has no limit, and whose image took too long",
      { timeoutMs: undefined as never },
      [phase("job.provider_prepare", failed(lateImage))],
    ],
  ])("rebuilds a run %s", (_, fields, inputs) => {
    const of = { ...plan, jobs: [{ ...job, ...fields }] };
    const bootstrapped: RunInput = {
      type: "bootstrap_finished",
      outcome: { status: "success", plan: of },
      atMs: at(1),
    };
    const { machine, records } = run([...started.slice(0, 1), bootstrapped, ...inputs]);
    const replayed = replay(records, of);
    if (!replayed.ok) throw new Error(replayed.error.message);
    expect(replayed.value.unrecorded).toEqual([]);
    expect(replayed.value.machine.jobState(build)).toEqual(machine.jobState(build));
  });

  test("names what was not recorded any more", () => {
    const { records } = run(started);
    const replayed = replay(records.slice(0, 3));
    expect(replayed).toMatchObject({
      ok: true,
      value: { unrecorded: records.slice(3).map(({ stream }) => ({ stream })) },
    });
  });

  test("passes over notes that stop nothing", () => {
    const { records } = run(started);
    const note = (stop: unknown): RecordedEvent => ({
      stream: { kind: "run" },
      record: {
        event: "log",
        seq: 9,
        ts: "",
        level: "info",
        message: "note",
        stop,
      } as RecordedEvent["record"],
      atMs: at(1),
    });
    const notes = [undefined, null, "now", 7, { signal: "SIGINT" }].map(note);
    const replayed = replay([...records, ...notes]);
    expect(replayed).toMatchObject({ ok: true, value: { machine: { stage: "executing" } } });
    const next = replayed.ok && replayed.value.machine.step(phase("job.provider_prepare"));
    expect(next).toMatchObject({ ok: true, value: { commands: [{ type: "run_phase" }] } });
  });

  test("takes no note for the end of what reached its limit", () => {
    const { records } = run(started);
    const about = { level: "warn", message: "stop", job_id: build, error: tooLong };
    const replayed = replay([
      ...records,
      odd({ event: "log", ...about, stop: { kind: "signal", signal: "SIGTERM" } }),
    ]);
    expect(replayed.ok && replayed.value.machine.jobState(build)).toMatchObject({ stop: "cancel" });
  });

  test("names the first record that does not follow, and what should have stood there", () => {
    const { records } = run(started);
    const changed = records.map((recorded) =>
      recorded.record.event === "job_state" && recorded.record.to === "ready"
        ? { ...recorded, record: { ...recorded.record, reason: "because" } }
        : recorded,
    );
    expect(replay(changed)).toEqual({
      ok: false,
      error: {
        code: "CORE_REPLAY_MISMATCH",
        message: "Record 5 (job_state) does not follow from the records before it",
        seq: 5,
        expected: { event: "job_state", job_id: "build", from: "pending", to: "ready" },
      },
    });
  });

  test("says why an input is refused that a record stands for", () => {
    const { records } = run(started.slice(0, 1));
    const again = { ...records[0], record: { ...records[0]?.record, seq: 2 } } as RecordedEvent;
    expect(replay([...records, again])).toEqual({
      ok: false,
      error: {
        code: "CORE_REPLAY_MISMATCH",
        message: "Cannot take input run_started in state run bootstrapping",
        seq: 2,
      },
    });
  });

  test("says why a job is refused that is not in the plan, whatever ended it", () => {
    const { records } = run(started);
    const fields = { job_id: "lint", phase_code: "job.cleanup", status: "failed", error: tooLong };
    expect(replay([...records, odd({ event: "phase_finish", ...fields })])).toEqual({
      ok: false,
      error: {
        code: "CORE_REPLAY_MISMATCH",
        message: 'Cannot take input phase_finished (job "lint", job.cleanup) in state run executing',
        seq: 99,
      },
    });
  });

  const start = { event: "phase_start" };
  const finish = { event: "phase_finish", status: "success" };
  test.each<[string, object]>([
    ["of a job that moves", { event: "job_state", job_id: "build", from: "pending", to: "ready" }],
    ["of a phase that begins", { ...start, phase_code: "job.provider_prepare", job_id: "build" }],
    ["of a section of no job", { ...start, phase_code: "job.provider_prepare", section: "provider" }],
    ["of the end of run.pipeline_execute", { ...finish, phase_code: "run.pipeline_execute" }],
    ["of the end of pipeline.execute", { ...finish, phase_code: "pipeline.execute" }],
    ["of the end of the steps", { ...finish, phase_code: "job.execution", job_id: "build", step: 1 }],
    ["of the end of a step of no job", { ...finish, phase_code: "step.script", step: 1 }],
    ["of the end of a step without a number", { ...finish, phase_code: "step.script", job_id: "build" }],
    ["of the end of a phase of no job", { ...finish, phase_code: "job.provider_prepare" }],
  ])("expects nothing in place of a record %s, where nothing is due", (_, fields) => {
    const { records } = run(started);
    const event = "event" in fields ? String(fields.event) : "";
    expect(replay([...records, odd(fields)])).toEqual({
      ok: false,
      error: {
        code: "CORE_REPLAY_MISMATCH",
        message: `Record 99 (${event}) does not follow from the records before it`,
        seq: 99,
      },
    });
  });

  test.each<[string, readonly RunInput[]]>([
    ["phase", [...started, phase("job.provider_prepare", failed(broken))]],
    ["step", [...ready, step({ kind: "not_started", error: broken })]],
  ])("misses the cause of a %s that failed", (_, inputs) => {
    const { records } = run(inputs);
    const without = records.map(({ record, ...rest }) => {
      const { error: _error, ...fields } = record as unknown as { error?: EventError };
      return { ...rest, record: fields } as RecordedEvent;
    });
    expect(replay(without)).toMatchObject({
      ok: false,
      error: { expected: { error: { code: "unknown", message: "The record names no cause" } } },
    });
  });

  test.each<[string, unknown, unknown]>([
    ["scope", "run", ["job"]],
    ["scope", "run", { job: 1 }],
    ["scope", "run", null],
    ["duration_ms", 1, 2],
    ["duration_ms", 1, {}],
    ["blocked_by", ["a"], "a"],
    ["blocked_by", ["a"], null],
    ["blocked_by", ["a"], ["b"]],
    ["blocked_by", ["a"], ["a", "b"]],
  ])("tells a %s of %j from %j", (field, value, other) => {
    const chain = ["a", "b"].map((name): JobPlan => ({
      ...job,
      jobId: jobId(name),
      needs: name === "b" ? [jobId("a")] : [],
    }));
    const of = { ...plan, jobs: chain };
    const about = { jobId: jobId("a"), atMs: at(2) };
    const { records } = run([
      ...started.slice(0, 1),
      { type: "bootstrap_finished", outcome: { status: "success", plan: of }, atMs: at(1) },
      { type: "phase_finished", ...about, phase: "job.provider_prepare", outcome: failed(broken) },
      { type: "phase_finished", ...about, phase: "job.cleanup", outcome: ok },
    ]);
    expect(replay(records, of).ok).toBe(true);
    const place = records.findIndex(({ record }) => isDeepStrictEqual(Reflect.get(record, field), value));
    const changed = records.map((recorded, index) =>
      index === place
        ? ({ ...recorded, record: { ...recorded.record, [field]: other } } as RecordedEvent)
        : recorded,
    );
    expect(replay(changed, of)).toMatchObject({ ok: false, error: { seq: place + 1 } });
  });
});
