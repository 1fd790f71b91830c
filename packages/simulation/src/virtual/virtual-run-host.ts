import { finalizeRun, type RunRecorder } from "@loom/artifacts";
import {
  errorCode,
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
import type { BootstrapFailure, PreparedRun, RunLog, RunHost } from "@loom/ports";
import type { LiveVerdict } from "../evidence/live-verdict.ts";
import type { World } from "../world/world.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import type { VirtualProvider } from "./virtual-provider.ts";

/** What a simulated run's host works with. */
export interface VirtualRunHostParts {
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
export class VirtualRunHost implements RunHost {
  readonly #parts: VirtualRunHostParts;
  readonly #startedAtMs: EpochMs;
  #graph: GraphIr = EMPTY_GRAPH;

  constructor(parts: VirtualRunHostParts) {
    this.#parts = parts;
    this.#startedAtMs = parts.clock.now();
  }

  async bootstrap(log: RunLog, stop: AbortSignal): Promise<Result<PreparedRun, BootstrapFailure>> {
    const { world, clock, provider } = this.#parts;
    const { plan, graph, bootstrap } = world;
    log.log("info", "Run context", { seed: world.seed });
    const stopped = await waitUnless(clock, bootstrap.takesMs, bootstrap.obeysStop ? stop : undefined);
    if (bootstrap.end === "rejects") throw new Error("A bug in the bootstrap");
    const error = { code: errorCode("no_workspace"), message: "There is no workspace" };
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
    const written = finalizeRun(
      recorder,
      {
        outcome: result,
        finishedAtMs,
        phaseReport: { status: report.status, document: report },
      },
      {
        identity,
        runDirectory,
        receiptPath: this.#parts.receiptPath,
        concurrency: world.plan.concurrency,
        context: {
          loomVersion: "0.0.0",
          command: ["loom", "run"],
          repoRoot: "/workspace",
          workflowPath: "/workspace/.loom/workflow.yml",
          graph: this.#graph,
          startedAtMs: this.#startedAtMs,
        },
      },
    );
    return written.ok ? ok(finishedAtMs) : written;
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
