import { lstatSync, statSync } from "node:fs";
import { ok, type Result } from "@loom/core";
import { diskPath, type ByteName } from "../archive/byte-name.ts";
import { HashSink } from "../archive/hash-sink.ts";
import { writeEntries } from "../archive/write-entries.ts";
import { Yielder } from "../archive/yielder.ts";
import { failure, systemFailure, type CacheError } from "../failure/cache-error.ts";
import { selectEntries } from "../select/select-entries.ts";
import type { SelectedEntry } from "../select/selected-entry.ts";

/**
 * How large a part is, about. Bytes of its files.
 *
 * Smaller parts bring less along of what did not change; each of them costs a few messages of its own.
 */
const PART_BYTES = 1024 * 1024;

/** How many parts a folder has at most, about: larger folders have larger parts. */
const MOST_PARTS = 128;

/** Files, folders and links of a folder that travel together. */
export interface FolderPart {
  /** Of their names, modes and contents, not of their times. In hexadecimal. */
  readonly sha256: string;
  /** A folder before what is below it. */
  readonly entries: readonly SelectedEntry[];
}

/** What to split. */
export interface SplitFolderOptions {
  /** Absolute. All of it but `.git` and the evidence of runs. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Splits a folder into parts of which most stay the same when a few of its files change.
 *
 * The name of an entry decides whether a part begins with it, so a file that is new, changed or gone touches its own part only.
 *
 * @returns In an order in which they can be unpacked. One part at least.
 */
export async function splitFolder({
  folder,
  signal,
}: SplitFolderOptions): Promise<Result<readonly FolderPart[], CacheError>> {
  try {
    // One that is not there would be as good as empty.
    statSync(folder);
    const parts: FolderPart[] = [];
    for (const entries of await groupsOf(folder)) {
      const sink = new HashSink();
      const written = await writeEntries({ folder, entries, sink, signal, times: "none" });
      if (!written.ok) return written;
      parts.push({ sha256: sink.digest(), entries });
    }
    return ok(parts);
  } catch (error) {
    return systemFailure("The files were not read", error);
  }
}

async function groupsOf(folder: string): Promise<readonly (readonly SelectedEntry[])[]> {
  const found: { readonly entry: SelectedEntry; readonly bytes: number }[] = [];
  const yielder = new Yielder();
  let total = 0;
  for (const entry of selectEntries(folder, { paths: ["."] }).entries) {
    if (yielder.isDue) await yielder.yield();
    const bytes = entry.kind === "file" ? sizeOf(diskPath(folder, entry.name)) : 0;
    found.push({ entry, bytes });
    total += bytes;
  }
  const partBytes = Math.max(PART_BYTES, total / MOST_PARTS);
  const every = entriesPerPart(found.length, total / partBytes);
  const groups: SelectedEntry[][] = [[]];
  let isAfterLarge = false;
  for (const { entry, bytes } of found) {
    const isLarge = bytes >= partBytes;
    if (isLarge || isAfterLarge || mixed(entry.name) % every === 0) groups.push([]);
    isAfterLarge = isLarge;
    groups.at(-1)?.push(entry);
  }
  const filled = groups.filter((group) => group.length > 0);
  return filled.length === 0 ? [[]] : filled;
}

/** A power of two: while a folder grows, the parts stay, and only at a doubling two become one. */
function entriesPerPart(entries: number, parts: number): number {
  if (parts <= 1) return Number.POSITIVE_INFINITY;
  return 2 ** Math.max(0, Math.floor(Math.log2(entries / parts)));
}

/** A number that a name leads to, the same on every machine. Source: FNV-1a, with its upper half folded in. */
function mixed(name: ByteName): number {
  let hash = 0x81_1c_9d_c5;
  for (let index = 0; index < name.length; index += 1)
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01_00_01_93);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function sizeOf(path: string | Buffer): number {
  return lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The failure of a part that is not what it was when the folder was split. */
export function changedPart(): Result<never, CacheError> {
  return failure("CACHE_SOURCE_CHANGED", "The files were not packed: they changed while they were read");
}
