import { chmodSync, existsSync, readdirSync, renameSync, unlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { err, ok, type EpochMs, type EventError, type Result } from "@loom/core";
import { RUN_SUMMARY_PATH } from "@loom/record";
import { sizeOnDisk, systemErrorOf, systemErrorReason } from "@loom/system";
import { checkRuntimeDirectory, judgeDirectory } from "../layout/own-directory.ts";
import { DIRECTORY_MODE } from "../layout/run-files.ts";
import { logsDirectory, receiptPath, receiptsDirectory } from "../layout/runtime-directory.ts";
import { claimRun } from "../owner/claim-run.ts";
import { ownedRuns, type OwnedRun } from "../owner/owned-runs.ts";
import { listRuns, type RunListing } from "../read/list-runs.ts";

/** Which evidence to remove. With `keep` and `olderThanMs`, what both of them give up. */
export interface RemoveRunsOptions {
  readonly nowMs: EpochMs;
  /** How many runs stay, and how many receipts of `loom check`: the newest, including running ones. Default: 0. */
  readonly keep?: number | undefined;
  /** Removes only what began longer ago than this. Default: all. */
  readonly olderThanMs?: number | undefined;
  /** Ends what a run left behind whose process is gone. Awaited before its evidence is removed. Default: nothing. */
  readonly endLeftovers?: ((run: OwnedRun) => Promise<void>) | undefined;
}

/** A run that was not removed, although it was asked for. */
export interface RunInUse {
  readonly runId: string;
  /** `alive`: it is still running. `unknown`: perhaps it does. */
  readonly owner: "alive" | "unknown";
}

/** What happened to the evidence of a repository. */
export interface RemovedRuns {
  /** Ids, newest first. */
  readonly runs: readonly string[];
  readonly runBytes: number;
  /** Receipts of `loom check`: names of their files, newest first. */
  readonly checks: readonly string[];
  readonly checkBytes: number;
  readonly inUse: readonly RunInUse[];
  /** Could not be removed, or not wholly. */
  readonly failed: readonly EventError[];
}

/**
 * How long a run may take from its first directory to the note about its owner.
 *
 * Unit: milliseconds. Source: two system calls, and a process may be stopped between them.
 */
const STARTING_MS = 60_000;

/** How the name of a run's directory begins while it is removed, so that nothing takes it for a run. */
const REMOVING = ".removing-";

/**
 * Removes the evidence of runs that are over: their directories, their
 * receipts, and the receipts of `loom check`.
 *
 * A run that goes on stays, and so does one of which that cannot be told: a
 * run of another machine, and one that was never closed and that nobody has
 * claimed. A run whose process is gone is claimed first.
 *
 * Nothing outside of `.loom/.runtime` is touched: a link is removed, not
 * followed, and where one stands in the place of a directory nothing is done.
 *
 * @param repoRoot - Absolute path.
 * @returns What was removed. `ARTIFACTS_REFUSED_PLACE` when `.loom/.runtime`, or a directory in it, leads elsewhere or
 *   belongs to somebody else; a `ReadError` when the runs cannot be listed.
 */
export async function removeRuns(
  repoRoot: string,
  options: RemoveRunsOptions,
): Promise<Result<RemovedRuns, EventError>> {
  const refused = checkRuntimeDirectory(repoRoot);
  if (refused !== undefined) return err(refused);
  const listed = await listRuns(repoRoot);
  if (!listed.ok) return err({ code: listed.error.code, message: listed.error.message });
  const { nowMs, keep = 0, olderThanMs } = options;
  const isOld = ({ namedAtMs }: { readonly namedAtMs: number }): boolean =>
    olderThanMs === undefined || nowMs - namedAtMs > olderThanMs;
  const removal = new Removal(repoRoot, options);
  await removal.removeLeftovers();
  for (const run of listed.value.slice(keep).filter(isOld)) await removal.removeRun(run);
  for (const { name } of listChecks(repoRoot).slice(keep).filter(isOld)) await removal.removeCheck(name);
  return ok(removal.done());
}

class Removal {
  readonly #repoRoot: string;
  readonly #options: RemoveRunsOptions;
  readonly #owned: ReadonlyMap<string, OwnedRun>;
  readonly #runs: string[] = [];
  readonly #checks: string[] = [];
  readonly #inUse: RunInUse[] = [];
  readonly #failed: EventError[] = [];
  #runBytes = 0;
  #checkBytes = 0;

  constructor(repoRoot: string, options: RemoveRunsOptions) {
    this.#repoRoot = repoRoot;
    this.#options = options;
    this.#owned = new Map(ownedRuns(repoRoot).map((run) => [run.runId, run]));
  }

  /** Removes what a removal left that was killed. */
  async removeLeftovers(): Promise<void> {
    for (const name of namesIn(logsDirectory(this.#repoRoot))) {
      if (!name.startsWith(REMOVING)) continue;
      const path = join(logsDirectory(this.#repoRoot), name);
      this.#runBytes += (await this.#attempt(path, () => removeTree(path))) ?? 0;
    }
  }

  async removeRun(run: RunListing): Promise<void> {
    const { runId } = run;
    const owned = this.#owned.get(runId);
    const owner = owned === undefined ? this.#unclaimed(run) : owned.owner;
    if (owner !== "dead") {
      this.#inUse.push({ runId, owner });
      return;
    }
    const directory = join(logsDirectory(this.#repoRoot), runId);
    const refused = judgeDirectory(directory);
    if (refused !== undefined) {
      this.#failed.push(refused);
      return;
    }
    const claim = claimRun(directory);
    if (!claim.ok) {
      // Another process was faster, closing it or removing it.
      if (claim.error.code === "ARTIFACTS_WRITE_FAILED") this.#failed.push(claim.error);
      else this.#inUse.push({ runId, owner: claim.error.code === "RUN_ALIVE" ? "alive" : "unknown" });
      return;
    }
    if (owned !== undefined) await this.#options.endLeftovers?.(owned);
    const bytes = await this.#attempt(directory, () => this.#removeEvidence(runId, directory));
    const kept = claim.value.release();
    if (kept !== undefined) this.#failed.push(kept);
    if (bytes === undefined) return;
    this.#runs.push(runId);
    this.#runBytes += bytes;
  }

  async removeCheck(name: string): Promise<void> {
    const path = join(receiptsDirectory(this.#repoRoot), name);
    try {
      const bytes = await sizeOnDisk(path);
      unlinkSync(path);
      this.#checkBytes += bytes;
      this.#checks.push(name);
    } catch (cause) {
      this.#failed.push(removeError(path, cause));
    }
  }

  done(): RemovedRuns {
    return {
      runs: this.#runs,
      runBytes: this.#runBytes,
      checks: this.#checks,
      checkBytes: this.#checkBytes,
      inUse: this.#inUse,
      failed: this.#failed,
    };
  }

  /** Who has a run without a note. */
  #unclaimed({ directory, namedAtMs }: RunListing): OwnedRun["owner"] {
    if (directory === undefined || existsSync(join(directory, RUN_SUMMARY_PATH))) return "dead";
    // A run that is just being started has neither; one that ended there will never have more.
    const wasStarted = namesIn(directory).length > 0;
    return wasStarted || this.#options.nowMs - namedAtMs < STARTING_MS ? "unknown" : "dead";
  }

  /** The directory is out of the way at once; the receipt stays until then, so that a run is never half there. */
  async #removeEvidence(runId: string, directory: string): Promise<number> {
    const aside = join(logsDirectory(this.#repoRoot), `${REMOVING}${runId}`);
    ignoreAbsent(() => renameSync(directory, aside));
    const receipt = receiptPath(this.#repoRoot, runId);
    const bytes = await sizeOnDisk(receipt);
    ignoreAbsent(() => unlinkSync(receipt));
    return bytes + (await removeTree(aside));
  }

  async #attempt(path: string, remove: () => Promise<number>): Promise<number | undefined> {
    try {
      return await remove();
    } catch (cause) {
      this.#failed.push(removeError(path, cause));
      return undefined;
    }
  }
}

/** Receipts of `loom check`, newest first. */
function listChecks(repoRoot: string): readonly { readonly name: string; readonly namedAtMs: number }[] {
  return namesIn(receiptsDirectory(repoRoot))
    .flatMap((name) => {
      const ns = /^loom-check-(\d{1,20})\.json$/.exec(name)?.[1];
      return ns === undefined ? [] : [{ name, ns: BigInt(ns) }];
    })
    .toSorted((a, b) => (a.ns < b.ns ? 1 : -1))
    .map(({ name, ns }) => ({ name, namedAtMs: Number(ns / 1_000_000n) }));
}

/** Names in a directory; none where there is none. What cannot be read is told when it is to be removed. */
function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (cause) {
    systemErrorOf(cause);
    return [];
  }
}

/** @returns What it took on the disk. */
async function removeTree(path: string): Promise<number> {
  const remove = async (): Promise<number> => {
    const bytes = await sizeOnDisk(path);
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
    return bytes;
  };
  try {
    return await remove();
  } catch (cause) {
    if (systemErrorOf(cause).code !== "EACCES") throw cause;
    openDirectories(path);
    return remove();
  }
}

/** What a job left as artifacts may hold directories that may not be read or written. */
function openDirectories(path: string): void {
  chmodSync(path, DIRECTORY_MODE);
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) openDirectories(join(path, entry.name));
}

function ignoreAbsent(change: () => void): void {
  try {
    change();
  } catch (cause) {
    if (systemErrorOf(cause).code !== "ENOENT") throw cause;
  }
}

function removeError(path: string, cause: unknown): EventError {
  const error = systemErrorOf(cause);
  // The system knows better which part of it.
  const named = "path" in error && typeof error.path === "string" ? error.path : path;
  return {
    code: "ARTIFACTS_REMOVE_FAILED",
    message: `Cannot remove "${named}": ${systemErrorReason(error)}`,
  };
}
