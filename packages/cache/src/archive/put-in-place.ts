import { mkdirSync, rmSync } from "node:fs";
import { ok, type Result } from "@loom/core";
import { failure, systemFailure, type CacheError } from "../failure/cache-error.ts";
import { STAGING_PREFIX } from "../select/left-out.ts";
import { makeWorkFolder, removeLeftovers } from "../store/work-folder.ts";
import { DamagedArchive } from "./damaged-archive.ts";
import { moveIntoPlace } from "./move-into-place.ts";
import { readTar } from "./read-tar.ts";
import { StagingVisitor, type LinkRule, type Staged } from "./staging-visitor.ts";

/** What to put where. */
export interface PutInPlace {
  /** An archive, or several which are one thing: all of them, or nothing. */
  readonly archives: Iterable<AsyncIterable<Buffer>>;
  readonly workspace: string;
  readonly links: LinkRule;
  /**
   * Folder in which the archive is unpacked before it is moved; on the same file system. Default: the workspace
   * itself, in a hidden folder that is removed afterwards.
   */
  readonly stagingDirectory?: string | undefined;
  /** Milliseconds of Unix time, to recognize what a killed restore left behind. */
  readonly nowMs: number;
  /** `now`: everything gets the time {@link nowMs}. Default: the archive's times. */
  readonly times?: "kept" | "now" | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpacks an archive into a workspace: all of it, or nothing if it is damaged.
 *
 * It is unpacked to its end in a folder of its own, and only then moved.
 *
 * @returns `CACHE_DAMAGED` when the archive is not what was written; then nothing was moved.
 */
export async function putInPlace(options: PutInPlace): Promise<Result<Staged, CacheError>> {
  const { archives, workspace, links, stagingDirectory = workspace, nowMs, times, signal } = options;
  let folder: string | undefined;
  let visitor: StagingVisitor | undefined;
  try {
    const prefix = `${stagingDirectory}/${STAGING_PREFIX}`;
    removeLeftovers(prefix, nowMs);
    folder = makeWorkFolder(prefix);
    const staging = `${folder}/files`;
    mkdirSync(staging);
    visitor = new StagingVisitor(staging, links, times === "now" ? nowMs : undefined);
    for (const chunks of archives) {
      const complete = await readTar(chunks, visitor, signal);
      if (!complete) return failure("CACHE_CANCELLED", "The archive was not restored: cancelled");
    }
    const staged = visitor.finish();
    const notMoved = moveIntoPlace(staging, workspace, visitor.closedDirectories);
    return ok({ ...staged, refused: [...staged.refused, ...notMoved] });
  } catch (error) {
    if (error instanceof DamagedArchive)
      return failure("CACHE_DAMAGED", `The archive is damaged: ${error.message}`);
    return systemFailure("The archive was not restored", error);
  } finally {
    visitor?.abandon();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}
