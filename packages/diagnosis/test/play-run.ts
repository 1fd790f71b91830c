import { createRunDirectory, createRunRecorder, type RunRecorder } from "@loom/artifacts";
import {
  EMPTY_GRAPH,
  epochMs,
  planRun,
  RunMachine,
  type EventError,
  type FactValue,
  type GraphIr,
  type JobId,
  type LoomEvent,
  type OutputStream,
  type ProcessEnd,
  type RunCommand,
  type RunIdentity,
  type RunInput,
  type StopCause,
  type StreamRef,
} from "@loom/core";
import type { LifecycleRecord } from "@loom/ports";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { createSchedule } from "@loom/scheduler";
import { brokenRules } from "@loom/testkit";
import { expect } from "vitest";

/** What one step does. Default: succeeds after 10 ms without a word. */
export interface StepPlay {
  readonly ms?: number;
  readonly stdout?: readonly string[];
  readonly stderr?: readonly string[];
  readonly end?: ProcessEnd;
}

/** A run to play. */
export interface RunPlay {
  readonly graph: GraphIr;
  /** Default: 2. */
  readonly concurrency?: number;
  readonly failFast?: boolean;
  /** Default: 1. */
  readonly ns?: bigint;
  readonly step?: (job: string, step: number, attempt: number) => StepPlay | undefined;
  readonly prepare?: (job: string, attempt: number) => EventError | undefined;
  readonly bootstrapError?: EventError;
  readonly stop?: { readonly atMs: number; readonly cause: StopCause };
  /** From then on nothing is written any more. */
  readonly dieAtMs?: number;
  /** Where its jobs worked, as the run's own stream has it. */
  readonly workplace?: { readonly workspace: string; readonly snapshot_path?: string };
  /** The snapshot, as the receipt has it. */
  readonly snapshotPath?: string;
  readonly headSha?: string;
  readonly dirtyFiles?: readonly string[];
}

/** What a played run left. */
export interface PlayedEvidence {
  readonly directory: string;
  readonly receiptPath: string;
  readonly runId: string;
  /** All but output, as the sinks were given them. */
  readonly records: readonly { readonly stream: StreamRef; readonly record: LifecycleRecord }[];
}

class Died extends Error {}

/**
 * Plays a run through the real machine, schedule and recorder: only the
 * processes and the clock are not real. The run begins at
 * 2026-01-01T00:00:00Z. What it leaves keeps the lifecycle contract.
 */
export function playRun(repoRoot: string, play: RunPlay): PlayedEvidence {
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
  const player = new Player(play, { identity, recorder, repoRoot, directory, receiptPath });
  try {
    player.play();
  } catch (error) {
    if (!(error instanceof Died)) throw error;
  }
  recorder.close();
  const report = judgeRunDirectory(directory, { checkedAt: "2030-01-01T00:00:00.000Z" });
  if (!report.ok) throw new Error(report.error.message);
  expect(brokenRules(report.value), "what the played run breaks").toEqual([]);
  return { directory, receiptPath, runId: identity.runId, records: player.records };
}

interface Place {
  readonly identity: RunIdentity;
  readonly recorder: RunRecorder;
  readonly repoRoot: string;
  readonly directory: string;
  readonly receiptPath: string;
}

class Player {
  readonly records: { readonly stream: StreamRef; readonly record: LifecycleRecord }[] = [];
  readonly #play: RunPlay;
  readonly #place: Place;
  readonly #machine: RunMachine;
  readonly #waiting: { readonly atMs: number; readonly job?: JobId; readonly act: () => void }[] = [];
  readonly #cancelled = new Set<JobId>();
  readonly #startMs = Date.UTC(2026, 0, 1);
  #nowMs = this.#startMs;
  #seq = 0;

  constructor(play: RunPlay, place: Place) {
    this.#play = play;
    this.#place = place;
    this.#machine = new RunMachine({ identity: place.identity, schedule: createSchedule });
  }

  play(): void {
    const { stop } = this.#play;
    if (stop !== undefined) this.#later(stop.atMs, () => this.#stop(stop.cause));
    this.#give({ type: "run_started", atMs: epochMs(this.#nowMs) });
    while (this.#machine.stage !== "finished") {
      const next = this.#waiting.reduce((a, b) => (b.atMs < a.atMs ? b : a));
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.#nowMs = next.atMs;
      if (this.#nowMs - this.#startMs >= (this.#play.dieAtMs ?? Infinity)) throw new Died();
      next.act();
    }
  }

  #later(ms: number, act: () => void, job?: JobId): void {
    this.#waiting.push({ atMs: this.#nowMs + ms, act, ...(job !== undefined && { job }) });
  }

  #stop(cause: StopCause): void {
    if (this.#machine.stage !== "executing") return;
    this.#give({ type: "stop_requested", cause, atMs: epochMs(this.#nowMs) });
  }

  #give(input: RunInput): void {
    const step = this.#machine.step(input);
    if (!step.ok) throw new Error(step.error.message);
    for (const { stream, event } of step.value.emissions) this.#record(stream, event);
    this.#place.recorder.flush();
    for (const command of step.value.commands) this.#perform(command);
  }

  #record(stream: StreamRef, event: object): void {
    this.#seq += 1;
    const record = {
      seq: this.#seq,
      ts: new Date(this.#nowMs).toISOString(),
      ...event,
    } as LoomEvent as LifecycleRecord;
    this.records.push({ stream, record });
    this.#place.recorder.record(stream, record);
  }

  #log(stream: StreamRef, message: string, facts: Readonly<Record<string, FactValue>>): void {
    this.#record(stream, { event: "log", level: "info", message, ...facts });
  }

  #print(stream: StreamRef, output: OutputStream, lines: readonly string[]): void {
    if (lines.length === 0) return;
    const ends: number[] = [];
    const parts = lines.map((line) => Buffer.from(`${line}\n`));
    let end = 0;
    for (const part of parts) {
      ends.push(end + part.length - 1);
      end += part.length;
    }
    const firstSeq = this.#seq + 1;
    this.#seq += lines.length;
    const ts = new Date(this.#nowMs).toISOString();
    this.#place.recorder.lines(stream, {
      stream: output,
      firstSeq,
      ts,
      bytes: Buffer.concat(parts),
      ends,
      partial: false,
    });
  }

  #perform(command: RunCommand): void {
    switch (command.type) {
      case "bootstrap":
        return this.#later(1, () => this.#bootstrap());
      case "finalize":
        return this.#finalize();
      case "start_job":
        return this.#later(1, () => this.#prepare(command.jobId, command.attempt), command.jobId);
      case "run_step":
        return this.#runStep(command.jobId, command.step, command.attempt);
      case "run_phase":
        return this.#later(1, () =>
          this.#give({
            type: "phase_finished",
            jobId: command.jobId,
            phase: command.phase,
            outcome: { status: "success" },
            atMs: epochMs(this.#nowMs),
          }),
        );
      case "clean_up_job":
        return this.#later(1, () => this.#cleanUp(command.jobId));
      case "start_timer":
      case "stop_timer":
        return undefined;
      case "cancel_job":
        return this.#cancel(command.jobId);
    }
  }

  #bootstrap(): void {
    const {
      graph,
      concurrency = 2,
      failFast = false,
      bootstrapError: error,
      workplace,
      headSha,
      dirtyFiles = [],
    } = this.#play;
    const atMs = epochMs(this.#nowMs);
    if (workplace !== undefined) this.#log({ kind: "run" }, "Jobs work in a folder", { ...workplace });
    if (headSha !== undefined) {
      this.#log({ kind: "run" }, "Workspace attribution", { head_sha: headSha, dirty_files: dirtyFiles });
    }
    if (error !== undefined) {
      this.#give({ type: "bootstrap_finished", outcome: { status: "failed", error }, atMs });
      return;
    }
    const facts = { concurrency, fail_fast: failFast, graph_ir: graph as unknown as FactValue };
    this.#log({ kind: "run" }, "Workflow compiled", facts);
    const plan = planRun(graph, { concurrency, failFast });
    this.#give({ type: "bootstrap_finished", outcome: { status: "success", plan }, atMs });
  }

  #prepare(jobId: JobId, attempt: number): void {
    const error = this.#play.prepare?.(jobId, attempt);
    const stream: StreamRef = { kind: "section", jobId, section: "provider" };
    const outcome =
      error === undefined ? { status: "success" as const } : { status: "failed" as const, error };
    const atMs = epochMs(this.#nowMs);
    this.#give({ type: "section_started", jobId, section: "provider", atMs });
    this.#log(stream, "Provider", { provider: "host" });
    this.#give({ type: "section_finished", jobId, section: "provider", outcome, atMs });
    this.#give({ type: "phase_finished", jobId, phase: "job.provider_prepare", outcome, atMs });
  }

  #runStep(jobId: JobId, step: number, attempt: number): void {
    const { ms = 10, stdout = [], stderr = [], end } = this.#play.step?.(jobId, step, attempt) ?? {};
    const stream: StreamRef = { kind: "step", jobId, step };
    this.#print(stream, "stdout", stdout);
    this.#print(stream, "stderr", stderr);
    this.#later(
      ms,
      () => {
        const cancelled = this.#cancelled.has(jobId);
        this.#give({
          type: "step_finished",
          jobId,
          step,
          end: cancelled ? { kind: "signaled", signal: "SIGTERM" } : (end ?? { kind: "exited", exitCode: 0 }),
          atMs: epochMs(this.#nowMs),
        });
      },
      jobId,
    );
  }

  #cancel(jobId: JobId): void {
    this.#cancelled.add(jobId);
    const index = this.#waiting.findIndex((waiting) => waiting.job === jobId);
    const [waiting] = index === -1 ? [] : this.#waiting.splice(index, 1);
    if (waiting !== undefined) this.#later(1, waiting.act, jobId);
  }

  #cleanUp(jobId: JobId): void {
    const atMs = epochMs(this.#nowMs);
    const outcome = { status: "success" as const };
    this.#give({ type: "section_started", jobId, section: "cleanup", atMs });
    this.#give({ type: "section_finished", jobId, section: "cleanup", outcome, atMs });
    this.#give({ type: "phase_finished", jobId, phase: "job.cleanup", outcome, atMs });
  }

  #finalize(): void {
    const { identity, recorder, repoRoot, directory, receiptPath } = this.#place;
    const outcome = this.#machine.result();
    const atMs = epochMs(this.#nowMs);
    const report = {
      schema_version: "v1",
      kind: "loom-run-local-phase-report",
      run_id: identity.runId,
      pipeline_id: identity.pipelineId,
      status: "valid",
    };
    recorder.finalDocuments({
      outcome,
      finishedAtMs: atMs,
      phaseReport: { status: "valid", document: report },
    });
    recorder.writeReceipt(receiptPath, {
      schema_version: "v1",
      kind: "loom-run-local",
      loom_version: "0.0.0",
      command: ["loom", "run"],
      repo_root: repoRoot,
      workflow_path: `${repoRoot}/.loom/workflow.yml`,
      started_at: new Date(this.#startMs).toISOString(),
      finished_at: new Date(atMs).toISOString(),
      duration_ms: atMs - this.#startMs,
      status: outcome.status,
      exit_code: outcome.exitCode,
      ...(outcome.error !== undefined && { error: outcome.error.message }),
      run_id: identity.runId,
      logs_dir: directory,
      events_jsonl_path: `${directory}/events.jsonl`,
      phase_report_path: `${directory}/phase-report.json`,
      ...(this.#play.headSha !== undefined && { snapshot_head_sha: this.#play.headSha }),
      ...(this.#play.snapshotPath !== undefined && { snapshot_path: this.#play.snapshotPath }),
      graph_ir: this.#play.bootstrapError === undefined ? this.#play.graph : EMPTY_GRAPH,
      executor_receipt: recorder.executorReceipt(this.#play.concurrency ?? 2),
    });
    this.#later(1, () =>
      this.#give({ type: "finalized", outcome: { status: "success" }, atMs: epochMs(this.#nowMs) }),
    );
  }
}
