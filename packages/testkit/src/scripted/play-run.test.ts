import { epochMs, runIdentity, type LoomEvent } from "@loom/core";
import type { RecordSink } from "@loom/ports";
import { graphOf, PlayedRun, type ScriptedEnd } from "@loom/contract-suites";
import { expect, test } from "vitest";
import { createRecordingSink } from "../recording-sink.ts";
import { createNaiveSchedule } from "../schedule/naive-schedule.ts";
import { JudgedSink } from "./judged-sink.ts";
import { playRun, type PlayedRecord, type RunPlay } from "./play-run.ts";

const GRAPH = graphOf([{ id: "lint" }, { id: "unit", retry: { max: 1, on: ["failure"] } }]);
const identity = runIdentity(1n);

function played(play: Partial<RunPlay>, sink: RecordSink = createRecordingSink()): readonly PlayedRecord[] {
  return playRun({ graph: GRAPH, ...play }, { identity, sink, schedule: createNaiveSchedule });
}

test.each([
  ["succeeds", {}],
  ["prints", { step: () => ({ stdout: ["one", "", "two"], stderr: ["three"] }) }],
  ["fails", { step: () => ({ end: { kind: "exited", exitCode: 3 } }) }],
  [
    "is held, and goes on",
    {
      pauseTimeoutMs: 1000,
      step: (_job, _step, attempt) => ({ end: { kind: "exited", exitCode: attempt < 4 ? 1 : 0 } }),
      resume: () => "retry_step",
    },
  ],
  ["is held in vain", { pauseTimeoutMs: 1000, step: () => ({ end: { kind: "exited", exitCode: 3 } }) }],
  ["has no provider", { prepare: () => ({ code: "provider_unavailable", message: "There is none" }) }],
  ["has no workflow", { bootstrapError: { code: "WORKFLOW_NOT_FOUND", message: "There is none" } }],
  [
    "is stopped",
    { step: () => ({ ms: 500 }), stop: { atMs: 100, cause: { kind: "signal", signal: "SIGINT" } } },
  ],
  ["dies", { step: () => ({ ms: 500 }), dieAtMs: 100 }],
] satisfies [string, Partial<RunPlay>][])(
  "playRun() keeps the lifecycle contract in a run that %s",
  (_, play) => {
    const judge = new JudgedSink();
    played(play, judge);
    expect(judge.brokenRules()).toEqual([]);
  },
);

test("playRun() stops what runs at once, and says in the end how the run came out", () => {
  const stop = { atMs: 100, cause: { kind: "signal", signal: "SIGTERM" } } as const;
  const ends: object[] = [];
  playRun(
    { graph: GRAPH, step: () => ({ ms: 60_000 }), stop },
    {
      identity,
      sink: createRecordingSink(),
      schedule: createNaiveSchedule,
      finalize: ({ status, exitCode }, atMs) => void ends.push({ outcome: [status, exitCode], atMs }),
    },
  );
  expect(ends).toEqual([
    {
      outcome: ["cancelled", 143],
      atMs: epochMs(Date.UTC(2026, 0, 1) + 102),
    },
  ]);
});

test("playRun() writes nothing from the moment on at which the run dies", () => {
  const records = played({ step: () => ({ ms: 500 }), dieAtMs: 502 });
  expect(records.filter(({ record }) => record.event === "phase_finish" && record.scope === "step")).toEqual(
    [],
  );
  const later = played({ step: () => ({ ms: 500 }), dieAtMs: 503 });
  expect(
    later.filter(({ record }) => record.event === "phase_finish" && record.scope === "step"),
  ).toHaveLength(2);
});

test.each([
  ["succeeds", { exitCode: 0 }, {}],
  ["exits with 3", { exitCode: 3 }, { step: () => ({ end: { kind: "exited", exitCode: 3 } }) }],
  ["is killed", { signal: "SIGKILL" }, { step: () => ({ end: { kind: "signaled", signal: "SIGKILL" } }) }],
  [
    "is cancelled",
    { signal: "SIGTERM", status: "cancelled" },
    { step: () => ({ ms: 500 }), stop: { atMs: 100, cause: { kind: "signal", signal: "SIGTERM" } } },
  ],
] satisfies [string, ScriptedEnd, Partial<RunPlay>][])(
  "PlayedRun.runs() says of a job that %s what the machine says",
  (_, end, play) => {
    const scripted = createRecordingSink();
    new PlayedRun(scripted).goesBy(identity).runs("a", 10, [], end);
    const machine = played({ graph: graphOf([{ id: "a" }]), ...play });
    expect(finishes(scripted.records.map(({ record }) => record))).toEqual(
      finishes(machine.map(({ record }) => record)),
    );
  },
);

/** How steps and executions finish, without the time and the words of the cause. */
function finishes(records: readonly LoomEvent[]): readonly object[] {
  return records.flatMap((record) => {
    if (record.event !== "phase_finish") return [];
    if (record.scope !== "step" && record.phase_family !== "execution") return [];
    const { seq: _seq, ts: _ts, duration_ms: _duration, error: _error, ...rest } = record;
    return [rest];
  });
}
