import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  epochMs,
  err,
  ok,
  runIdentity,
  runNanoseconds,
  type EpochMs,
  type Result,
  type RunId,
} from "@loom/core";
import { logsDirectory, receiptPath, receiptsDirectory } from "../layout/runtime-directory.ts";
import { readError, type ReadError } from "./read-error.ts";

/** A run of a repository, as its names on disk tell of it. */
export interface RunListing {
  readonly runId: RunId;
  /** When the run was named. */
  readonly namedAtMs: EpochMs;
  /** Absolute path of its directory; absent when only the receipt was kept. */
  readonly directory?: string;
  /** Absolute path of its receipt; absent for a run that is still running or was interrupted. */
  readonly receiptPath?: string;
}

/**
 * Lists the runs of a repository, newest first, without opening any.
 *
 * @param repoRoot - Absolute path.
 * @returns An empty list when nothing was ever run there.
 */
export async function listRuns(repoRoot: string): Promise<Result<readonly RunListing[], ReadError>> {
  const logs = await runsIn(logsDirectory(repoRoot), "");
  if (!logs.ok) return logs;
  const receipts = await runsIn(receiptsDirectory(repoRoot), ".json");
  if (!receipts.ok) return receipts;
  const newestFirst = [...new Set([...logs.value, ...receipts.value])].toSorted((a, b) => (a < b ? 1 : -1));
  return ok(
    newestFirst.map((ns) => {
      const { runId } = runIdentity(ns);
      return {
        runId,
        namedAtMs: epochMs(Number(ns / 1_000_000n)),
        ...(logs.value.has(ns) && { directory: join(logsDirectory(repoRoot), runId) }),
        ...(receipts.value.has(ns) && { receiptPath: receiptPath(repoRoot, runId) }),
      };
    }),
  );
}

async function runsIn(directory: string, suffix: string): Promise<Result<ReadonlySet<bigint>, ReadError>> {
  let names: readonly string[];
  try {
    names = await readdir(directory);
  } catch (cause) {
    const error = readError(directory, cause);
    return error.code === "ARTIFACTS_NOT_FOUND" ? ok(new Set()) : err(error);
  }
  const runs = new Set<bigint>();
  for (const name of names) {
    if (!name.endsWith(suffix)) continue;
    const ns = runNanoseconds(name.slice(0, name.length - suffix.length));
    if (ns !== undefined) runs.add(ns);
  }
  return ok(runs);
}
