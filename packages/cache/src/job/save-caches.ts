import { unreachable, type When } from "@loom/core";
import { errnoCode } from "@loom/system";
import type { CacheError } from "../failure/cache-error.ts";
import type { PlannedCache } from "../key/plan-caches.ts";
import { selectEntries } from "../select/select-entries.ts";
import type { SelectedEntry } from "../select/selected-entry.ts";
import type { CacheStore } from "../store/cache-store.ts";
import { findEntry } from "../store/find-entry.ts";
import { pruneCache } from "../store/prune-cache.ts";
import { putArchive } from "../store/put-archive.ts";
import { isQuarantined, liftQuarantine } from "../store/quarantine.ts";
import type { RestoredCache } from "./restore-caches.ts";

/** Why a cache was not saved; `failed` comes with a warning. */
export type NotSaved = "policy" | "when" | "unchanged" | "quarantined" | "nothing_matched" | "failed";

/** The outcome of saving one cache after its job. */
export interface SavedCache {
  readonly name?: string;
  readonly key: string;
  readonly saved: boolean;
  /** Present when it was not saved. */
  readonly reason?: NotSaved;
  /** Size of the archive on disk; 0 when it was not saved. */
  readonly bytes: number;
  /** Regular files in it. */
  readonly files: number;
  readonly durationMs: number;
  /** What a user should know, one sentence each. */
  readonly warnings: readonly string[];
}

/** Options of `saveCaches`. */
export interface SaveCachesOptions {
  /** Absolute. */
  readonly workspace: string;
  /** How the job's own work ended. */
  readonly status: "success" | "failed";
  /** What `restoreCaches` returned for the same caches; empty when it was not called. */
  readonly restored: readonly RestoredCache[];
  /** Aborting it ends early; the remaining caches are not saved. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Saves the caches of a job after it ran, one after the other, and prunes the store.
 *
 * An existing key is not saved again. A quarantined key is saved by a job that did not restore its archive,
 * which lifts the quarantine. This never fails a job: what could not be saved is in the warnings.
 *
 * @returns One outcome per cache, in the same order.
 */
export async function saveCaches(
  store: CacheStore,
  caches: readonly PlannedCache[],
  options: SaveCachesOptions,
): Promise<SavedCache[]> {
  const saved: SavedCache[] = [];
  for (const [index, cache] of caches.entries()) {
    const startedAtMs = store.clock.now();
    const { name, key } = cache;
    const outcome = await saveOne(store, cache, { ...options, hit: options.restored[index]?.hit === true });
    const durationMs = store.clock.now() - startedAtMs;
    saved.push({ ...(name !== undefined && { name }), key, ...outcome, durationMs });
  }
  return saved;
}

type Outcome = Omit<SavedCache, "name" | "key" | "durationMs">;

async function saveOne(
  store: CacheStore,
  cache: PlannedCache,
  { workspace, status, hit, signal }: SaveCachesOptions & { readonly hit: boolean },
): Promise<Outcome> {
  if (cache.policy === "pull") return notSaved("policy");
  if (!applies(cache.when, status)) return notSaved("when");
  const { scope, key, paths } = cache;
  const address = { scope, key, paths };
  try {
    const quarantined = isQuarantined(store, address);
    if (quarantined && hit) return notSaved("quarantined");
    if (!quarantined && findEntry(store, address).kind === "present") return notSaved("unchanged");
    const { entries, unmatched, refused } = selectEntries(workspace, { paths });
    const warnings = [...refused, ...unmatched.map((path) => `"${path}" of the cache matches nothing`)];
    const found = peek(entries);
    if (found === undefined) return { ...notSaved("nothing_matched"), warnings };
    const put = await putArchive(store, { address, workspace, entries: found, signal });
    if (!put.ok) return failed(put.error, warnings);
    if (quarantined) liftQuarantine(store, address);
    warnings.push(...put.value.leftOut, ...prune(store));
    return { saved: true, bytes: put.value.entry.bytes, files: put.value.entry.files, warnings };
  } catch (error) {
    const code = errnoCode(error);
    if (code === undefined || !(error instanceof Error)) throw error;
    return failed({ code: "CACHE_IO", message: error.message }, []);
  }
}

/** Whether a `when` applies to a job that ended this way. */
export function applies(when: When, status: "success" | "failed"): boolean {
  switch (when) {
    case "always":
      return true;
    case "on_success":
      return status === "success";
    case "on_failure":
      return status === "failed";
    default:
      return unreachable(when);
  }
}

function notSaved(reason: NotSaved): Outcome {
  return { saved: false, reason, bytes: 0, files: 0, warnings: [] };
}

function failed(error: CacheError, warnings: readonly string[]): Outcome {
  return { ...notSaved("failed"), warnings: [...warnings, error.message] };
}

function prune(store: CacheStore): string[] {
  const pruned = pruneCache(store);
  return pruned.ok ? [] : [pruned.error.message];
}

/** The same entries, if there is at least one. */
function peek(entries: Iterable<SelectedEntry>): Iterable<SelectedEntry> | undefined {
  for (const _ of entries) return entries;
  return undefined;
}
