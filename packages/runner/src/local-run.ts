import { existsSync } from "node:fs";
import { dirname } from "node:path";
import {
  finalizeRun,
  restoreRunDirectory,
  type ReceiptContext,
  type RunDirectory,
  type RunRecorder,
} from "@loom/artifacts";
import { EMPTY_GRAPH, ok, type EpochMs, type EventError, type Result, type RunResult } from "@loom/core";
import type { BootstrapFailure, Clock, PreparedRun, RunLog, RunHost } from "@loom/ports";
import { bootstrapRun, type Bootstrap, type BootstrapParts } from "./bootstrap/bootstrap-run.ts";
import type { LiveValidation } from "./live-validation.ts";
import type { CacheHit } from "./phases/job-phases.ts";
import type { RunRequest } from "./run-request.ts";

/** What a run is composed of beside its request. */
export interface LocalRunParts extends BootstrapParts {
  readonly directory: RunDirectory;
  readonly recorder: RunRecorder;
  readonly validation: LiveValidation;
  readonly clock: Clock;
  readonly startedAtMs: EpochMs;
  /** What the run was started for, where that was before. */
  readonly context?: ReceiptContext | undefined;
}

/** The work around one pipeline: the bootstrap before it, the last documents after it. */
export class LocalRun implements RunHost {
  readonly #request: RunRequest;
  readonly #parts: LocalRunParts;
  #bootstrap: Bootstrap | undefined;
  #verdict: "valid" | "invalid" | undefined;

  constructor(request: RunRequest, parts: LocalRunParts) {
    this.#request = request;
    this.#parts = parts;
  }

  /** Verdict of the validator; known once the run was finalized. */
  get verdict(): "valid" | "invalid" | undefined {
    return this.#verdict;
  }

  /** Absolute path of the snapshot; absent where there is none. */
  get snapshotPath(): string | undefined {
    return this.#bootstrap?.snapshotPath;
  }

  /** The caches that jobs were given so far. */
  get cacheHits(): readonly CacheHit[] {
    return this.#bootstrap?.phases?.hits ?? [];
  }

  async bootstrap(log: RunLog, stop: AbortSignal): Promise<Result<PreparedRun, BootstrapFailure>> {
    this.#bootstrap = await bootstrapRun(this.#request, this.#parts, { log, stop });
    return this.#bootstrap.prepared;
  }

  finalize(outcome: RunResult): Promise<Result<EpochMs, EventError>> {
    const { recorder, validation, directory, clock, startedAtMs, identity } = this.#parts;
    const { location, loomVersion, command, concurrency } = this.#request;
    // Only what is worth writing: the documents that fail to be written report a refused place.
    const places = [directory.directory, dirname(directory.receiptPath)];
    if (!places.every((path) => existsSync(path))) restoreRunDirectory(location.repoRoot, directory);
    const finishedAtMs = clock.now();
    const report = validation.report(finishedAtMs);
    this.#verdict = report.status;
    const written = finalizeRun(
      recorder,
      { outcome, finishedAtMs, phaseReport: { status: report.status, document: report } },
      {
        identity,
        runDirectory: directory.directory,
        receiptPath: directory.receiptPath,
        concurrency,
        context: this.#parts.context ?? {
          loomVersion,
          command,
          repoRoot: location.repoRoot,
          workflowPath: location.workflowPath,
          snapshotPath: this.#bootstrap?.snapshotPath,
          snapshotOf: this.#bootstrap?.snapshotOf,
          changesBase: this.#bootstrap?.changesBase,
          headSha: this.#bootstrap?.git?.headSha,
          graph: this.#bootstrap?.graph ?? EMPTY_GRAPH,
          startedAtMs,
        },
      },
    );
    return Promise.resolve(written.ok ? ok(finishedAtMs) : written);
  }
}
