import {
  clearCache,
  createCacheStore,
  listCache,
  pruneCache,
  type CacheError,
  type CacheStore,
  type ListedCache,
} from "@loom/cache";
import { createPalette, shouldColor, type ColorFlag } from "@loom/reporters";
import { cacheHome, createSystemClock, formatBytes } from "@loom/system";
import { EXIT_CODE } from "../exit-code.ts";
import { formatJson, printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";

/** The flags of `loom cache list`. */
export interface CacheListFlags {
  readonly json?: boolean;
  readonly color?: ColorFlag;
}

/** The flags of `loom cache prune`. */
export interface CachePruneFlags {
  readonly json?: boolean;
  /** What may stay, in bytes. Default: the limit of the store. */
  readonly max?: number;
}

/** The flags of `loom cache clear`. */
export interface CacheClearFlags {
  /** Removes the caches of all projects. */
  readonly all?: boolean;
  readonly json?: boolean;
}

/**
 * Lists the caches of this user, of all repositories, the last used first.
 *
 * @returns 0, even when there are none; 1 when they cannot be read.
 */
export function cacheListCommand(flags: CacheListFlags, io: ProcessIo): number {
  const { stdout, stderr, env } = io;
  const store = storeOf(io);
  const listed = listCache(store);
  if (!listed.ok) return refused(listed.error, io);
  const caches = listed.value.toReversed();
  // Caches with the same contents share an archive.
  const bytes = [...new Map(caches.map((cache) => [cache.object, cache.bytes])).values()].reduce(
    (sum, each) => sum + each,
    0,
  );
  if (flags.json === true) {
    const described = { directory: store.directory, max_bytes: store.maxBytes, bytes };
    stdout.write(
      formatJson({
        schema_version: "v1",
        kind: "loom-cache-list",
        ...described,
        caches: caches.map(asData),
      }),
    );
    return EXIT_CODE.success;
  }
  if (caches.length === 0) {
    stderr.write("loom: There are no caches yet; a job with the key cache makes one\n");
    return EXIT_CODE.success;
  }
  const colored = shouldColor({ flag: flags.color ?? "auto", env, isTerminal: stdout.isTTY === true });
  const palette = createPalette(colored ? "ansi16" : "none");
  const rows = [["LAST USED", "SIZE", "KEY", "OF"], ...caches.map(rowOf)];
  const [heading = "", ...lines] = inColumns(rows);
  const total = `${counted(caches.length)}, ${formatBytes(bytes)} of ${formatBytes(store.maxBytes)}`;
  const text = [palette.paint("dim", heading), ...lines, palette.paint("dim", total)].join("\n");
  stdout.write(printable(`${text}\n`, colored));
  return EXIT_CODE.success;
}

/**
 * Removes what was used least recently until the rest fits.
 *
 * @returns 0, even when all fits; 1 when something cannot be removed.
 */
export function cachePruneCommand(flags: CachePruneFlags, io: ProcessIo): number {
  const { stdout } = io;
  const store = storeOf(io);
  const maxBytes = flags.max ?? store.maxBytes;
  const pruned = pruneCache(store, { maxBytes });
  if (!pruned.ok) return refused(pruned.error, io);
  const { removed, freedBytes, bytes } = pruned.value;
  if (flags.json === true) {
    const data = {
      removed: removed.map(({ key, scope, paths }) => ({ key, scope, paths })),
      freed_bytes: freedBytes,
      bytes,
      max_bytes: maxBytes,
    };
    stdout.write(formatJson({ schema_version: "v1", kind: "loom-cache-prune", ...data }));
    return EXIT_CODE.success;
  }
  const stay = `${formatBytes(bytes)} of ${formatBytes(maxBytes)} stay`;
  stdout.write(`removed  ${counted(removed.length)}, ${formatBytes(freedBytes)} free; ${stay}\n`);
  return EXIT_CODE.success;
}

/**
 * Removes the caches of the project where the user stands, or of all.
 *
 * @returns 0, even when there were none; 1 when one cannot be removed.
 */
export async function cacheClearCommand(flags: CacheClearFlags, io: ProcessIo): Promise<number> {
  const { stdout, cwd } = io;
  // It reads workflows, which no other command here needs.
  const { projectAt } = await import("../project-at.ts");
  const project = flags.all === true ? undefined : projectAt(cwd);
  const cleared = clearCache(storeOf(io), project === undefined ? {} : { scope: project });
  if (!cleared.ok) return refused(cleared.error, io);
  const { removed, freedBytes } = cleared.value;
  if (flags.json === true) {
    const data = { removed: removed.map(({ key, scope, paths }) => ({ key, scope, paths })) };
    stdout.write(
      formatJson({ schema_version: "v1", kind: "loom-cache-clear", ...data, freed_bytes: freedBytes }),
    );
    return EXIT_CODE.success;
  }
  const whose = project === undefined ? "" : ` of ${oneLine(project)}`;
  stdout.write(printable(`removed  ${counted(removed.length)}${whose}, ${formatBytes(freedBytes)} free\n`));
  return EXIT_CODE.success;
}

function storeOf({ env }: ProcessIo): CacheStore {
  return createCacheStore({ cacheHome: cacheHome(env), clock: createSystemClock() });
}

function refused({ message }: CacheError, { stderr }: ProcessIo): number {
  stderr.write(`loom: ${message}\n`);
  return EXIT_CODE.failure;
}

function asData({ key, scope, paths, bytes, contentBytes, files, ...cache }: ListedCache): object {
  return {
    key,
    scope,
    paths,
    bytes,
    content_bytes: contentBytes,
    files,
    saved_at: new Date(cache.savedAtMs).toISOString(),
    last_used_at: new Date(cache.lastUsedAtMs).toISOString(),
    quarantined: cache.quarantined,
  };
}

function rowOf({ key, scope, bytes, lastUsedAtMs, quarantined }: ListedCache): readonly string[] {
  const when = `${new Date(lastUsedAtMs).toISOString().slice(0, 19).replace("T", " ")}Z`;
  return [when, formatBytes(bytes), oneLine(key) + (quarantined ? " (quarantined)" : ""), oneLine(scope)];
}

/** A key is any text. */
function oneLine(text: string): string {
  return text.replaceAll(/[\n\t]/gu, " ");
}

/** Rows of cells as lines; sizes stand to the right. */
function inColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map(([when = "", size = "", key = "", of = ""]) => {
    const [first = 0, second = 0, third = 0] = widths;
    return `${when.padEnd(first)}  ${size.padStart(second)}  ${key.padEnd(third)}  ${of}`.trimEnd();
  });
}

function counted(count: number): string {
  return `${count} ${count === 1 ? "cache" : "caches"}`;
}
