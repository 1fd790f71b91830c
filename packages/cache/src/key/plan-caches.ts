import { ok, type GraphCache, type Result } from "@loom/core";
import { systemFailure, type CacheError } from "../failure/cache-error.ts";
import { expandTemplate, type KeyContext } from "./expand-template.ts";
import { hashFiles } from "./hash-files.ts";

/** One cache of a job, with its computed key. */
export interface PlannedCache {
  /** Absent for a cache that is not in a list. */
  readonly name?: string;
  /** The project that owns the keys. */
  readonly scope: string;
  readonly key: string;
  /** Tried in this order when nothing is stored under `key`. */
  readonly fallbackKeys: readonly string[];
  readonly paths: readonly string[];
  readonly policy: GraphCache["policy"];
  readonly when: GraphCache["when"];
  /** What a user should know about the key, one sentence each. */
  readonly warnings: readonly string[];
}

/** Options of `planCaches`. */
export interface PlanCachesOptions {
  /** Absolute. */
  readonly workspace: string;
  /**
   * The project that the keys belong to, usually the repository's folder; not a snapshot's, whose name differs
   * in each run.
   */
  readonly scope: string;
  readonly context: KeyContext;
}

/**
 * Computes the keys of a job's caches, before the job runs.
 *
 * A key given as a mapping joins its `prefix`, expanded `template` and hash of `files` with `-`, in this order,
 * omitting absent parts. A key given as a string is used as it is.
 *
 * @returns The caches in the same order.
 */
export async function planCaches(
  caches: readonly GraphCache[],
  options: PlanCachesOptions,
): Promise<Result<PlannedCache[], CacheError>> {
  const planned: PlannedCache[] = [];
  for (const cache of caches) {
    const { name, paths, fallback_keys = [], policy, when } = cache;
    try {
      const { key, warnings } = await keyOf(cache.key, options);
      const { scope } = options;
      planned.push({
        ...(name !== undefined && { name }),
        scope,
        key,
        fallbackKeys: fallback_keys,
        paths,
        policy,
        when,
        warnings,
      });
    } catch (error) {
      return systemFailure(`The key of ${cacheTitle(name)} cannot be computed`, error);
    }
  }
  return ok(planned);
}

/** How messages name a cache. */
export function cacheTitle(name: string | undefined): string {
  return name === undefined ? "the cache" : `the cache "${name}"`;
}

async function keyOf(
  key: GraphCache["key"],
  { workspace, context }: PlanCachesOptions,
): Promise<{ key: string; warnings: string[] }> {
  if (typeof key === "string") return { key, warnings: [] };
  const { prefix, template, files } = key;
  const parts = [prefix, template === undefined ? undefined : expandTemplate(template, context)];
  const warnings: string[] = [];
  if (files !== undefined) {
    const hashed = await hashFiles(workspace, files);
    parts.push(hashed.sha256);
    warnings.push(...hashed.refused);
    warnings.push(...hashed.unmatched.map((path) => `"${path}" of the cache key matches nothing`));
  }
  const given = parts.filter((part) => part !== undefined);
  return { key: given.length === 0 ? context.jobName : given.join("-"), warnings };
}
