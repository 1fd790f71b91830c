import {
  errorCode,
  jobId,
  ok,
  planRun,
  replayRun,
  runIdentity,
  err,
  type EventError,
  type GraphNode,
  type OptionalPhases,
  type PhaseOutcome,
} from "@loom/core";
import {
  TERMINATION_GRACE_MS,
  type PreparedRun,
  type JobProvider,
  type ProviderSession,
  type RecordSink,
  type RunHost,
} from "@loom/ports";
import { createSchedule } from "@loom/scheduler";
import {
  buildJobSpec,
  createRecordingSink,
  FakeClock,
  graphOf,
  ScriptedProvider,
  type RecordingSink,
} from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { recordsOf } from "../test/records-of.ts";
import { startRun, type RunHandle } from "./start-run.ts";

const identity = runIdentity(1n);

interface Arranged {
  readonly provider: ScriptedProvider;
  readonly clock: FakeClock;
  readonly sink: RecordingSink;
  readonly run: RunHandle;
  /** The moves of the jobs so far: `250 lint running`. */
  readonly moves: () => string[];
}

interface Arrangement {
  readonly provider?: JobProvider;
  readonly concurrency?: number;
  readonly bootstrapFails?: EventError;
  readonly sinks?: readonly RecordSink[];
  readonly optionalPhases?: OptionalPhases;
  readonly runPhase?: NonNullable<PreparedRun["runPhase"]>;
  readonly host?: Partial<RunHost>;
  readonly pauseTimeoutMs?: number;
  /** Default 50; `null` leaves it out. */
  readonly graceMs?: number | null;
}

/** Resolves when something is so; everything on the way to it needs no time. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => void setImmediate(resolve));
}

function arrange(
  nodes: readonly (Partial<GraphNode> & { readonly id: string })[],
  more: Arrangement = {},
): Arranged {
  const scripted = new ScriptedProvider();
  const { provider = scripted, concurrency = 2 } = more;
  const graph = graphOf(nodes);
  const { optionalPhases, runPhase } = more;
  const plan = planRun(graph, {
    concurrency,
    pauseTimeoutMs: more.pauseTimeoutMs,
    ...(optionalPhases !== undefined && { optionalPhases: () => optionalPhases }),
  });
  const clock = new FakeClock();
  const startedAtMs = clock.now();
  const sink = createRecordingSink();
  const run = startRun({
    identity,
    schedule: createSchedule,
    clock,
    ...(more.graceMs !== null && { graceMs: more.graceMs ?? 50 }),
    sinks: [...(more.sinks ?? []), sink],
    host: {
      bootstrap: () =>
        Promise.resolve(
          more.bootstrapFails === undefined
            ? ok({
                plan,
                ...(runPhase !== undefined && { runPhase }),
                jobFor: (id, attempt) => {
                  const node = graph.nodes.find((known) => known.id === id);
                  return {
                    provider,
                    spec: { ...buildJobSpec({ id }), attempt, ...(node !== undefined && { node }) },
                  };
                },
              })
            : err({ error: more.bootstrapFails, plan }),
        ),
      finalize: () => Promise.resolve(ok(clock.now())),
      ...more.host,
    },
  });
  const moves = (): string[] =>
    sink.records.flatMap(({ record }) =>
      record.event === "job_state"
        ? [`${Date.parse(record.ts) - startedAtMs} ${record.job_id} ${record.to}`]
        : [],
    );
  return { provider: provider instanceof ScriptedProvider ? provider : scripted, clock, sink, run, moves };
}

/** The records of a stream as short words. */
function told(sink: RecordingSink, stream: string): string[] {
  return sink.records.flatMap(({ in: from, record }) => {
    if (from !== stream) return [];
    if (record.event === "phase_start") return [`${record.phase_code} begins`];
    if (record.event === "phase_finish") return [`${record.phase_code} ${record.status}`];
    return record.event === "output"
      ? [`${record.stream}: ${record.text}${record.partial === true ? " …" : ""}`]
      : [];
  });
}

/** What was logged in a stream: level, message and facts. */
function logged(sink: RecordingSink, stream: string): unknown[] {
  return sink.records.flatMap(({ in: from, record }) => {
    if (from !== stream || record.event !== "log") return [];
    const { seq: _seq, ts: _ts, event: _event, ...rest } = record;
    return [rest];
  });
}

/** A provider of one session for every attempt. */
function providerOf(session: Partial<ProviderSession>): JobProvider {
  return {
    name: "test",
    prepare: () =>
      Promise.resolve(
        ok({
          run: () => Promise.resolve({ kind: "exited", exitCode: 0 }),
          close: () => Promise.resolve(ok(undefined)),
          ...session,
        }),
      ),
  };
}

describe("startRun()", () => {
  test("starts a dependant as soon as its own need ends, while an unrelated job still runs", async () => {
    const { provider, clock, run, moves } = arrange([
      { id: "lint" },
      { id: "slow" },
      { id: "report", needs: ["lint"] },
    ]);
    const lint = await provider.next();
    const slow = await provider.next();
    clock.advance(250);
    lint.ends({ kind: "exited", exitCode: 0 });
    const report = await provider.next(); // would never come if jobs started in waves
    expect(report.jobId).toBe("report");
    report.ends({ kind: "exited", exitCode: 0 });
    slow.ends({ kind: "exited", exitCode: 3 });
    expect(await run.finished).toMatchObject({ status: "failure", exitCode: 1, failedJobIds: ["slow"] });
    expect(moves()).toMatchInlineSnapshot(`
      [
        "0 lint ready",
        "0 slow ready",
        "0 lint running",
        "0 slow running",
        "250 lint success",
        "250 report ready",
        "250 report running",
        "250 report success",
        "250 slow failed",
      ]
    `);
  });

  test("numbers every record of every stream without a gap, in the order in which they were made", async () => {
    const { provider, sink, run } = arrange([{ id: "a" }, { id: "b" }]);
    const steps = [await provider.next(), await provider.next()];
    for (const step of steps) await step.prints("one\ntwo\n");
    for (const step of steps) step.ends({ kind: "exited", exitCode: 0 });
    await run.finished;
    expect(sink.records.map(({ record }) => record.seq)).toEqual(sink.records.map((_, index) => index + 1));
  });

  test("puts output between the start and the finish of its step, by stream and in order", async () => {
    const { provider, sink, run } = arrange([{ id: "a" }]);
    const step = await provider.next();
    await step.prints("one\ntw");
    await step.prints("o\n");
    await step.prints("bad\n", "stderr");
    await step.prints("no newline");
    step.ends({ kind: "exited", exitCode: 0 });
    await run.finished;
    expect(told(sink, "step a 1")).toEqual([
      "step.script begins",
      "stdout: one",
      "stdout: two",
      "stderr: bad",
      "stdout: no newline",
      "step.script success",
    ]);
  });

  test("leaves out what a provider gives after it said how the step ended", async () => {
    const { provider, sink, run } = arrange([{ id: "a" }]);
    const step = await provider.next();
    step.ends({ kind: "exited", exitCode: 0 });
    await run.finished;
    await step.prints("too late\n");
    expect(sink.records.at(-1)?.record).toMatchObject({ phase_code: "run.finalize", event: "phase_finish" });
  });

  test("shows an unfinished line after a quarter of a second", async () => {
    const { provider, clock, sink, run } = arrange([{ id: "a" }]);
    const step = await provider.next();
    await step.prints("Continue? ");
    clock.advance(249);
    expect(sink.linesOf({ kind: "step", jobId: jobId("a"), step: 1 })).toEqual([]);
    clock.advance(1);
    expect(told(sink, "step a 1")).toEqual(["step.script begins", "stdout: Continue?  …"]);
    step.ends({ kind: "exited", exitCode: 0 });
    await run.finished;
  });

  test("ends a job that runs longer than its limit, and says that it was the limit", async () => {
    const { provider, clock, run, sink } = arrange([{ id: "a", timeout_ms: 1000 }]);
    const step = await provider.next();
    expect(step.stop.terminate.aborted).toBe(false);
    clock.advance(1000);
    expect(step.stop.terminate.aborted).toBe(true);
    step.ends({ kind: "signaled", signal: "SIGTERM" });
    expect(await run.finished).toMatchObject({ status: "failure", error: { code: "timeout" } });
    const finish = sink.records.find(
      ({ in: from, record }) => from === "step a 1" && record.event === "phase_finish",
    );
    expect(finish?.record).toMatchObject({ status: "failed", signal: "SIGTERM", error: { code: "timeout" } });
  });

  const x = { code: errorCode("x"), message: "x" };
  test.each([{ status: "cancelled" }, { status: "failed", error: x }] as const)(
    "fails a job whose limit cuts a cache or an artifact short, whatever that answers: %o",
    async (outcome) => {
      const { run, clock, sink } = arrange([{ id: "a", timeout_ms: 1000 }], {
        optionalPhases: { restoresCache: true },
        runPhase: ({ stop }) =>
          new Promise((resolve) => {
            stop.terminate.addEventListener("abort", () => resolve(outcome));
          }),
      });
      await until(() => told(sink, "job a").includes("job.cache_restore begins"));
      clock.advance(1000);
      expect(await run.finished).toMatchObject({ status: "failure", error: { code: "timeout" } });
      expect(told(sink, "job a").slice(3, 6)).toEqual([
        "job.cache_restore failed",
        "job.execution begins",
        "job.execution skipped",
      ]);
    },
  );

  test("runs a failed job again in a session of its own when it may, and keeps every attempt apart", async () => {
    const { provider, run, sink } = arrange([{ id: "a", retry: { max: 1, on: ["failure"] } }]);
    (await provider.next()).ends({ kind: "exited", exitCode: 1 });
    const second = await provider.next();
    expect(second.attempt).toBe(2);
    second.ends({ kind: "exited", exitCode: 0 });
    expect(await run.finished).toMatchObject({ status: "success" });
    expect(provider.closed).toEqual(["a", "a"]);
    expect(told(sink, "job a").filter((line) => line.startsWith("job.cleanup"))).toEqual([
      "job.cleanup begins",
      "job.cleanup success",
    ]);
  });

  test("runs a job again whose worker was lost, closes every session, and says nothing of what follows", async () => {
    const { provider, run, sink } = arrange([{ id: "a", after_script: ["tidy"] }]);
    const lost = { kind: "lost", error: { code: "worker_lost", message: "It does not answer" } } as const;
    (await provider.next()).ends(lost);
    (await provider.next()).ends({ kind: "exited", exitCode: 0 });
    (await provider.next()).ends(lost);
    const third = await provider.next();
    expect([third.attempt, third.step]).toEqual([3, 1]);
    third.ends(lost);
    expect(await run.finished).toMatchObject({ status: "failure", failedJobIds: ["a"] });
    expect(provider.closed).toEqual(["a", "a", "a"]);
    expect(logged(sink, "run")).toEqual([]);
    const plan = planRun(graphOf([{ id: "a", after_script: ["tidy"] }]), { concurrency: 2 });
    expect(replayRun(recordsOf(sink), { identity, plan, schedule: createSchedule }).ok).toBe(true);
  });

  test("stop() terminates what runs, starts nothing new, and closes the lifecycle as cancelled", async () => {
    const { provider, run, moves, sink } = arrange([{ id: "a" }, { id: "b" }], { concurrency: 1 });
    const step = await provider.next();
    run.stop({ kind: "signal", signal: "SIGTERM" });
    expect(step.stop.terminate.aborted).toBe(true);
    expect(step.stop.kill.aborted).toBe(false);
    run.kill();
    expect(step.stop.kill.aborted).toBe(true);
    step.ends({ kind: "signaled", signal: "SIGTERM" });
    expect(await run.finished).toMatchObject({ status: "cancelled", exitCode: 143 });
    expect(moves().slice(-2)).toEqual(["0 b cancelled", "0 a cancelled"]);
    expect(told(sink, "run").slice(-3)).toEqual([
      "run.pipeline_execute cancelled",
      "run.finalize begins",
      "run.finalize success",
    ]);
  });

  test("stop() for a fault fails the run and names the cause", async () => {
    const { provider, run } = arrange([{ id: "a" }]);
    const step = await provider.next();
    run.stop({ kind: "fault", error: { code: "ARTIFACTS_WRITE_FAILED", message: "The disk is full" } });
    step.ends({ kind: "signaled", signal: "SIGTERM" });
    expect(await run.finished).toMatchObject({
      status: "failure",
      exitCode: 1,
      error: { message: "The disk is full" },
    });
  });

  test("stop() from within a record waits until that record and its moment are told and carried out", async () => {
    let handle: RunHandle | undefined = undefined;
    const error: EventError = { code: "ARTIFACTS_WRITE_FAILED", message: "The disk is full" };
    const full: RecordSink = {
      record: (_stream, record) => {
        if (record.event === "job_state" && record.to === "running") handle?.stop({ kind: "fault", error });
      },
      lines: () => undefined,
      flush: () => undefined,
    };
    const { provider, run, sink } = arrange([{ id: "a" }], { sinks: [full] });
    handle = run;
    expect(await run.finished).toMatchObject({ status: "failure", error });
    expect(provider.prepared).toEqual(["a"]);
    expect(sink.records.map(({ record }) => record.seq)).toEqual(sink.records.map((_, index) => index + 1));
    const stop = sink.records.findIndex(({ record }) => record.event === "log" && "stop" in record);
    expect(sink.records[stop - 1]?.record).toMatchObject({ phase_code: "job.provider_prepare" });
    expect(told(sink, "job a")).toEqual([
      "job.provider_prepare begins",
      "job.provider_prepare success",
      "job.execution begins",
      "job.execution cancelled",
      "job.cleanup begins",
      "job.cleanup success",
    ]);
  });

  test("stop() and kill() reach an attempt that waits for the end of the one before it", async () => {
    let closeFirst = (): void => undefined;
    const asked: boolean[][] = [];
    const provider: JobProvider = {
      name: "slow to close",
      prepare: (_job, _sections, stop) => {
        asked.push([stop.terminate.aborted, stop.kill.aborted]);
        return Promise.resolve(
          ok({
            run: () => Promise.resolve({ kind: "exited", exitCode: 1 }),
            close: () =>
              new Promise((resolve) => {
                closeFirst = () => resolve(ok(undefined));
              }),
          }),
        );
      },
    };
    const { run, sink } = arrange([{ id: "a", retry: { max: 1, on: ["failure"] } }], { provider });
    await until(() => sink.records.some(({ record }) => "attempt" in record));
    run.stop({ kind: "signal", signal: "SIGINT" });
    run.kill();
    closeFirst();
    await until(() => asked.length === 2);
    expect(asked).toEqual([
      [false, false],
      [true, true],
    ]);
    await until(() => told(sink, "section a cleanup").length > 0);
    closeFirst();
    expect(await run.finished).toMatchObject({ status: "cancelled" });
  });

  test("closes every job as skipped when the bootstrap failed, and still finalizes", async () => {
    const error: EventError = { code: "WF_SCHEMA_V1", message: "add a script" };
    const { run, moves, sink } = arrange([{ id: "a" }, { id: "b" }], { bootstrapFails: error });
    expect(await run.finished).toMatchObject({ status: "failure", exitCode: 1, error });
    expect(moves()).toEqual(["0 a skipped", "0 b skipped"]);
    expect(told(sink, "pipeline")).toEqual(["pipeline.execute begins", "pipeline.execute skipped"]);
  });

  test("keeps the execution of a job that could not be set up, skipped", async () => {
    const error: EventError = { code: "shell_not_found", message: "There is no sh" };
    const { run, sink } = arrange([{ id: "a" }], {
      provider: new ScriptedProvider({ prepareFails: () => error }),
    });
    expect(await run.finished).toMatchObject({ status: "failure", error });
    expect(told(sink, "job a")).toEqual([
      "job.provider_prepare begins",
      "job.provider_prepare failed",
      "job.execution begins",
      "job.execution skipped",
      "job.cleanup begins",
      "job.cleanup success",
    ]);
  });

  test.each(["record", "lines", "flush", "drained"] as const)(
    "detaches a sink whose %s() throws, notes it, and goes on",
    async (call) => {
      const broken: RecordSink = {
        record: () => undefined,
        lines: () => undefined,
        flush: () => undefined,
        [call]: () => {
          throw new Error("broken pipe");
        },
      };
      const { provider, run, sink } = arrange([{ id: "a" }], { sinks: [broken] });
      const step = await provider.next();
      await step.prints("line\n");
      step.ends({ kind: "exited", exitCode: 0 });
      expect(await run.finished).toMatchObject({ status: "success" });
      const notes = sink.records.filter(({ in: from, record }) => from === "run" && record.event === "log");
      expect(notes.map(({ record }) => record)).toMatchObject([{ level: "warn", cause: "broken pipe" }]);
      expect(sink.records.map(({ record }) => record.seq)).toEqual(sink.records.map((_, index) => index + 1));
    },
  );

  test("detaches a sink that throws at the last record without a word after it", async () => {
    const broken: RecordSink = {
      record: (_stream, record) => {
        if (record.event === "phase_finish" && record.phase_code === "run.finalize")
          throw new Error("broken");
      },
      lines: () => undefined,
      flush: () => undefined,
    };
    const { run, sink } = arrange([], { sinks: [broken] });
    expect(await run.finished).toMatchObject({ status: "success" });
    expect(sink.records.at(-1)?.record).toMatchObject({ phase_code: "run.finalize", event: "phase_finish" });
  });

  test("makes a process wait for a sink that is behind", async () => {
    let release = (): void => undefined;
    const wait = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: RecordSink = {
      record: () => undefined,
      lines: () => undefined,
      flush: () => undefined,
      drained: () => wait,
    };
    const { provider, run } = arrange([{ id: "a" }], { sinks: [slow] });
    const step = await provider.next();
    let printed = false;
    const printing = step.prints("line\n").then(() => {
      printed = true;
    });
    await Promise.resolve();
    expect(printed).toBe(false);
    release();
    await printing;
    step.ends({ kind: "exited", exitCode: 0 });
    await run.finished;
  });

  test("stop() is logged with its cause, once, and only while there is something to stop", async () => {
    const error: EventError = { code: "ARTIFACTS_WRITE_FAILED", message: "The disk is full" };
    const message = 'Job "a" was asked to end: the run is being stopped';
    const asked = { level: "info", message, asked_to_end: "cancel", job_id: "a", step: 1 };
    const bySignal = arrange([{ id: "a" }]);
    const step = await bySignal.provider.next();
    bySignal.run.stop({ kind: "signal", signal: "SIGINT" });
    bySignal.run.stop({ kind: "fault", error });
    step.ends({ kind: "exited", exitCode: 0 });
    expect(await bySignal.run.finished).toMatchObject({ status: "cancelled", exitCode: 130 });
    bySignal.run.stop({ kind: "fault", error });
    expect(logged(bySignal.sink, "run")).toEqual([
      { level: "warn", message: "The run is stopped by SIGINT", stop: { kind: "signal", signal: "SIGINT" } },
      asked,
    ]);
    const byFault = arrange([{ id: "a" }]);
    const other = await byFault.provider.next();
    byFault.run.stop({ kind: "fault", error });
    other.ends({ kind: "exited", exitCode: 0 });
    await byFault.run.finished;
    expect(logged(byFault.sink, "run")).toEqual([
      { level: "error", message: "The run is stopped: The disk is full", stop: { kind: "fault", error } },
      asked,
    ]);
  });

  test("note() is recorded in the run, until the run is being finalized", async () => {
    const notes: boolean[] = [];
    const { run, sink, provider } = arrange([{ id: "lint" }], {
      host: {
        finalize: async () => {
          notes.push(run.note("too late", {}));
          return Promise.resolve(ok(new FakeClock().now()));
        },
      },
    });
    notes.push(run.note("Somebody asked", { request: "cancel", by: { pid: 7, user: "ada" } }));
    const step = await provider.next();
    const flushed = sink.flushCount;
    notes.push(run.note("Somebody asked again", {}));
    expect(sink.flushCount).toBe(flushed + 1);
    step.ends({ kind: "exited", exitCode: 0 });
    await run.finished;
    notes.push(run.note("far too late", {}));
    expect(notes).toEqual([true, true, false, false]);
    expect(logged(sink, "run")).toEqual([
      { level: "info", message: "Somebody asked", request: "cancel", by: { pid: 7, user: "ada" } },
      { level: "info", message: "Somebody asked again" },
    ]);
  });

  test("cancelJob() stops one job, once, and says who asked", async () => {
    const { run, sink, provider } = arrange([{ id: "a" }, { id: "b" }, { id: "c", needs: ["a"] }]);
    const cancel = (id: string): boolean => run.cancelJob(jobId(id), "Somebody asked", { by: "ada" });
    const [first, second] = [await provider.next(), await provider.next()];
    expect([cancel("c"), cancel("unknown")]).toEqual([false, false]);
    expect([cancel("a"), cancel("a")]).toEqual([true, false]);
    expect([first.stop.terminate.aborted, second.stop.terminate.aborted]).toEqual([true, false]);
    first.ends({ kind: "signaled", signal: "SIGTERM" });
    second.ends({ kind: "exited", exitCode: 0 });
    expect(await run.finished).toMatchObject({ status: "failure", failedJobIds: ["a"] });
    expect([cancel("a"), cancel("b")]).toEqual([false, false]);
    expect(logged(sink, "run")).toEqual([
      { level: "warn", message: "Somebody asked", by: "ada", cancel_job: "a" },
      {
        level: "info",
        message: 'Job "a" was asked to end: somebody asked for that',
        asked_to_end: "request",
        job_id: "a",
        step: 1,
      },
    ]);
  });

  test("playJob() runs a job that waits for that, once, and says who asked", async () => {
    const { run, sink, provider } = arrange([{ id: "a" }, { id: "b", when: "manual" }]);
    const play = (id: string): boolean => run.playJob(jobId(id), "Somebody asked", { by: "ada" });
    const first = await provider.next();
    expect([play("a"), play("unknown"), play("b"), play("b")]).toEqual([false, false, true, false]);
    const second = await provider.next();
    first.ends({ kind: "exited", exitCode: 0 });
    second.ends({ kind: "exited", exitCode: 0 });
    expect(await run.finished).toMatchObject({ status: "success" });
    expect(play("b")).toBe(false);
    expect(logged(sink, "run")).toEqual([{ level: "info", message: "Somebody asked", by: "ada", play: "b" }]);
  });

  test("nothing waits for the grace any more when what follows the steps of a stopped job is over", async () => {
    const { run, provider, clock } = arrange([{ id: "a", after_script: ["tidy"] }]);
    const first = await provider.next();
    run.stop({ kind: "signal", signal: "SIGINT" });
    first.ends({ kind: "signaled", signal: "SIGTERM" });
    (await provider.next()).ends({ kind: "exited", exitCode: 0 });
    expect(await run.finished).toMatchObject({ status: "cancelled" });
    expect(clock.pending).toBe(0);
  });

  describe("where a step that failed holds its job", () => {
    const held = { pauseTimeoutMs: 60_000 };

    test("resumeJob() tries the step again in the same session, and says who asked", async () => {
      const { run, sink, provider } = arrange([{ id: "a" }], held);
      const resume = (id: string, how: "retry_step" | "continue"): boolean =>
        run.resumeJob(jobId(id), how, { message: "Somebody asked", facts: { by: "ada" } });
      (await provider.next()).ends({ kind: "exited", exitCode: 2 });
      await until(() => logged(sink, "run").length > 0);
      expect([resume("unknown", "continue"), resume("a", "retry_step")]).toEqual([false, true]);
      const again = await provider.next();
      expect(resume("a", "retry_step")).toBe(false);
      again.ends({ kind: "exited", exitCode: 0 });
      expect(await run.finished).toMatchObject({ status: "success" });
      expect(told(sink, "section a provider")).toHaveLength(2);
      expect(logged(sink, "run")).toEqual([
        {
          level: "warn",
          message: 'Job "a" is held after step 1, which failed: it waits for an answer',
          job_paused: "a",
          step: 1,
          timeout_ms: 60_000,
        },
        { level: "info", message: "Somebody asked", by: "ada", resume_job: "a", how: "retry_step" },
      ]);
    });

    test("pauseOnFailure() holds what fails from then on, and is replayed", async () => {
      const { run, sink, provider } = arrange([{ id: "a" }, { id: "b", needs: ["a"] }]);
      const note = { message: "Somebody asked", facts: { by: "ada" } };
      const first = await provider.next();
      expect(run.pauseOnFailure(60_000, note)).toBe(true);
      first.ends({ kind: "exited", exitCode: 2 });
      await until(() => logged(sink, "run").length > 1);
      run.resumeJob(jobId("a"), "retry_step", note);
      (await provider.next()).ends({ kind: "exited", exitCode: 0 });
      const last = await provider.next();
      run.stop({ kind: "signal", signal: "SIGINT" });
      expect(run.pauseOnFailure(60_000, note)).toBe(false);
      last.ends({ kind: "exited", exitCode: 0 });
      await run.finished;
      const plan = planRun(graphOf([{ id: "a" }, { id: "b", needs: ["a"] }]), { concurrency: 2 });
      expect(replayRun(recordsOf(sink), { identity, plan, schedule: createSchedule }).ok).toBe(true);
    });

    test("others run meanwhile, and it fails when nobody answers in time", async () => {
      const { run, sink, provider, clock } = arrange([{ id: "a" }, { id: "b" }], { ...held, concurrency: 1 });
      (await provider.next()).ends({ kind: "exited", exitCode: 2 });
      (await provider.next()).ends({ kind: "exited", exitCode: 0 });
      await until(() => told(sink, "section b cleanup").length > 1);
      clock.advance(60_000);
      expect(await run.finished).toMatchObject({ status: "failure", failedJobIds: ["a"] });
      expect(logged(sink, "run").at(-1)).toMatchObject({
        resume_job: "a",
        how: "continue",
        timeout_ms: 60_000,
      });
    });

    test.each(["resumed", "let go", "cancelled", "stopped"])(
      "its records are replayed, however long the engine takes for what it does at one moment: %s",
      async (how) => {
        const { run, sink, provider, clock } = arrange([{ id: "a" }], held);
        const now = clock.now.bind(clock);
        clock.now = () => {
          clock.advance(1);
          return now();
        };
        (await provider.next()).ends({ kind: "exited", exitCode: 2 });
        await until(() => logged(sink, "run").length > 0);
        const note = { message: "Somebody asked", facts: {} };
        if (how === "resumed") {
          run.resumeJob(jobId("a"), "retry_step", note);
          (await provider.next()).ends({ kind: "exited", exitCode: 0 });
        } else if (how === "let go") run.resumeJob(jobId("a"), "continue", note);
        else if (how === "cancelled") run.cancelJob(jobId("a"), "Somebody asked", {});
        else run.stop({ kind: "signal", signal: "SIGTERM" });
        await run.finished;
        const plan = planRun(graphOf([{ id: "a" }]), { concurrency: 2, ...held });
        expect(replayRun(recordsOf(sink), { identity, plan, schedule: createSchedule }).ok).toBe(true);
      },
    );

    test("a stop ends the pause", async () => {
      const { run, sink, provider } = arrange([{ id: "a" }], held);
      (await provider.next()).ends({ kind: "exited", exitCode: 2 });
      await until(() => logged(sink, "run").length > 0);
      run.stop({ kind: "signal", signal: "SIGTERM" });
      expect(await run.finished).toMatchObject({ status: "cancelled", failedJobIds: [] });
    });
  });

  test("cancelJob() leaves a job alone that is being cleaned up", async () => {
    let close = (): void => undefined;
    const { run, sink } = arrange([{ id: "a" }], {
      provider: providerOf({
        close: () =>
          new Promise((resolve) => {
            close = () => resolve(ok(undefined));
          }),
      }),
    });
    await until(() => told(sink, "section a cleanup").length > 0);
    expect(run.cancelJob(jobId("a"), "Somebody asked", {})).toBe(false);
    close();
    expect(await run.finished).toMatchObject({ status: "success" });
    expect(logged(sink, "run")).toEqual([]);
  });

  test("cancelJob() from within a record waits for its turn, and what hears of it comes after it", async () => {
    const answers: boolean[] = [];
    let handle: RunHandle | undefined = undefined;
    const asking: RecordSink = {
      record: (_stream, record) => {
        if (record.event === "phase_start" && record.phase_code === "step.script") {
          for (const message of ["First", "Second"])
            answers.push(handle?.cancelJob(jobId("a"), message, {}) ?? false);
        }
        if (record.event === "log" && record["message"] === "First")
          handle?.stop({ kind: "signal", signal: "SIGINT" });
      },
      lines: () => undefined,
      flush: () => undefined,
    };
    const { run, sink, provider } = arrange([{ id: "a" }], { sinks: [asking] });
    handle = run;
    (await provider.next()).ends({ kind: "signaled", signal: "SIGTERM" });
    await run.finished;
    expect(answers).toEqual([true, true]);
    expect(logged(sink, "run").map((log) => (log as { readonly message: string }).message)).toEqual([
      "First",
      'Job "a" was asked to end: somebody asked for that',
      "The run is stopped by SIGINT",
    ]);
  });

  test("stop() comes to nothing once the run is being finalized", async () => {
    let handle: RunHandle | undefined = undefined;
    const { run, sink, clock } = arrange([], {
      host: {
        finalize: () => {
          handle?.stop({ kind: "signal", signal: "SIGINT" });
          return Promise.resolve(ok(clock.now()));
        },
      },
    });
    handle = run;
    expect(await run.finished).toMatchObject({ status: "success" });
    expect(logged(sink, "run")).toEqual([]);
  });

  test("stop() reaches the bootstrap, and what it logs is in the run's stream", async () => {
    let asked: AbortSignal | undefined;
    const plan = planRun(graphOf([{ id: "a" }]), { concurrency: 1 });
    const { run, sink, moves } = arrange([], {
      host: {
        bootstrap: (context, stop) => {
          asked = stop;
          context.log("info", "Compiling", { files: 2 });
          return new Promise((resolve) => {
            const error = { code: errorCode("stopped"), message: "It was stopped" };
            stop.addEventListener("abort", () => resolve(err({ error, plan })));
          });
        },
      },
    });
    expect(asked?.aborted).toBe(false);
    run.stop({ kind: "signal", signal: "SIGTERM" });
    expect(await run.finished).toMatchObject({ status: "cancelled", exitCode: 143 });
    expect(logged(sink, "run")[0]).toEqual({ level: "info", message: "Compiling", files: 2 });
    expect(moves()).toHaveLength(1);
  });

  test("fails the run when it cannot be finalized, at the moment at which that is known", async () => {
    const error: EventError = { code: "ARTIFACTS_WRITE_FAILED", message: "The disk is full" };
    const failed = arrange([], { host: { finalize: () => Promise.resolve(err(error)) } });
    expect(await failed.run.finished).toMatchObject({ status: "failure", error });
    expect(told(failed.sink, "run").at(-1)).toBe("run.finalize failed");
    const late = arrange([], {
      host: { finalize: () => Promise.resolve(ok((new FakeClock().now() + 70) as never)) },
    });
    await late.run.finished;
    expect(late.sink.records.at(-1)?.record).toMatchObject({ status: "success", duration_ms: 70 });
  });

  test("gives a step its script, the graces and how it ended, whoever asked it to stop", async () => {
    const { provider, run, sink } = arrange([{ id: "a", script: ["one", "two"] }]);
    const first = await provider.next();
    expect([first.step, first.script, first.stop.graceMs]).toEqual([1, "one", 50]);
    first.ends({ kind: "exited", exitCode: 0 });
    const second = await provider.next();
    expect([second.step, second.script]).toEqual([2, "two"]);
    run.stop({ kind: "signal", signal: "SIGINT" });
    second.ends({ kind: "exited", exitCode: 7 });
    await run.finished;
    expect(finishOf(sink, "step a 2")).toMatchObject({ status: "cancelled", exit_code: 7 });
    const byDefault = arrange([{ id: "a" }], { graceMs: null });
    const step = await byDefault.provider.next();
    expect(step.stop.graceMs).toBe(TERMINATION_GRACE_MS);
    step.ends({ kind: "exited", exitCode: 0 });
    await byDefault.run.finished;
  });

  test("says of a step that the limit cut what its process ended with, and of one that was cancelled first", async () => {
    const limited = arrange([{ id: "a", timeout_ms: 1500 }]);
    const step = await limited.provider.next();
    limited.clock.advance(1500);
    limited.run.stop({ kind: "signal", signal: "SIGINT" });
    step.ends({ kind: "exited", exitCode: 9 });
    await limited.run.finished;
    const message = 'Job "a" was asked to end: it has reached its limit of time';
    expect(logged(limited.sink, "run")[0]).toEqual({
      level: "info",
      message,
      asked_to_end: "timeout",
      job_id: "a",
      step: 1,
    });
    const error: EventError = { code: "timeout", message: "The job ran longer than its limit of 1.5 s" };
    expect(finishOf(limited.sink, "step a 1")).toMatchObject({ status: "failed", exit_code: 9, error });
    const cancelled = arrange([{ id: "a", timeout_ms: 1500 }]);
    const other = await cancelled.provider.next();
    cancelled.run.stop({ kind: "signal", signal: "SIGINT" });
    cancelled.clock.advance(1500);
    other.ends({ kind: "signaled", signal: "SIGKILL" });
    await cancelled.run.finished;
    expect(finishOf(cancelled.sink, "step a 1")).toMatchObject({ status: "cancelled", signal: "SIGKILL" });
  });

  test("fails the set-up of a job that its limit cut short, which may be tried again for that", async () => {
    let attempts = 0;
    const retry = { max: 1, on: ["timeout"] } as const;
    const { clock, run, sink } = arrange([{ id: "a", timeout_ms: 1000, retry }], {
      provider: {
        name: "slow",
        prepare: (_job, _sections, stop) =>
          new Promise((resolve) => {
            attempts += 1;
            const error = { code: errorCode("stopped"), message: "It was stopped" };
            stop.terminate.addEventListener("abort", () => resolve(err(error)));
          }),
      },
    });
    await until(() => attempts === 1);
    clock.advance(1000);
    await until(() => attempts === 2);
    clock.advance(1000);
    expect(await run.finished).toMatchObject({ status: "failure", error: { code: "timeout" } });
    expect(told(sink, "job a")[1]).toBe("job.provider_prepare failed");
    expect(logged(sink, "run")).toEqual([]);
  });

  test.each([
    [{ status: "success" }, "success"],
    [{ status: "failed", error: { code: errorCode("x"), message: "x" } }, "failed"],
  ] as const)(
    "takes %o for the end of an optional phase, whose limit is not reached",
    async (outcome, status) => {
      const asked: unknown[] = [];
      const { provider, run, sink } = arrange([{ id: "a", timeout_ms: 1000 }], {
        optionalPhases: { restoresCache: true },
        runPhase: async ({ phase, spec, sections }) => {
          asked.push([phase, spec.jobId]);
          return await sections.run("cache_restore", (context) => {
            context.log("info", "Looking", { key: "k" });
            return Promise.resolve(outcome);
          });
        },
      });
      void provider.next().then((step) => step.ends({ kind: "exited", exitCode: 0 }));
      await run.finished;
      expect(asked).toEqual([["job.cache_restore", "a"]]);
      expect(told(sink, "job a")[3]).toBe(`job.cache_restore ${status}`);
      expect(told(sink, "section a cache_restore")).toEqual([
        "job.cache_restore begins",
        `job.cache_restore ${status}`,
      ]);
      expect(logged(sink, "section a cache_restore")).toEqual([
        { level: "info", message: "Looking", key: "k" },
      ]);
    },
  );

  test("may try a job again whose limit cut an optional phase short", async () => {
    let attempts = 0;
    const { run, clock } = arrange([{ id: "a", timeout_ms: 1000, retry: { max: 1, on: ["timeout"] } }], {
      optionalPhases: { restoresCache: true },
      runPhase: ({ stop }) =>
        new Promise((resolve) => {
          attempts += 1;
          stop.terminate.addEventListener("abort", () => resolve({ status: "cancelled" }));
        }),
    });
    await until(() => attempts === 1);
    clock.advance(1000);
    await until(() => attempts === 2);
    clock.advance(1000);
    expect(await run.finished).toMatchObject({ status: "failure", error: { code: "timeout" } });
  });

  test("keeps a success that an optional phase came to in spite of the limit", async () => {
    const { provider, run, clock, sink } = arrange([{ id: "a", timeout_ms: 1000 }], {
      optionalPhases: { restoresCache: true },
      runPhase: ({ stop }) =>
        new Promise((resolve) => {
          stop.terminate.addEventListener("abort", () => resolve({ status: "success" }));
        }),
    });
    await until(() => told(sink, "job a").includes("job.cache_restore begins"));
    clock.advance(1000);
    const step = await provider.next();
    expect(step.stop.terminate.aborted).toBe(true);
    step.ends({ kind: "signaled", signal: "SIGTERM" });
    expect(await run.finished).toMatchObject({ status: "failure", error: { code: "timeout" } });
    expect(told(sink, "job a")[3]).toBe("job.cache_restore success");
  });

  test("fails the cleanup of a job whose session cannot be closed, and gives it a section to write to", async () => {
    const error = { code: errorCode("leftover"), message: "Something is left" };
    const { run, sink } = arrange([{ id: "a" }], {
      provider: providerOf({
        close: (context) => {
          context.log("warn", "Left", { count: 1 });
          void context.output.write("stderr", new TextEncoder().encode("half a line"));
          return Promise.resolve(err(error));
        },
      }),
    });
    await run.finished;
    expect(told(sink, "section a cleanup")).toEqual([
      "job.cleanup begins",
      "stderr: half a line",
      "job.cleanup failed",
    ]);
    expect(logged(sink, "section a cleanup")).toEqual([{ level: "warn", message: "Left", count: 1 }]);
    expect(finishOf(sink, "section a cleanup")).toMatchObject({ error });
  });

  test("stops the limit of a job before its cleanup", async () => {
    let close = (): void => undefined;
    let asked: AbortSignal | undefined;
    const { clock, run, sink } = arrange([{ id: "a", timeout_ms: 1000 }], {
      provider: providerOf({
        run: (_step, _output, stop) => {
          asked = stop.terminate;
          return Promise.resolve({ kind: "exited", exitCode: 0 });
        },
        close: () =>
          new Promise((resolve) => {
            close = () => resolve(ok(undefined));
          }),
      }),
    });
    await until(() => told(sink, "section a cleanup").length > 0);
    clock.advance(1000);
    expect(asked?.aborted).toBe(false);
    close();
    expect(await run.finished).toMatchObject({ status: "success" });
  });

  test("logs in the run what closing an earlier attempt says, and how much it printed", async () => {
    let attempts = 0;
    const { run, sink } = arrange([{ id: "a", retry: { max: 2, on: ["failure"] } }], {
      provider: providerOf({
        run: () => Promise.resolve({ kind: "exited", exitCode: (attempts += 1) < 3 ? 1 : 0 }),
        close: (context) => {
          context.log("info", "Closing", { attempt: attempts });
          if (attempts === 1) {
            void context.output.write("stdout", new Uint8Array(5));
            void context.output.write("stderr", new Uint8Array(2));
          }
          return Promise.resolve(ok(undefined));
        },
      }),
    });
    expect(await run.finished).toMatchObject({ status: "success" });
    expect(logged(sink, "run")).toEqual([
      { level: "info", message: "Closing", job_id: "a", attempt: 1 },
      {
        level: "warn",
        message: "What an earlier attempt left running printed more, which is left out",
        job_id: "a",
        bytes: 7,
      },
      { level: "info", message: "Closing", job_id: "a", attempt: 2 },
    ]);
  });

  test("closes the section that a bug was in, ends what runs, and rejects with the bug", async () => {
    const steps = new ScriptedProvider();
    const bug = new Error("a bug");
    const provider: JobProvider = {
      name: "buggy",
      prepare: async (job, sections) => {
        if (job.jobId === "b") await sections.run<PhaseOutcome>("provider", () => Promise.reject(bug));
        return await steps.prepare(job, sections);
      },
    };
    const { run, sink } = arrange([{ id: "a" }, { id: "b" }], { provider });
    const ended = run.finished.catch((error: unknown) => error);
    const step = await steps.next();
    expect(await ended).toEqual(
      new Error('Provider "buggy" of job "b" failed to prepare it', { cause: bug }),
    );
    expect(step.stop.kill.aborted).toBe(true);
    expect(finishOf(sink, "section b provider")).toMatchObject({
      status: "failed",
      error: { code: "internal", message: "Error: a bug" },
    });
  });

  test.each([
    ["prepare", 'Provider "buggy" of job "a" failed to prepare it'],
    ["run", 'Provider "buggy" of job "a" failed to run step 1'],
    ["close", 'Provider "buggy" of job "a" failed to close it'],
  ])("names the job and the provider whose %s() throws", async (name, message) => {
    const bug = new Error("boom");
    const work: { readonly [name: string]: () => Promise<never> } = {
      [name]: () => {
        throw bug;
      },
    };
    const sound = providerOf({});
    const provider: JobProvider = {
      name: "buggy",
      prepare: async (...given) => {
        await work["prepare"]?.();
        const prepared = await sound.prepare(...given);
        return prepared.ok ? ok({ ...prepared.value, ...work }) : prepared;
      },
    };
    const { run } = arrange([{ id: "a" }], { provider });
    const error: unknown = await run.finished.catch((thrown: unknown) => thrown);
    expect(error).toEqual(new Error(message, { cause: bug }));
    expect((error as Error).cause).toBe(bug);
  });

  test("rejects when a provider that was told to stop never returns, and names it", async () => {
    const steps = new ScriptedProvider();
    const { clock, run } = arrange([{ id: "a" }], { provider: steps, graceMs: 5_000 });
    let isEnded = false;
    const ended = run.finished.catch((error: unknown) => error).finally(() => (isEnded = true));
    await steps.next();
    run.stop({ kind: "signal", signal: "SIGTERM" });
    clock.advance(64_999);
    await new Promise((resolve) => void setImmediate(resolve));
    expect(isEnded).toBe(false);
    clock.advance(1);
    expect(await ended).toEqual(
      new Error(`Provider "${steps.name}" of job "a" failed to run step 1`, {
        cause: new Error("it did not return within 65 s of being told to stop it"),
      }),
    );
  });

  test("waits a minute, and no grace, for a provider that was told to kill", async () => {
    const steps = new ScriptedProvider();
    const { clock, run } = arrange([{ id: "a" }], { provider: steps });
    const ended = run.finished.catch((error: unknown) => error);
    await steps.next();
    run.kill();
    clock.advance(60_000);
    expect(((await ended) as Error).cause).toEqual(
      new Error("it did not return within 60 s of being told to kill it"),
    );
  });

  test("counts the time of a provider that was told to stop before it was asked for something", async () => {
    const { clock, run, sink } = arrange([{ id: "a" }], {
      provider: providerOf({
        run: (_step, _output, stop) =>
          new Promise((resolve) => {
            stop.terminate.addEventListener("abort", () => resolve({ kind: "signaled", signal: "SIGTERM" }));
          }),
        close: () => new Promise(() => undefined),
      }),
    });
    const ended = run.finished.catch((error: unknown) => error);
    await until(() => told(sink, "step a 1").length > 0);
    run.stop({ kind: "signal", signal: "SIGTERM" });
    await until(() => told(sink, "section a cleanup").length > 0);
    clock.advance(60_050);
    expect(await ended).toEqual(
      new Error('Provider "test" of job "a" failed to close it', {
        cause: new Error("it did not return within 60.05 s of being told to stop it"),
      }),
    );
  });

  test("waits for nothing any more once what was told to stop has returned", async () => {
    const { provider, clock, run } = arrange([{ id: "a", script: ["one", "two"] }]);
    (await provider.next()).ends({ kind: "exited", exitCode: 0 });
    const step = await provider.next();
    run.stop({ kind: "signal", signal: "SIGTERM" });
    run.kill();
    expect(clock.pending).toBe(2);
    step.ends({ kind: "signaled", signal: "SIGKILL" });
    await run.finished;
    expect(clock.pending).toBe(0);
  });

  test("takes every exit code that is one byte", async () => {
    const provider = providerOf({ run: () => Promise.resolve({ kind: "exited", exitCode: 255 }) });
    const { run, sink } = arrange([{ id: "a" }], { provider });
    await run.finished;
    expect(finishOf(sink, "step a 1")).toMatchObject({ status: "failed", exit_code: 255 });
  });

  test.each([-1, 256, 300, 1.5, Number.NaN])(
    "rejects when a provider tells exit code %d",
    async (exitCode) => {
      const provider = providerOf({ run: () => Promise.resolve({ kind: "exited", exitCode }) });
      const { run } = arrange([{ id: "a" }], { provider });
      await expect(run.finished).rejects.toThrow(
        `of job "a" says that step 1 ended with exit code ${exitCode}, not a whole number from 0 to 255`,
      );
    },
  );

  test("rejects when there is nothing to carry out an optional phase", async () => {
    const { run } = arrange([{ id: "a" }], { optionalPhases: { restoresCache: true } });
    await expect(run.finished).rejects.toThrow('Nothing carries out job.cache_restore of job "a"');
  });

  test("rejects when what a provider reports has no place in the run", async () => {
    const provider: JobProvider = {
      name: "too early",
      prepare: async (_job, sections) => {
        await sections.run("cleanup", () => Promise.resolve({ status: "success" }));
        return err({ code: errorCode("x"), message: "x" });
      },
    };
    const { run } = arrange([{ id: "a" }], { provider });
    const error: unknown = await run.finished.catch((thrown: unknown) => thrown);
    expect((error as Error).cause).toMatchInlineSnapshot(
      `[Error: Cannot take input section_started (cleanup) in state job "a": running job.provider_prepare]`,
    );
  });

  test("tells the phases that save something how the attempt came out so far, and no others", async () => {
    const asked: unknown[] = [];
    const { provider, run } = arrange([{ id: "a" }], {
      optionalPhases: { restoresCache: true, savesArtifacts: "always" },
      runPhase: ({ spec: _spec, sections: _sections, stop: _stop, ...rest }) => {
        asked.push(rest);
        return Promise.resolve({ status: "success" });
      },
    });
    (await provider.next()).ends({ kind: "exited", exitCode: 1 });
    await run.finished;
    expect(asked).toStrictEqual([
      { phase: "job.cache_restore" },
      { phase: "job.artifact_save", verdict: "failed" },
    ]);
  });

  test("rejects when a job has no such step", async () => {
    const { run } = arrange([{ id: "a", script: ["one", "two"] }], {
      host: {
        bootstrap: () =>
          Promise.resolve(
            ok({
              plan: planRun(graphOf([{ id: "a", script: ["one", "two"] }]), { concurrency: 1 }),
              jobFor: () => ({ provider: providerOf({}), spec: buildJobSpec({ id: "a" }) }),
            }),
          ),
      },
    });
    await expect(run.finished).rejects.toThrow('Job "a" has no step 2 to run');
  });

  test("kill() reaches jobs that are about to begin", async () => {
    const asked: boolean[] = [];
    let handle: RunHandle | undefined = undefined;
    const provider: JobProvider = {
      name: "killed",
      prepare: (_job, _sections, stop) => {
        asked.push(stop.kill.aborted);
        return Promise.resolve(err({ code: errorCode("killed"), message: "It was killed" }));
      },
    };
    const { run } = arrange([{ id: "a" }, { id: "b" }], {
      host: {
        bootstrap: () =>
          Promise.resolve(
            ok({
              plan: planRun(graphOf([{ id: "a" }, { id: "b" }]), { concurrency: 2 }),
              jobFor: (id) => {
                handle?.kill();
                return { provider, spec: buildJobSpec({ id }) };
              },
            }),
          ),
      },
    });
    handle = run;
    expect(await run.finished).toMatchObject({ status: "failure" });
    expect(asked).toEqual([true, true]);
  });

  test("kill() leaves alone a job that has ended", async () => {
    const { provider, run } = arrange([{ id: "a" }, { id: "b", needs: ["a"] }]);
    const first = await provider.next();
    first.ends({ kind: "exited", exitCode: 0 });
    const second = await provider.next();
    run.kill();
    expect([first.stop.kill.aborted, second.stop.kill.aborted]).toEqual([false, true]);
    second.ends({ kind: "exited", exitCode: 0 });
    await run.finished;
  });

  test("kill() reaches a job that begins after it", async () => {
    const { provider, run } = arrange([{ id: "a" }, { id: "b", needs: ["a"] }]);
    const first = await provider.next();
    run.kill();
    expect(first.stop.kill.aborted).toBe(true);
    expect(first.stop.terminate.aborted).toBe(false);
    first.ends({ kind: "exited", exitCode: 0 });
    const second = await provider.next();
    expect(second.stop.kill.aborted).toBe(true);
    second.ends({ kind: "exited", exitCode: 0 });
    await run.finished;
  });

  test("leaves records from which the run can be replayed", async () => {
    const nodes = [{ id: "a" }, { id: "b", needs: ["a"] }];
    const { provider, sink, run } = arrange(nodes);
    (await provider.next()).ends({ kind: "exited", exitCode: 2 });
    const result = await run.finished;
    const plan = planRun(graphOf(nodes), { concurrency: 2 });
    const replayed = replayRun(recordsOf(sink), { identity, plan, schedule: createSchedule });
    expect(replayed.ok && replayed.value.machine.result()).toEqual(result);
  });
});

/** The record that ended what a stream is about. */
function finishOf(sink: RecordingSink, stream: string): unknown {
  return sink.records.find(({ in: from, record }) => from === stream && record.event === "phase_finish")
    ?.record;
}
