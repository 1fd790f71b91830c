import { createNaiveSchedule, createRecordingSink, graphOf, playRun } from "@loom/testkit";
import { runIdentity } from "@loom/core";
import { expect, test } from "vitest";
import { HeldWatch } from "./held-watch.ts";

/** What is told of a run in which jobs fail at first, each after so many milliseconds. */
function toldOf(jobs: Readonly<Record<string, number>>, how: "retry_step" | "continue"): string[][] {
  const told: string[][] = [];
  const watch = new HeldWatch((held) => void told.push([...held]));
  const sink = createRecordingSink();
  playRun(
    {
      graph: graphOf(Object.keys(jobs).map((id) => ({ id }))),
      concurrency: 4,
      pauseTimeoutMs: 1000,
      step: (job, _step, attempt) => ({
        ms: jobs[job] ?? 1,
        end: { kind: "exited", exitCode: job.startsWith("bad") && attempt < 3 ? 1 : 0 },
      }),
      resume: () => how,
    },
    {
      identity: runIdentity(1n),
      schedule: createNaiveSchedule,
      sink: {
        lines: (stream, batch) => sink.lines(stream, batch),
        record: (stream, record) => {
          sink.record(stream, record);
          watch.record(stream, record);
        },
        flush: () => watch.flush(),
      },
    },
  );
  return told;
}

test("HeldWatch says each time that only held jobs are left, and only then", () => {
  expect(toldOf({ good: 5, bad: 20 }, "retry_step")).toEqual([["bad"], ["bad"]]);
  expect(toldOf({ good: 50, bad: 20 }, "continue")).toEqual([]);
  expect(toldOf({ good: 5 }, "continue")).toEqual([]);
  expect(toldOf({ bad1: 20, bad2: 20 }, "continue")).toEqual([["bad1", "bad2"]]);
});
