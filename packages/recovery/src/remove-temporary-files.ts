import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** The name under which a document lies until it is whole. Source: `writeDocument` of `@loom/artifacts`. */
const TEMPORARY = /^\..+\.\d+\.tmp$/;

/** Removes the documents of a run that a killed process had begun and not put in their place. */
export function removeTemporaryFiles(directory: string): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && TEMPORARY.test(entry.name))
      rmSync(join(entry.parentPath, entry.name), { force: true });
  }
}
