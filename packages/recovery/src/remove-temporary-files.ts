import { readdirSync, rmSync, type Dirent } from "node:fs";
import { join, relative } from "node:path";
import { isInArtifacts, isPartOfArtifacts } from "@loom/record";

/** The name under which a document lies until it is whole. Source: `writeDocument` of `@loom/artifacts`. */
const TEMPORARY = /^\..+\.\d+\.tmp$/;

/** Removes the documents and artifacts of a run that a killed process had begun and not put in their place. */
export function removeTemporaryFiles(directory: string): void {
  const pathOf = (entry: Dirent): string => relative(directory, join(entry.parentPath, entry.name));
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = pathOf(entry);
    if (isPartOfArtifacts(path)) rmSync(join(directory, path), { recursive: true, force: true });
    // What a job left may have any names.
    else if (isInArtifacts(path)) continue;
    else if (entry.isFile() && TEMPORARY.test(entry.name)) rmSync(join(directory, path), { force: true });
  }
}
