import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { ManyRuns } from "./simulate-many.ts";

/** Maximum number of threads; each needs a few hundred megabytes. */
const MAX_THREADS = 8;

/** How many broken runs a thread collects before it stops. */
const STOP_AFTER = 5;

/** Simulates consecutive seeds on all cores. */
export async function simulateAcross(options: {
  readonly from: number;
  readonly count: number;
}): Promise<ManyRuns> {
  const threads = Math.min(MAX_THREADS, availableParallelism());
  const share = Math.ceil(options.count / threads);
  const parts: Promise<ManyRuns>[] = [];
  for (let done = 0; done < options.count; done += share) {
    parts.push(
      inThread({
        from: options.from + done,
        count: Math.min(share, options.count - done),
        stopAfter: STOP_AFTER,
      }),
    );
  }
  return sum(await Promise.all(parts));
}

function inThread(data: {
  readonly from: number;
  readonly count: number;
  readonly stopAfter: number;
}): Promise<ManyRuns> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./simulation-worker.ts", import.meta.url), {
      workerData: data,
      // Use the sources, even if the caller was started without the condition.
      execArgv: ["--conditions=@loom/source"],
    });
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("The thread ended without a result")));
  });
}

function sum(parts: readonly ManyRuns[]): ManyRuns {
  const total = { runs: 0, records: 0, endings: { finished: 0, crashed: 0, bug: 0, hung: 0 } };
  for (const part of parts) {
    total.runs += part.runs;
    total.records += part.records;
    total.endings.finished += part.endings.finished;
    total.endings.crashed += part.endings.crashed;
    total.endings.bug += part.endings.bug;
    total.endings.hung += part.endings.hung;
  }
  return { ...total, broken: parts.flatMap((part) => part.broken).sort((a, b) => a.seed - b.seed) };
}
