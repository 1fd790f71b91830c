import { readdir } from "node:fs/promises";
import { err, ok, type Result } from "@loom/core";
import { isInArtifacts } from "@loom/record";
import { readError, type ReadError } from "./read-error.ts";

/**
 * Finds every event stream below a run's directory, mirrors and replaced
 * attempts included.
 *
 * @param below - Only those below this directory of the run, `jobs/build` for example. Default: all.
 * @returns Paths relative to the directory, with `/`, in the order of their characters.
 */
export async function listStreams(
  directory: string,
  below = "",
): Promise<Result<readonly string[], ReadError>> {
  const found: string[] = [];
  const waiting = [below === "" || below.endsWith("/") ? below : `${below}/`];
  for (let prefix = waiting.pop(); prefix !== undefined; prefix = waiting.pop()) {
    const path = `${directory}/${prefix}`;
    try {
      for (const entry of await readdir(path, { withFileTypes: true })) {
        if (entry.isFile() && entry.name === "events.jsonl") found.push(`${prefix}${entry.name}`);
        // Collected artifacts are the user's files, whatever they are called.
        else if (entry.isDirectory() && !isInArtifacts(`${prefix}${entry.name}/`))
          waiting.push(`${prefix}${entry.name}/`);
      }
    } catch (cause) {
      return err(readError(path, cause));
    }
  }
  return ok(found.toSorted());
}
