import { createRunDirectory, createRunRecorder, finalizeRun } from "@loom/artifacts";
import { EMPTY_GRAPH } from "@loom/core";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { createSchedule } from "@loom/scheduler";
import { brokenRules, PLAY_STARTED_MS, playRun, type PlayedRecord, type RunPlay } from "@loom/testkit";
import { expect } from "vitest";

/** A run to play, and where it is kept. */
export interface DiskPlay extends RunPlay {
  /** Default: 1. */
  readonly ns?: bigint;
  /** The snapshot, as the receipt has it. */
  readonly snapshotPath?: string;
}

/** What a played run left. */
export interface PlayedEvidence {
  readonly directory: string;
  readonly receiptPath: string;
  readonly runId: string;
  readonly records: readonly PlayedRecord[];
}

/** Plays a run with the real schedule and recorder. What it leaves keeps the lifecycle contract. */
export function playOnDisk(repoRoot: string, play: DiskPlay): PlayedEvidence {
  const created = createRunDirectory(repoRoot, play.ns ?? 1n);
  if (!created.ok) throw new Error(created.error.message);
  const { identity, directory, receiptPath } = created.value;
  const recorder = createRunRecorder({
    runDirectory: directory,
    identity,
    onFault: (fault) => {
      throw new Error(fault.message);
    },
  });
  const document = {
    schema_version: "v1",
    kind: "loom-run-local-phase-report",
    run_id: identity.runId,
    pipeline_id: identity.pipelineId,
    status: "valid",
  };
  const context = {
    loomVersion: "0.0.0",
    command: ["loom", "run"],
    repoRoot,
    workflowPath: `${repoRoot}/.loom/workflow.yml`,
    snapshotPath: play.snapshotPath,
    headSha: play.headSha,
    graph: play.bootstrapError === undefined ? play.graph : EMPTY_GRAPH,
    startedAtMs: PLAY_STARTED_MS,
  };
  const records = playRun(play, {
    identity,
    sink: recorder,
    schedule: createSchedule,
    finalize: (outcome, finishedAtMs) => {
      const written = finalizeRun(
        recorder,
        { outcome, finishedAtMs, phaseReport: { status: "valid", document } },
        { identity, runDirectory: directory, receiptPath, concurrency: play.concurrency ?? 2, context },
      );
      if (!written.ok) throw new Error(written.error.message);
    },
  });
  recorder.close();
  const report = judgeRunDirectory(directory, { checkedAt: "2030-01-01T00:00:00.000Z" });
  if (!report.ok) throw new Error(report.error.message);
  expect(brokenRules(report.value), "what the played run breaks").toEqual([]);
  return { directory, receiptPath, runId: identity.runId, records };
}
