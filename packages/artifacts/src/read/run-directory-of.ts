import { statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { err, ok, type Result } from "@loom/core";
import { findRunsRoot } from "../layout/find-runs-root.ts";
import { listRuns } from "./list-runs.ts";
import { resolveRun } from "./resolve-run.ts";
import { runAt } from "./run-at.ts";

/**
 * The directory that a run's name leads to.
 *
 * @param run - The path of a run, of anything in it or of its receipt; the id of a run of this repository or of its
 *   pipeline, or the beginning of one; `last`, `last~1`, `last-failed`.
 * @param cwd - Absolute.
 */
export async function runDirectoryOf(
  run: string,
  cwd: string,
): Promise<Result<string, { readonly message: string }>> {
  const path = resolve(cwd, run);
  const isPath =
    run.includes("/") ||
    run.endsWith(".json") ||
    statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isPath) return await runAt(path);
  const root = findRunsRoot(cwd);
  const runs = root === undefined ? undefined : await listRuns(root);
  if (root === undefined || (runs?.ok === true && runs.value.length === 0)) return err(noRunYet(run));
  const found = await resolveRun(root, run);
  // A run is there from its receipt on, too; what is asked for here is its directory.
  return found.ok && found.value.endsWith(".json")
    ? ok(join(dirname(dirname(found.value)), "logs", found.value.slice(found.value.lastIndexOf("/") + 1, -5)))
    : found;
}

/** What the first question about runs meets in a project that has none. */
function noRunYet(asked: string): { readonly message: string } {
  const isAboutLast = /^last(?:~\d+)?$/u.test(asked);
  if (isAboutLast) return { message: "There are no runs here yet; loom run makes one" };
  return { message: `Cannot find run "${asked}": there are no runs here yet; loom run makes one` };
}
