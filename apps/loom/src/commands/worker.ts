import { availableParallelism, hostname } from "node:os";
import { startJobWorker } from "@loom/runner/worker";
import { isSystemError, systemErrorReason } from "@loom/system";
import { requireJobEngine } from "../engine/open-job-engine.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { handleSignals } from "../handle-signals.ts";
import { loomProgram } from "../loom-program.ts";
import { LOOM_VERSION } from "../loom-version.ts";
import type { ProcessIo } from "../process-io.ts";

/** The flags of `loom worker`. */
export interface WorkerFlags {
  readonly engine?: string;
  readonly pool?: readonly string[];
  /** How many jobs at a time. */
  readonly slots?: number;
  readonly name?: string;
  readonly label?: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly drainTimeout?: number;
  /** Milliseconds. */
  readonly orphanGrace?: number;
}

/** How long jobs may take once the worker was asked to leave, unless something else is said. Milliseconds. */
const DRAIN_TIMEOUT_MS = 600_000;

/** Pool of a worker that names none. */
const DEFAULT_POOL = "default";

/**
 * Carries out jobs of runs elsewhere, until it is asked to leave.
 *
 * @returns 0 when it has left; 1 when the engine cannot be reached, or there is no place for jobs; 2 when none is named.
 */
export async function workerCommand(flags: WorkerFlags, io: ProcessIo): Promise<number> {
  const { stdout, stderr, env } = io;
  const engine = await requireJobEngine("loom worker", flags.engine, io);
  if (!engine.ok) return engine.error;
  const { exchange } = engine.value;
  const name = flags.name ?? defaultName();
  const pools = flags.pool ?? [DEFAULT_POOL];
  const slots = flags.slots ?? availableParallelism();
  const signals = handleSignals(env);
  try {
    const worker = startJobWorker({
      exchange,
      name,
      pools,
      slots,
      labels: flags.label ?? {},
      version: LOOM_VERSION,
      env,
      afterDeath: afterDeath(),
      orphanGraceMs: flags.orphanGrace,
      onJob: ({ runId, jobId, attempt }, state, why) => {
        const which = `${jobId} of ${runId}${attempt > 1 ? `, attempt ${attempt}` : ""}`;
        stdout.write(`${STATES[state]} ${which}${why === undefined ? "" : `: ${why}`}\n`);
      },
    });
    signals.attach({
      stop: () => {
        stdout.write("Leaving: takes nothing new, and waits for what runs\n");
        worker.leave(flags.drainTimeout ?? DRAIN_TIMEOUT_MS);
      },
      kill: () => worker.kill(),
    });
    const many = slots === 1 ? "one job" : `${slots} jobs`;
    stdout.write(
      `Worker ${name} takes ${many} at a time from ${pools.map((pool) => `"${pool}"`).join(", ")}\n`,
    );
    await worker.left;
    return EXIT_CODE.success;
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    stderr.write(`loom: Cannot make a folder for the worker: ${systemErrorReason(cause)}\n`);
    return EXIT_CODE.failure;
  } finally {
    signals.restore();
    await exchange.close();
  }
}

/** What ends the jobs of a worker when this program is killed. */
function afterDeath(): readonly [string, ...string[]] | undefined {
  const program = loomProgram();
  return program === undefined ? undefined : [...program, "after-worker-death"];
}

const STATES = { begun: "Begun:", done: "Done: ", replaced: "Taken:", failed: "Failed:" } as const;

/** Unlike that of any other worker. */
function defaultName(): string {
  const host = hostname().replaceAll(/[^\w-]+/gu, "-");
  return `${host}-${process.pid}`;
}
