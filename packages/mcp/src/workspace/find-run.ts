import { openRun, ownedRuns, runDirectoryOf } from "@loom/artifacts";
import { err, ok, type Result } from "@loom/core";
import type { OpenedRun } from "@loom/diagnosis";
import type { Refusal } from "../answer/answer.ts";
import type { WorkspaceRoot } from "./workspace-root.ts";

/**
 * The directory of a run of a workspace.
 *
 * @param name - As for `runDirectoryOf`: an id, `last`, `last-failed`, or the path of anything in the run or of its receipt.
 */
export async function findRun(workspace: WorkspaceRoot, name: string): Promise<Result<string, Refusal>> {
  const evidence = workspace.evidence();
  if (!evidence.ok) return evidence;
  const isPath = name.includes("/") || name.endsWith(".json");
  if (!isPath && !evidence.value)
    return err({ message: `There are no runs in "${workspace.root}" yet; loom run makes one` });
  const named = isPath ? workspace.inside(name) : ok(name);
  if (!named.ok) return named;
  const directory = await runDirectoryOf(named.value, workspace.root);
  if (!directory.ok) return directory;
  const whole = workspace.holdsAllOf(directory.value);
  return whole.ok ? workspace.inside(directory.value) : whole;
}

/** Opens a run of a workspace, of which no part lies outside. */
export async function openRunIn(workspace: WorkspaceRoot, name: string): Promise<Result<OpenedRun, Refusal>> {
  const directory = await findRun(workspace, name);
  if (!directory.ok) return directory;
  const opened = await openRun(directory.value);
  if (!opened.ok) return opened;
  const run = opened.value;
  const isAlive = (): boolean =>
    ownedRuns(workspace.root).some((each) => each.directory === run.directory && each.owner !== "dead");
  return ok({ run, isAlive });
}
