import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { ProviderUnderTest } from "@loom/contract-suites";
import { err, ok, type RunId } from "@loom/core";
import type { Exchange, JobSpec, Provider, RunProvider } from "@loom/ports";
import { createHostProvider } from "@loom/provider-host";
import { createSystemClock, readProcessStat } from "@loom/system";
import { SHELL_SCRIPTS } from "@loom/testkit";
import {
  endRunOnWorkers,
  FarJobs,
  jobAt,
  startWorker,
  type Worker,
  type WorkerOptions,
} from "../src/index.ts";

const ENV = { PATH: "/usr/local/bin:/usr/bin:/bin" };

/** A worker whose jobs all work in one folder, one at a time, with the provider of this machine. */
export interface TestWorker extends Worker {
  /** Where they work. */
  readonly root: string;
}

/** The pool of those who have a folder, which no others have. */
export function poolOf(base: string): string {
  return basename(base).toLowerCase();
}

/** Starts a worker. */
export function startTestWorker(
  exchange: Exchange,
  base: string,
  options: Partial<WorkerOptions> = {},
): TestWorker {
  const root = join(base, options.name ?? "w1");
  const runs = new Map<RunId, RunProvider>();
  const worker = startWorker({
    exchange,
    clock: createSystemClock(),
    name: "w1",
    host: "here",
    pools: [poolOf(base)],
    slots: 4,
    version: "0.0.0",
    folder: join(base, "transfers"),
    receive: async ({ runId, jobId, attempt }, travelled, stop, courier) => {
      rmSync(root, { recursive: true, force: true });
      mkdirSync(root, { recursive: true });
      const received = await courier.receive(travelled.workspace, root, { links: "all", signal: stop });
      if (!received.ok) return err(received.error);
      const provider = runs.get(runId) ?? createHostProvider().open({ runId, env: ENV });
      runs.set(runId, provider);
      const placed = jobAt(travelled, root);
      const spec: JobSpec = {
        jobId,
        attempt,
        ...placed,
        env: { ...placed.env, ...travelled.forwarded },
        workspaceRoot: root,
        ...(placed.node.carry !== undefined && {
          privateFolder: join(base, "private", `${runId}-${jobId}-${attempt}`),
        }),
      };
      return ok({ provider, spec, remove: () => Promise.resolve() });
    },
    ...options,
  });
  return {
    ...worker,
    root,
    left: worker.left.then(async () => {
      for (const provider of runs.values()) await provider.close({ log: () => undefined });
    }),
  };
}

/** The provider of this machine, as runs elsewhere see it through a worker. @param openForWorker - What the worker uses. Default: the same. */
export function farHostProvider(
  open: () => Promise<Exchange>,
  openForWorker?: () => Promise<Exchange>,
): () => Promise<ProviderUnderTest> {
  return async () => {
    const exchange = await open();
    const base = realpathSync(mkdtempSync(join(tmpdir(), "loom-far-")));
    const workspaceRoot = join(base, "here");
    mkdirSync(workspaceRoot);
    const worker = startTestWorker((await openForWorker?.()) ?? exchange, base);
    return {
      provider: farProvider(exchange, base),
      env: ENV,
      workspaceRoot,
      seenRoot: worker.root,
      missingRoot: join(base, "missing"),
      makesCopies: true,
      alwaysCopies: true,
      carriesIn: ["sh", "bash"] as const,
      scripts: SHELL_SCRIPTS,
      isRunning: (pid) => readProcessStat(pid)?.dead === false,
      dispose: async () => {
        worker.kill();
        await worker.left;
        rmSync(base, { recursive: true, force: true });
      },
    };
  };
}

function farProvider(exchange: Exchange, base: string): Provider {
  return {
    name: "remote",
    open: ({ runId }) => {
      const far = new FarJobs({
        exchange,
        runId,
        clock: createSystemClock(),
        folder: join(base, "transfers"),
      });
      const provider = far.provider(poolOf(base));
      return { ...provider, close: async (log) => await far.close(log) };
    },
    endLeftovers: async ({ runId }) => await endRunOnWorkers(exchange, runId, createSystemClock()),
  };
}
