import { access } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { err, ok, PIPELINE_ID_PREFIX, RUN_ID_PREFIX, type Result } from "@loom/core";
import { listRuns, type RunListing } from "./list-runs.ts";
import { openRun } from "./open-run.ts";
import { readError, type ReadError } from "./read-error.ts";

/** Names in an error message; the rest is counted. */
const MAX_NAMED = 3;

/**
 * Finds the run that a user means.
 *
 * @param repoRoot - Absolute path.
 * @param ref - `last`, `last~N` (the Nth before the last), `last-failed`, the id
 *   of a run or of its pipeline, or the beginning of one, with or without
 *   `loom-run-local-`; or the path of a run's directory or receipt, relative to
 *   the working directory.
 * @returns The path to give to `openRun`.
 */
export async function resolveRun(repoRoot: string, ref: string): Promise<Result<string, ReadError>> {
  if (ref.includes("/") || ref.includes(sep) || ref === "." || ref.endsWith(".json")) return existing(ref);
  const runs = await listRuns(repoRoot);
  if (!runs.ok) return runs;
  if (runs.value.length === 0) return err(notFound(repoRoot, ref, "nothing was run in this repository yet"));
  const back = /^last(?:~(\d{1,9}))?$/.exec(ref);
  if (back !== null) return lastRun(repoRoot, ref, { runs: runs.value, back: Number(back[1] ?? 0) });
  if (ref === "last-failed") return await lastFailed(repoRoot, runs.value);
  return byPrefix(repoRoot, ref, runs.value);
}

async function lastFailed(repoRoot: string, runs: readonly RunListing[]): Promise<Result<string, ReadError>> {
  for (const run of runs) {
    if (run.receiptPath === undefined) continue;
    const receipt = await openRun(run.receiptPath);
    const read = receipt.ok ? await receipt.value.receipt() : receipt;
    if (read.ok && read.value.status === "failure") return ok(pathOf(run));
  }
  return err(notFound(repoRoot, "last-failed", "no run of this repository has failed"));
}

async function existing(ref: string): Promise<Result<string, ReadError>> {
  const path = resolve(ref);
  try {
    await access(path);
    return ok(path);
  } catch (cause) {
    return err(readError(path, cause));
  }
}

function lastRun(
  repoRoot: string,
  ref: string,
  options: { readonly runs: readonly RunListing[]; readonly back: number },
): Result<string, ReadError> {
  const { runs, back } = options;
  const run = runs[back];
  if (run !== undefined) return ok(pathOf(run));
  const count = runs.length === 1 ? "there is 1 run" : `there are ${runs.length} runs`;
  return err(notFound(repoRoot, ref, `${count}, the oldest is last~${runs.length - 1}`));
}

function byPrefix(repoRoot: string, ref: string, runs: readonly RunListing[]): Result<string, ReadError> {
  const digits = [RUN_ID_PREFIX, PIPELINE_ID_PREFIX].find((prefix) => ref.startsWith(prefix));
  const wanted = `${RUN_ID_PREFIX}${ref.slice(digits?.length ?? 0)}`;
  const found = runs.filter((run) => run.runId.startsWith(wanted) || run.runId.startsWith(ref));
  const exact = found.find((run) => run.runId === wanted);
  const [first, second] = exact === undefined ? found : [exact];
  if (first === undefined) {
    const newest = runs.slice(0, MAX_NAMED).map((run) => `"${run.runId}"`);
    const last =
      newest.length === 1 ? `the only run is ${newest[0]}` : `the last runs are ${newest.join(", ")}`;
    const more = runs.length > MAX_NAMED ? `, and "loom runs" lists all ${runs.length}` : "";
    return err(notFound(repoRoot, ref, `no run has an id that begins like that; ${last}${more}`));
  }
  if (second === undefined) return ok(pathOf(first));
  const names = found.slice(0, MAX_NAMED).map((run) => `"${run.runId}"`);
  const more = found.length > MAX_NAMED ? ` and ${found.length - MAX_NAMED} more` : "";
  const message = `Cannot tell which run "${ref}" is: it could be ${names.join(", ")}${more}; give more of the id`;
  return err({ code: "ARTIFACTS_AMBIGUOUS_RUN", message, path: repoRoot });
}

function notFound(repoRoot: string, ref: string, why: string): ReadError {
  return { code: "ARTIFACTS_NOT_FOUND", message: `Cannot find run "${ref}": ${why}`, path: repoRoot };
}

/** A listing names at least one of the two: that is how it was found. */
function pathOf(run: RunListing): string {
  return run.directory ?? run.receiptPath ?? run.runId;
}
