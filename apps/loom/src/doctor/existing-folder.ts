import { existsSync } from "node:fs";
import { dirname } from "node:path";

/** The folder itself or, where it is not there yet, the nearest one above it. */
export function existingFolder(path: string): string {
  for (let folder = path; ; folder = dirname(folder))
    if (existsSync(folder) || dirname(folder) === folder) return folder;
}
