import { readdirSync, rmSync, type Dirent } from "node:fs";
import { join, relative } from "node:path";

/** The name under which a document lies until it is whole. Source: `writeDocument` of `@loom/artifacts`. */
const TEMPORARY = /^\..+\.\d+\.tmp$/;

/** The artifacts of a job while they are collected. Source: `collectArtifacts` of `@loom/cache`. */
const HALF_COLLECTED = /^jobs\/[^/]+\/artifacts(?:\.tar\.gz)?\.part$/;

/** What a job left, which may have any names. */
const ARTIFACTS = /^jobs\/[^/]+\/artifacts(?:\/|$)/;

/** Removes the documents and artifacts of a run that a killed process had begun and not put in their place. */
export function removeTemporaryFiles(directory: string): void {
  const pathOf = (entry: Dirent): string => relative(directory, join(entry.parentPath, entry.name));
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = pathOf(entry);
    if (ARTIFACTS.test(path)) continue;
    if (HALF_COLLECTED.test(path)) rmSync(join(directory, path), { recursive: true, force: true });
    else if (entry.isFile() && TEMPORARY.test(entry.name)) rmSync(join(directory, path), { force: true });
  }
}
