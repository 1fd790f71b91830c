import { createHash } from "node:crypto";
import { closeSync, openSync, renameSync } from "node:fs";
import { ok, type Result } from "@loom/core";
import { removeAll } from "@loom/system";
import { DamagedArchive } from "../archive/damaged-archive.ts";
import { ZSTD_FRAMES } from "../archive/frame-codec.ts";
import { FrameWriter, type WrittenFrames } from "../archive/frame-writer.ts";
import { HashSink } from "../archive/hash-sink.ts";
import { putInPlace } from "../archive/put-in-place.ts";
import { readFrames } from "../archive/read-frames.ts";
import type { LinkRule } from "../archive/staging-visitor.ts";
import { writeEntries, type WrittenEntries } from "../archive/write-entries.ts";
import { systemFailure, type CacheError } from "../failure/cache-error.ts";
import { selectEntries } from "../select/select-entries.ts";
import { changedPart, type FolderPart } from "./split-folder.ts";

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
  return await pack(archivePath, async (sink) => {
    const { entries } = selectEntries(folder, { paths });
    return await writeEntries({ folder, entries, sink, signal });
  });
}

/** A part to pack, and where to. */
export interface PackPartOptions {
  /** The one that was split. Absolute. */
  readonly folder: string;
  readonly part: FolderPart;
  /** Absolute; replaced. */
  readonly archivePath: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Packs one part of a folder into a file: in whole, or not at all.
 *
 * @returns `CACHE_SOURCE_CHANGED` when it is not any more what it was when the folder was split.
 */
export async function packPart({
  folder,
  part: { entries, sha256 },
  archivePath,
  signal,
}: PackPartOptions): Promise<Result<PackedFiles, CacheError>> {
  return await pack(archivePath, async (onward) => {
    const sink = new HashSink(onward);
    const written = await writeEntries({ folder, entries, sink, signal, times: "none" });
    return written.ok && sink.digest() !== sha256 ? changedPart() : written;
  });
}

async function pack(
  archivePath: string,
  write: (sink: FrameWriter) => Promise<Result<WrittenEntries, CacheError>>,
): Promise<Result<PackedFiles, CacheError>> {
  const part = `${archivePath}.part`;
  try {
    const file = openSync(part, "w");
    const sink = new FrameWriter(file, ZSTD_FRAMES);
    try {
      const written = await write(sink);
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
    removeAll(part);
  }
}

/** A file that {@link packFiles} or {@link packPart} wrote. */
export interface PackedArchive {
  /** Absolute. */
  readonly path: string;
  /** What it has to hold: the `sha256` of its part. Default: nobody knows. */
  readonly partSha256?: string | undefined;
}

/** What to unpack, and where to. */
export interface UnpackFilesOptions {
  /** One, or all parts of a folder in their order. */
  readonly archives: readonly PackedArchive[];
  /** Absolute; exists. */
  readonly folder: string;
  /** Which symbolic links are put there. */
  readonly links: LinkRule;
  /** Milliseconds of Unix time. */
  readonly nowMs: number;
  /** `now`: everything gets the time `nowMs`. Default: the times that it had. */
  readonly times?: "kept" | "now" | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Puts packed files into a folder: all of them, or nothing if an archive is damaged. Nothing is written outside of it.
 *
 * @returns What was refused and why, one sentence each.
 */
export async function unpackFiles({
  archives,
  folder,
  ...rest
}: UnpackFilesOptions): Promise<Result<readonly string[], CacheError>> {
  try {
    const put = await putInPlace({ archives: archives.map(framesOf), workspace: folder, ...rest });
    return put.ok ? ok(put.value.refused) : put;
  } catch (error) {
    return systemFailure("The files were not unpacked", error);
  }
}

async function* framesOf({ path, partSha256 }: PackedArchive): AsyncGenerator<Buffer, void, undefined> {
  const file = openSync(path, "r");
  const hash = partSha256 === undefined ? undefined : createHash("sha256");
  try {
    for await (const frame of readFrames(file)) {
      hash?.update(frame);
      yield frame;
    }
    if (hash?.digest("hex") !== partSha256) throw new DamagedArchive("it holds something else");
  } finally {
    closeSync(file);
  }
}
