import { wireTime, type RunRecorder } from "@loom/artifacts";
import {
  EMPTY_GRAPH,
  err,
  ok,
  planFacts,
  type EpochMs,
  type EventError,
  type GraphIr,
  type Result,
  type RunIdentity,
  type RunResult,
} from "@loom/core";
import type { BootstrapFailure, PreparedRun, RunLog, RunSurroundings } from "@loom/ports";
import type { LiveVerdict } from "../evidence/live-verdict.ts";
import type { World } from "../world/world.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import type { VirtualProvider } from "./virtual-provider.ts";

/** What the surroundings of a simulated run work with. */
export interface SurroundingsParts {
  readonly world: World;
  readonly identity: RunIdentity;
  readonly clock: VirtualClock;
  readonly provider: VirtualProvider;
  readonly recorder: RunRecorder;
  readonly verdict: LiveVerdict;
  readonly runDirectory: string;
  readonly receiptPath: string;
}

/** Bootstrap and finalize as the program does them, with the world's delays and failures. */
export class VirtualSurroundings implements RunSurroundings {
  readonly #parts: SurroundingsParts;
  readonly #startedAtMs: EpochMs;
  #graph: GraphIr = EMPTY_GRAPH;

  constructor(parts: SurroundingsParts) {
    this.#parts = parts;
    this.#startedAtMs = parts.clock.now();
  }

  async bootstrap(log: RunLog, stop: AbortSignal): Promise<Result<PreparedRun, BootstrapFailure>> {
    const { world, clock, provider } = this.#parts;
    const { plan, graph, bootstrap } = world;
    log.log("info", "Run context", { seed: world.seed });
    const stopped = await waitUnless(clock, bootstrap.takesMs, bootstrap.heedsStop ? stop : undefined);
    if (bootstrap.end === "rejects") throw new Error("A bug in the bootstrap");
    const error = { code: "no_workspace", message: "There is no workspace" };
    if (bootstrap.end === "fails_without_plan") return err({ error });
    this.#graph = graph;
    log.log("info", "Workflow compiled", planFacts(graph, plan));
    if (bootstrap.end === "fails" || stopped) return err({ error, plan });
    const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
    return ok({
      plan,
      jobFor: (jobId, attempt) => {
        const node = nodes.get(jobId);
        if (node === undefined) throw new Error(`Job "${jobId}" is not in the graph`);
        return { provider, spec: { jobId, node, attempt, env: {}, workspaceRoot: "/workspace" } };
      },
      runPhase: (request) => provider.runPhase(request),
    });
  }

  async finalize(result: RunResult): Promise<Result<EpochMs, EventError>> {
    const { world, clock, recorder, verdict, identity, runDirectory } = this.#parts;
    await clock.sleep(world.finalize.takesMs);
    if (world.finalize.rejects) throw new Error("A bug in finalizing");
    const finishedAtMs = clock.now();
    const report = verdict.report(finishedAtMs);
    const written = recorder.finalDocuments({
      outcome: result,
      finishedAtMs,
      phaseReport: { status: report.status, document: report },
    });
    const told =
      written.ok || result.status !== "success"
        ? result
        : { status: "failure" as const, exitCode: 1, error: written.error };
    const receipt = recorder.writeReceipt(this.#parts.receiptPath, {
      schema_version: "v1",
      kind: "loom-run-local",
      loom_version: "0.0.0",
      command: ["loom", "run"],
      repo_root: "/workspace",
      workflow_path: "/workspace/.loom/workflow.yml",
      started_at: wireTime(this.#startedAtMs),
      finished_at: wireTime(finishedAtMs),
      duration_ms: Math.max(0, finishedAtMs - this.#startedAtMs),
      status: told.status,
      exit_code: told.exitCode,
      ...(told.error !== undefined && { error: told.error.message }),
      run_id: identity.runId,
      logs_dir: runDirectory,
      events_jsonl_path: `${runDirectory}/events.jsonl`,
      phase_report_path: `${runDirectory}/phase-report.json`,
      graph_ir: this.#graph,
      executor_receipt: recorder.executorReceipt(world.plan.concurrency),
    });
    if (!written.ok) return written;
    return receipt.ok ? ok(finishedAtMs) : receipt;
  }
}

function waitUnless(clock: VirtualClock, ms: number, stop: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve(false));
    stop?.addEventListener(
      "abort",
      () => {
        cancel();
        resolve(true);
      },
      { once: true },
    );
  });
}
