import type { Leases } from "@loom/ports";
import { decodeMessage } from "./message-codec.ts";
import type { Offer } from "./messages.ts";

/** What the leases of workers begin with. */
export const WORKER_LEASES = "worker.";

/** What the leases of runs begin with: a coordinator is there for each. */
export const RUN_LEASES = "run.";

/** A worker that is there. */
export interface KnownWorker {
  readonly name: string;
  /** The machine that it is on. */
  readonly host: string;
  readonly pools: readonly string[];
  /** How many jobs it carries out at a time. */
  readonly slots: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Version of the program. */
  readonly version: string;
  /** Version of what it says to coordinators. */
  readonly contract: number;
  /** Whether it takes nothing new. */
  readonly isLeaving: boolean;
  /** What it carries out. */
  readonly running: readonly Offer[];
}

/** The workers that are there, by their names. */
export async function listWorkers(leases: Leases): Promise<readonly KnownWorker[]> {
  const found = await leases.list(WORKER_LEASES);
  return [...found.values()].map((value) => decodeMessage<KnownWorker>(value));
}
