import { readdirSync, rmSync, type Dirent } from "node:fs";
import { join, relative } from "node:path";
import { isInArtifacts, isPartOfArtifacts } from "@loom/record";
import { nameOfTemporary, removeFile } from "@loom/system";

/** Removes the documents and artifacts of a run that a killed process had begun and not put in their place. */
export function removeTemporaryFiles(directory: string): void {
  const pathOf = (entry: Dirent): string => relative(directory, join(entry.parentPath, entry.name));
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = pathOf(entry);
    if (isPartOfArtifacts(path)) rmSync(join(directory, path), { recursive: true });
    // What a job left may have any names.
    else if (isInArtifacts(path)) continue;
    else if (entry.isFile() && nameOfTemporary(entry.name) !== undefined) removeFile(join(directory, path));
  }
}
