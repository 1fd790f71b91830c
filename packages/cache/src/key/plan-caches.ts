import { ok, type GraphCache, type Result } from "@loom/core";
import { systemFailure, type CacheError } from "../failure/cache-error.ts";
import { expandTemplate, type KeyContext } from "./expand-template.ts";
import { hashFiles } from "./hash-files.ts";

/** One cache of a job, its key known. */
export interface PlannedCache {
  /** Absent for a cache that is not one of a list. */
  readonly name?: string;
  /** The project that the keys belong to. */
  readonly scope: string;
  readonly key: string;
  /** Tried in this order when there is nothing under `key`. */
  readonly fallbackKeys: readonly string[];
  readonly paths: readonly string[];
  readonly policy: GraphCache["policy"];
  readonly when: GraphCache["when"];
  /** What a user should know of the key, one sentence each. */
  readonly warnings: readonly string[];
}

/** Where and for which job. */
export interface PlanCachesOptions {
  /** Absolute. */
  readonly workspace: string;
  /** The project that the keys belong to, usually the folder of the repository: not that of a snapshot, which has another name in each run. */
  readonly scope: string;
  readonly context: KeyContext;
}

/**
 * Works the keys of a job's caches out, before the job runs.
 *
 * A key of several parts is its `prefix`, its expanded `template` and the hash of its `files`,
 * as many as are given, in this order, with `-` between them. A key given as a text is that text.
 *
 * @returns The caches in their order.
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

/** What a message calls a cache. */
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
