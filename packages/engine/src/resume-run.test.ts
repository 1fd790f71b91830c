import { jobId, ok, planRun, recordedSchedule, replayRun, runIdentity, type GraphNode } from "@loom/core";
import type { PreparedRun, ProviderSession } from "@loom/ports";
import { createSchedule } from "@loom/scheduler";
import {
  buildJobSpec,
  createRecordingSink,
  FakeClock,
  graphOf,
  JudgedSink,
  ScriptedProvider,
  type RecordingSink,
} from "@loom/testkit";
import { expect, test } from "vitest";
import { recordsOf } from "../test/records-of.ts";
import { startRun, type CarriedOnJob, type ResumedRun } from "./start-run.ts";

const identity = runIdentity(1n);

function begin(nodes: readonly (Partial<GraphNode> & { readonly id: string })[]) {
  const graph = graphOf(nodes);
  const plan = planRun(graph, { concurrency: 2 });
  const provider = new ScriptedProvider();
  const clock = new FakeClock();
  const [sink, judge] = [createRecordingSink(), new JudgedSink()];
  const prepared: PreparedRun = {
    plan,
    jobFor: (id, attempt) => {
      const node = graph.nodes.find((known) => known.id === id);
      return { provider, spec: { ...buildJobSpec({ id }), attempt, ...(node !== undefined && { node }) } };
    },
  };
  const start = (resumed?: ResumedRun) =>
    startRun({
      identity,
      schedule: createSchedule,
      clock,
      graceMs: 50,
      sinks: [sink, judge],
      host: {
        bootstrap: () => Promise.resolve(ok(prepared)),
        finalize: () => Promise.resolve(ok(clock.now())),
      },
      resumed,
    });
  /** Takes the run up as if its process had ended. */
  const resume = (carriedOn: ReadonlyMap<string, CarriedOnJob>) => {
    const records = recordsOf(sink);
    const schedule = () => recordedSchedule(createSchedule(plan), records);
    const replayed = replayRun(records, { identity, plan, schedule });
    if (!replayed.ok) throw new Error(replayed.error.message);
    const { machine } = replayed.value;
    const jobs = new Map([...carriedOn].map(([id, job]) => [jobId(id), job]));
    return start({ machine, lastSeq: sink.records.length, prepared, carriedOn: jobs });
  };
  return { provider, clock, sink, judge, start, resume };
}

function textsOf({ records }: RecordingSink): string[] {
  return records.flatMap(({ record }) => (record.event === "output" ? [record.text] : []));
}

/** A job whose step prints lines and ends well, as far as it is known elsewhere. */
function elsewhere(attempt: number, lines: number): CarriedOnJob & { readonly steps: number[] } {
  const steps: number[] = [];
  const session: ProviderSession = {
    run: async ({ step }, output) => {
      steps.push(step);
      if (step === 1)
        for (const text of ["one", "two", "three"]) await output.write("stdout", Buffer.from(`${text}\n`));
      return { kind: "exited", exitCode: 0 };
    },
    close: () => Promise.resolve(ok(undefined)),
  };
  const told = { stdout: { lines, bytes: 0 }, stderr: { lines: 0, bytes: 0 } };
  return { attempt, session, told, note: { message: "It goes on", facts: { carried_on: "a" } }, steps };
}

test("a run that is taken up carries on a step that goes on elsewhere, and begins the others anew", async () => {
  const { provider, sink, judge, start, resume } = begin([{ id: "a", script: ["x", "y"] }, { id: "b" }]);
  start();
  const [a] = [await provider.next(), await provider.next()];
  await a.prints("one\n");
  const job = elsewhere(1, 1);
  const run = resume(new Map([["a", job]]));
  const again = await provider.next();
  expect([again.jobId, again.attempt]).toEqual(["b", 2]);
  again.ends({ kind: "exited", exitCode: 0 });
  expect(await run.finished).toMatchObject({ status: "success" });
  expect(job.steps).toEqual([1, 2]);
  expect(textsOf(sink)).toEqual(["one", "two", "three"]);
  expect(provider.prepared).toEqual(["a", "b", "b"]);
  expect(judge.brokenRules()).toEqual([]);
});

test("what is carried on has to be of the attempt that is under way", async () => {
  const { provider, start, resume } = begin([{ id: "a" }]);
  start();
  await provider.next();
  const job = elsewhere(2, 0);
  const run = resume(new Map([["a", job]]));
  const again = await provider.next();
  expect(again.attempt).toBe(2);
  again.ends({ kind: "exited", exitCode: 0 });
  expect(await run.finished).toMatchObject({ status: "success" });
  expect(job.steps).toEqual([]);
});

test("a step that is carried on ends when its run is stopped, or its time is over", async () => {
  for (const how of ["stop", "limit"] as const) {
    const { provider, clock, start, resume } = begin([{ id: "a", timeout_ms: 1_000 }]);
    start();
    await provider.next();
    clock.advance(400);
    const { session: _, ...job } = elsewhere(1, 0);
    const session: ProviderSession = {
      run: async (_step, _output, { terminate }) => {
        await new Promise((resolve) => terminate.addEventListener("abort", resolve));
        return { kind: "signaled", signal: "SIGTERM" };
      },
      close: () => Promise.resolve(ok(undefined)),
    };
    const run = resume(new Map([["a", { ...job, session }]]));
    await new Promise((resolve) => void setImmediate(resolve));
    if (how === "stop") run.stop({ kind: "signal", signal: "SIGINT" });
    else clock.advance(600);
    expect(await run.finished).toMatchObject({
      status: how === "stop" ? "cancelled" : "failure",
      ...(how === "limit" && { error: { code: "timeout" } }),
    });
  }
});
