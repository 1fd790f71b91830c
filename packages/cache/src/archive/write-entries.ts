import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync } from "node:fs";
import { ok, type Result } from "@loom/core";
import { errnoCode } from "@loom/system";
import { failure, type CacheError } from "../failure/cache-error.ts";
import type { SelectedEntry } from "../select/selected-entry.ts";
import { needsNext, type ArchiveSink } from "./archive-sink.ts";
import { Yielder } from "./yielder.ts";
import { diskPath, displayName } from "./byte-name.ts";
import { BLOCK_BYTES, type TarEntry } from "./tar-entry.ts";
import { encodeHeader, MAX_HEADER_BYTES } from "./tar-header.ts";

/** What was written to an archive. */
export interface WrittenEntries {
  /** Regular files. */
  readonly files: number;
  /** Their content. */
  readonly bytes: number;
  /** Files, folders and links. */
  readonly entries: number;
  /** What was left out and why, one sentence each. */
  readonly leftOut: readonly string[];
}

/** Options of `writeEntries`. */
export interface WriteEntriesOptions {
  readonly folder: string;
  readonly entries: Iterable<SelectedEntry>;
  readonly sink: ArchiveSink;
  readonly signal?: AbortSignal | undefined;
  /** `none`: equal files make equal bytes, whenever they were written. Default: as on the disk. */
  readonly times?: "kept" | "none" | undefined;
}

/**
 * Writes files, folders and links as tar, including the end-of-archive marker.
 *
 * Links are written as links. Sockets, pipes and devices are left out and reported. What has disappeared is
 * left out silently.
 *
 * @returns `CACHE_SOURCE_CHANGED` when a file shrinks while it is read.
 * @throws System errors, for the caller to report.
 */
export async function writeEntries({
  folder,
  entries,
  sink,
  signal,
  times = "kept",
}: WriteEntriesOptions): Promise<Result<WrittenEntries, CacheError>> {
  const yielder = new Yielder();
  const put = (entry: TarEntry): void => {
    const timed = times === "none" ? { ...entry, mtimeMs: 0 } : entry;
    sink.length += encodeHeader(sink.block, sink.length, timed);
  };
  const leftOut: string[] = [];
  let files = 0;
  let bytes = 0;
  let count = 0;
  for (const { name, kind } of entries) {
    if (isAborted(signal)) return failure("CACHE_CANCELLED", "The archive was not written: cancelled");
    if (yielder.isDue) await yielder.yield();
    if (needsNext(sink, MAX_HEADER_BYTES)) await sink.next();
    if (kind === "other") {
      leftOut.push(`"${displayName(name)}" is left out: it is not a file, a folder or a link`);
      continue;
    }
    const path = diskPath(folder, name);
    if (kind !== "file") {
      const entry = unlessGone(() =>
        kind === "directory" ? directoryEntry(name, path) : linkEntry(name, path),
      );
      if (entry === undefined) continue;
      put(entry);
      count += 1;
      continue;
    }
    const file = unlessGone(() => openSync(path, READ_ONLY));
    if (file === undefined) continue;
    try {
      const stats = fstatSync(file);
      if (!stats.isFile()) continue;
      const { size, mode, mtimeMs } = stats;
      put({ kind, name, mode: mode & 0o777, mtimeMs, size, target: "" });
      const copied = size === 0 ? 0 : await copyContent(file, size, sink, signal);
      if (copied < size) {
        if (isAborted(signal)) return failure("CACHE_CANCELLED", "The archive was not written: cancelled");
        const message = `The archive was not written: "${displayName(name)}" became shorter while it was read`;
        return failure("CACHE_SOURCE_CHANGED", message);
      }
      files += 1;
      bytes += size;
      count += 1;
    } finally {
      closeSync(file);
    }
  }
  await putEnd(sink);
  return ok({ files, bytes, entries: count, leftOut });
}

/** Without `O_NONBLOCK`, opening what has since become a pipe would wait for a writer. */
const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function directoryEntry(name: string, path: string | Buffer): TarEntry {
  const { mode, mtimeMs } = lstatSync(path);
  return { kind: "directory", name, mode: mode & 0o777, mtimeMs, size: 0, target: "" };
}

function linkEntry(name: string, path: string | Buffer): TarEntry {
  const { mtimeMs } = lstatSync(path);
  const target = readlinkSync(path, { encoding: "latin1" });
  return { kind: "symlink", name, mode: 0o777, mtimeMs, size: 0, target };
}

/** Writes a file's content after its header, padded to whole blocks. */
async function copyContent(
  file: number,
  size: number,
  sink: ArchiveSink,
  signal: AbortSignal | undefined,
): Promise<number> {
  let left = size;
  while (left > 0) {
    if (sink.length === sink.block.length) {
      if (isAborted(signal)) break;
      await sink.next();
    }
    const room = Math.min(left, sink.block.length - sink.length);
    const read = readSync(file, sink.block, sink.length, room, null);
    if (read === 0) break;
    sink.length += read;
    left -= read;
  }
  const padding = (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
  if (left === 0 && padding > 0) {
    // The sink's blocks hold a whole number of tar blocks, so the padding fits.
    sink.block.fill(0, sink.length, sink.length + padding);
    sink.length += padding;
  }
  return size - left;
}

/** A function, so that TypeScript does not narrow a value that changes across awaits. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

async function putEnd(sink: ArchiveSink): Promise<void> {
  if (needsNext(sink, 2 * BLOCK_BYTES)) await sink.next();
  sink.block.fill(0, sink.length, sink.length + 2 * BLOCK_BYTES);
  sink.length += 2 * BLOCK_BYTES;
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const code = errnoCode(error);
    // ELOOP: a link now, where a file was.
    if (code === "ENOENT" || code === "ELOOP" || code === "ENXIO") return undefined;
    throw error;
  }
}
