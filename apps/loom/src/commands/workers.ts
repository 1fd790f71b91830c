import { CONTRACT_VERSION, listWorkers, type KnownWorker } from "@loom/remote";
import { requireJobEngine } from "../engine/open-job-engine.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { formatJson, printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";

/** The flags of `loom workers`. */
export interface WorkersFlags {
  readonly engine?: string;
  readonly json?: boolean;
}

/**
 * Lists the workers that are there, by their names.
 *
 * @returns 0, even when there are none; 1 when the engine cannot be reached; 2 when none is named.
 */
export async function workersCommand(flags: WorkersFlags, io: ProcessIo): Promise<number> {
  const { stdout, stderr } = io;
  const engine = await requireJobEngine("loom workers", flags.engine, io);
  if (!engine.ok) return engine.error;
  const { exchange } = engine.value;
  try {
    const workers = await listWorkers(exchange.leases);
    if (flags.json === true) {
      const written = workers.map((worker) => dataOf(worker));
      stdout.write(formatJson({ schema_version: "v1", kind: "loom-workers", workers: written }));
      return EXIT_CODE.success;
    }
    if (workers.length === 0) stderr.write("loom: No worker is there: loom worker starts one\n");
    for (const worker of workers) stdout.write(printable(`${linesOf(worker).join("\n")}\n`));
    return EXIT_CODE.success;
  } finally {
    await exchange.close();
  }
}

function dataOf({ isLeaving, running, ...worker }: KnownWorker): object {
  return {
    ...worker,
    leaving: isLeaving,
    running: running.map(({ runId, jobId, attempt }) => ({ run_id: runId, job_id: jobId, attempt })),
  };
}

/** Who, where, how busy, and what runs there. */
function linesOf(worker: KnownWorker): readonly string[] {
  const { name, host, pools, slots, labels, version, contract, isLeaving, running } = worker;
  const told = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const state = [
    `${running.length} of ${slots} busy`,
    ...(isLeaving ? ["leaving"] : []),
    ...(contract === CONTRACT_VERSION ? [] : [`of another version: this one takes no jobs of loom here`]),
  ];
  const head = [`${name} on ${host}`, pools.join(","), state.join(", "), `loom ${version}`, ...told];
  return [
    head.join("  "),
    ...running.map(
      ({ runId, jobId, attempt }) => `  ${jobId}${attempt > 1 ? ` (attempt ${attempt})` : ""}  ${runId}`,
    ),
  ];
}
