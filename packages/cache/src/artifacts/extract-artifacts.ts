import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { ok, type Result } from "@loom/core";
import { DamagedArchive } from "../archive/damaged-archive.ts";
import { putInPlace } from "../archive/put-in-place.ts";
import type { CacheError } from "../failure/cache-error.ts";

/** What to put where. */
export interface ExtractArtifactsOptions {
  /** As `collectArtifacts` wrote it. */
  readonly archivePath: string;
  /** Absolute; exists. */
  readonly workspace: string;
  /** Folder on the same file system in which the archive is unpacked first. Default: the workspace. */
  readonly stagingDirectory?: string | undefined;
  /** Milliseconds of Unix time. */
  readonly nowMs: number;
  /** Aborting it ends extraction, with nothing extracted. */
  readonly signal?: AbortSignal | undefined;
}

/** What was put there. */
export interface ExtractedArtifacts {
  /** Regular files. */
  readonly files: number;
  /** Their content. */
  readonly bytes: number;
  /** What was refused and why, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Extracts the artifacts of an earlier job into a workspace: all of them, or nothing if the archive is damaged.
 *
 * Nothing is written outside the workspace, and links that lead out of it are refused.
 */
export async function extractArtifacts(
  options: ExtractArtifactsOptions,
): Promise<Result<ExtractedArtifacts, CacheError>> {
  const { archivePath, ...place } = options;
  const put = await putInPlace({ ...place, archives: [gunzipped(archivePath)], links: "inside" });
  if (!put.ok) return put;
  const { files, bytes, refused } = put.value;
  return ok({ files, bytes, warnings: refused });
}

const CHUNK_BYTES = 256 * 1024;

async function* gunzipped(path: string): AsyncGenerator<Buffer, void, undefined> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // If either fails, the iteration below throws that error.
  pipeline(createReadStream(path, { highWaterMark: CHUNK_BYTES }), gunzip, () => {});
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (error) {
    if (isDamage(error)) throw new DamagedArchive(error.message);
    throw error;
  }
}

/** Whether zlib rejected its input. */
function isDamage(thrown: unknown): thrown is Error {
  return (
    thrown instanceof Error &&
    "code" in thrown &&
    typeof thrown.code === "string" &&
    thrown.code.startsWith("Z_")
  );
}
