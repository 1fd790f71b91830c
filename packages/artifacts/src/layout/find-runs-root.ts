import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { runtimeDirectory } from "./runtime-directory.ts";

/** The nearest folder at or above `from` that holds the evidence of runs, if there is one. */
export function findRunsRoot(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(runtimeDirectory(folder))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}
