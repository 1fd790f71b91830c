import { rmSync } from "node:fs";
import { finalizeRun, openRun, type RunRecorder } from "@loom/artifacts";
import {
  epochMs,
  ok,
  recordedSchedule,
  replayRun,
  type EpochMs,
  type JobId,
  type OptionalPhaseCode,
  type RecordedEvent,
  type RunResult,
  type SectionName,
} from "@loom/core";
import { startRun } from "@loom/engine";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { inSection, type Clock, type JobProvider, type PreparedRun, type RunHost } from "@loom/ports";
import { readInterruptedRun, type InterruptedRun, type ReopenedRun } from "@loom/recovery";
import { fromWireTime, streamAt, wireTime } from "@loom/record";
import { createSchedule } from "@loom/scheduler";
import { expect, test } from "vitest";
import { crashedRuns, linesOf, onDisk } from "../test/crashed-runs.ts";
import type { SimulationRun } from "./simulated-run.ts";

/** How many crashed runs to look at. */
const CRASHES = Number(process.env["LOOM_RESUMED_RUNS"] ?? 80);

test("a run whose process died at a disk call goes on to its end", { timeout: 240_000 }, async () => {
  const found: unknown[] = [];
  let resumed = 0;
  for await (const run of crashedRuns(1, CRASHES)) {
    const { complaints, isResumed } = await goOn(run);
    if (isResumed) resumed += 1;
    found.push(...complaints.map((what) => ({ seed: run.seed, what })));
  }
  expect(found).toEqual([]);
  expect(resumed).toBeGreaterThan(CRASHES / 3);
});

const NOTHING_WRONG = { complaints: [], isResumed: false } as const;

async function goOn(
  run: SimulationRun,
): Promise<{ readonly complaints: readonly unknown[]; readonly isResumed: boolean }> {
  const { directory, repo } = onDisk(run);
  const before = linesOf(directory);
  const read = await readInterruptedRun(directory);
  if (!read.ok) {
    rmSync(repo, { recursive: true });
    // It had not come to its jobs, or was past them.
    const isExpected = ["RUN_NOT_RESUMABLE", "ARTIFACTS_NOT_FOUND"].includes(read.error.code);
    return isExpected ? NOTHING_WRONG : { complaints: [read.error.message], isResumed: false };
  }
  const settled = settledIn(before);
  const ended = await carryOn(directory, read.value);
  if ("complaint" in ended) return { complaints: [ended.complaint], isResumed: true };
  const complaints: unknown[] = [];
  const report = judgeRunDirectory(directory, { checkedAt: "2030-01-01T00:00:00.000Z" });
  if (!report.ok) complaints.push(report.error.message);
  else if (report.value.status !== "valid") complaints.push(...report.value.violations.slice(0, 3));
  const after = new Set(linesOf(directory));
  const lost = before.filter((line) => !after.has(line));
  if (lost.length > 0) complaints.push({ lost: lost.slice(0, 2) });
  const again = ended.started.filter((job) => settled.has(job));
  if (again.length > 0) complaints.push({ again });
  complaints.push(...(await replayOf(directory, read.value)));
  rmSync(repo, { recursive: true });
  return { complaints, isResumed: true };
}

/** Goes on with a run, of which everything that is left succeeds at once. */
async function carryOn(
  directory: string,
  interrupted: InterruptedRun,
): Promise<
  { readonly result: RunResult; readonly started: readonly JobId[] } | { readonly complaint: unknown }
> {
  const { identity, plan } = interrupted;
  let lastSeq = 0;
  const reopened = interrupted.reopen(
    {
      onFault: () => undefined,
      onWritten: (_path, _line, { seq }) => (lastSeq = Math.max(lastSeq, seq)),
      onLines: (_path, _line, first, count) => (lastSeq = Math.max(lastSeq, first + count - 1)),
    },
    () => undefined,
  );
  if (!reopened.ok) return { complaint: reopened.error.message };
  const { recorder, machine } = reopened.value;
  const clock = clockAfter(reopened.value);
  const started: JobId[] = [];
  const prepared: PreparedRun = {
    plan,
    jobFor: (jobId, attempt) => {
      started.push(jobId);
      const node = interrupted.context.graph.nodes.find(({ id }) => id === jobId);
      if (node === undefined) throw new Error(`Job "${jobId}" is not in the graph`);
      return { provider: SUCCEEDS, spec: { jobId, node, attempt, env: {}, workspaceRoot: "/workspace" } };
    },
    runPhase: async ({ phase, sections }) =>
      await sections.run(SECTIONS[phase], async () => Promise.resolve({ status: "success" })),
  };
  const handle = startRun({
    identity,
    schedule: createSchedule,
    clock,
    sinks: [recorder],
    host: hostOf(directory, interrupted, { recorder, clock, lastSeq: () => lastSeq }),
    resumed: { machine, lastSeq: reopened.value.lastSeq, prepared },
  });
  try {
    const result = await handle.finished;
    recorder.close();
    return { result, started };
  } catch (thrown) {
    return { complaint: String(thrown) };
  }
}

function clockAfter({ lastAtMs }: ReopenedRun): Clock {
  let nowMs = lastAtMs + 1_000;
  return {
    now: () => epochMs((nowMs += 1)),
    // Nothing takes long enough.
    after: () => () => undefined,
  };
}

function hostOf(
  directory: string,
  { identity, context, plan }: InterruptedRun,
  {
    recorder,
    clock,
    lastSeq,
  }: { readonly recorder: RunRecorder; readonly clock: Clock; readonly lastSeq: () => number },
): RunHost {
  return {
    bootstrap: () => Promise.reject(new Error("The bootstrap of a run that goes on is over")),
    finalize: (outcome) => {
      const finishedAtMs: EpochMs = clock.now();
      const checkedAt = wireTime(finishedAtMs);
      const judged = judgeRunDirectory(directory, {
        checkedAt,
        identity,
        documents: false,
        upcoming: `${JSON.stringify({
          seq: lastSeq() + 1,
          ts: checkedAt,
          event: "phase_finish",
          schema_version: "loom.runtime.logs.v2",
          run_id: identity.runId,
          pipeline_id: identity.pipelineId,
          scope: "run",
          phase_code: "run.finalize",
          phase_family: "finalize",
          status: "success",
          duration_ms: 0,
        })}\n`,
      });
      if (!judged.ok) throw new Error(judged.error.message);
      const written = finalizeRun(
        recorder,
        { outcome, finishedAtMs, phaseReport: { status: judged.value.status, document: judged.value } },
        {
          identity,
          runDirectory: directory,
          receiptPath: directory.replace(/logs\/([^/]+)$/u, "receipts/$1.json"),
          concurrency: plan.concurrency,
          context,
        },
      );
      return Promise.resolve(written.ok ? ok(finishedAtMs) : written);
    },
  };
}

const SUCCEEDS: JobProvider = {
  name: "succeeds",
  prepare: async (_job, sections) =>
    await inSection(sections, "provider", async () =>
      Promise.resolve(
        ok({
          run: () => Promise.resolve({ kind: "exited", exitCode: 0 }),
          close: () => Promise.resolve(ok(undefined)),
        }),
      ),
    ),
};

const SECTIONS: { readonly [P in OptionalPhaseCode]: SectionName } = {
  "job.cache_restore": "cache_restore",
  "job.artifact_restore": "artifact_extract",
  "job.artifact_save": "artifact_save",
  "job.cache_save": "cache_save",
};

/** The jobs that had ended. */
function settledIn(lines: readonly string[]): ReadonlySet<string> {
  const ended = ["success", "failed", "cancelled", "skipped"];
  return new Set(
    lines.flatMap((line) => {
      if (!line.includes('"job_state"')) return [];
      const { job_id: job, to } = JSON.parse(line) as { job_id: string; to: string };
      return ended.includes(to) ? [job] : [];
    }),
  );
}

/** Whether the lifecycle explains all of it. */
async function replayOf(directory: string, { identity, plan }: InterruptedRun): Promise<readonly unknown[]> {
  const run = await openRun(directory);
  if (!run.ok) return [run.error.message];
  const streams = await run.value.streams();
  const records: RecordedEvent[] = [];
  for (const path of streams.ok ? streams.value : []) {
    const place = streamAt(path);
    if (place === undefined || place.kind === "mirror") continue;
    for await (const { result } of run.value.readEvents(path)) {
      if (!result.ok) return [result.error.message];
      const record = result.value;
      if (record.event === "output") continue;
      records.push({ stream: place.stream, record, atMs: fromWireTime(record.ts) });
    }
  }
  records.sort((a, b) => a.record.seq - b.record.seq);
  const replayed = replayRun(records, {
    identity,
    plan,
    schedule: (each) => recordedSchedule(createSchedule(each), records),
  });
  if (!replayed.ok) return [{ message: replayed.error.message, expected: replayed.error.expected }];
  return replayed.value.machine.stage === "finished" ? [] : [`a replay is ${replayed.value.machine.stage}`];
}
