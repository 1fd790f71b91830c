import { closeSync, openSync, renameSync, rmSync } from "node:fs";
import { ok, type Result } from "@loom/core";
import { ZSTD_FRAMES } from "../archive/frame-codec.ts";
import { FrameWriter, type WrittenFrames } from "../archive/frame-writer.ts";
import { putInPlace } from "../archive/put-in-place.ts";
import { readFrames } from "../archive/read-frames.ts";
import type { LinkRule } from "../archive/staging-visitor.ts";
import { writeEntries } from "../archive/write-entries.ts";
import { systemFailure, type CacheError } from "../failure/cache-error.ts";
import { selectEntries } from "../select/select-entries.ts";

/** What to pack, and where to. */
export interface PackFilesOptions {
  /** Absolute. */
  readonly folder: string;
  /** Paths and globs relative to the folder, `.` for all of it: without `.git` and the evidence of runs. What is not there is left out. */
  readonly paths: readonly string[];
  /** Absolute; replaced. */
  readonly archivePath: string;
  readonly signal?: AbortSignal | undefined;
}

/** What was packed. */
export interface PackedFiles extends WrittenFrames {
  /** What was left out and why, one sentence each. */
  readonly leftOut: readonly string[];
}

/** Packs files of a folder into one file, to be unpacked elsewhere: in whole, or not at all. Equal trees with equal times make equal bytes. */
export async function packFiles({
  folder,
  paths,
  archivePath,
  signal,
}: PackFilesOptions): Promise<Result<PackedFiles, CacheError>> {
  const part = `${archivePath}.part`;
  try {
    const { entries } = selectEntries(folder, { paths });
    const file = openSync(part, "w");
    const sink = new FrameWriter(file, ZSTD_FRAMES);
    try {
      const written = await writeEntries({ folder, entries, sink, signal });
      if (!written.ok) return written;
      const frames = await sink.end();
      renameSync(part, archivePath);
      return ok({ ...frames, leftOut: written.value.leftOut });
    } finally {
      await sink.abandon();
      closeSync(file);
    }
  } catch (error) {
    return systemFailure("The files were not packed", error);
  } finally {
    rmSync(part, { force: true });
  }
}

/** What to unpack, and where to. */
export interface UnpackFilesOptions {
  /** As {@link packFiles} wrote it. Absolute. */
  readonly archivePath: string;
  /** Absolute; exists. */
  readonly folder: string;
  /** Which symbolic links are put there. */
  readonly links: LinkRule;
  /** Milliseconds of Unix time. */
  readonly nowMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Puts packed files into a folder: all of them, or nothing if the archive is damaged. Nothing is written outside of it.
 *
 * @returns What was refused and why, one sentence each.
 */
export async function unpackFiles({
  archivePath,
  folder,
  links,
  nowMs,
  signal,
}: UnpackFilesOptions): Promise<Result<readonly string[], CacheError>> {
  let file: number | undefined;
  try {
    file = openSync(archivePath, "r");
    const put = await putInPlace({ chunks: readFrames(file), workspace: folder, links, nowMs, signal });
    return put.ok ? ok(put.value.refused) : put;
  } catch (error) {
    return systemFailure("The files were not unpacked", error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
