import { describe, expect, test } from "vitest";
import { naiveSchedule } from "../test/naive-schedule.ts";
import {
  at,
  broken,
  build,
  identity,
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
} from "../test/recorded-run.ts";
import type { EventError } from "./event.ts";
import type { PhaseOutcome } from "./job-result.ts";
import { replayRun, type RecordedEvent } from "./replay-run.ts";
import type { RunInput } from "./run-input.ts";

/** Not the limit of the job, although its code is the same. */
const lateImage: EventError = { code: "timeout", message: "The image took longer than 5 s" };

function replay(records: readonly RecordedEvent[]) {
  return replayRun(records, { identity, plan, schedule: naiveSchedule });
}

describe("replayRun()", () => {
  const failed = (error: EventError): PhaseOutcome => ({ status: "failed", error });
  const sigterm = stop({ kind: "signal", signal: "SIGTERM" });

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
    ["whose step was cancelled", [...ready, sigterm, step({ kind: "exited", exitCode: 143 })]],
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

  test("expects nothing in place of a record that nothing can stand for", () => {
    const { records } = run(started);
    const [first] = records.filter(({ record }) => record.event === "job_state");
    expect(replay([...records, first as RecordedEvent])).toEqual({
      ok: false,
      error: {
        code: "CORE_REPLAY_MISMATCH",
        message: "Record 5 (job_state) does not follow from the records before it",
        seq: 5,
      },
    });
  });

  test.each([
    ["a list", ["job"]],
    ["an object", { job: 1 }],
    ["null", null],
  ])("tells a word from %s", (_, other) => {
    const { records } = run(started.slice(0, 1));
    const [first] = records;
    const odd = { ...first, record: { ...first?.record, scope: other } } as unknown as RecordedEvent;
    expect(replay([odd]).ok).toBe(false);
  });
});
