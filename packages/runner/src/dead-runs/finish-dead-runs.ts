import { existsSync } from "node:fs";
import { forgetClaim, ownedRuns } from "@loom/artifacts";
import type { RunWarning } from "../run-warning.ts";
import { canGoOn } from "./can-go-on.ts";
import { closeDeadRun, endLeftovers, type LeftRun } from "./finish-dead-run.ts";

/** What is said of a run that this one found open. Nothing of one that had closed and was killed right after. */
const BECAME = {
  closed: undefined,
  completed: "lacked some of its documents; they have been written now",
  recovered: "was interrupted; its evidence is closed now",
} as const;

/** After how long it is said that a run is being closed, as nothing else happens then. Milliseconds. */
const SLOW_MS = 1_000;

/** Finishes the runs of this repository whose loom was killed. Costs nothing when there are none. */
export async function finishDeadRuns(
  repoRoot: string,
  {
    warn,
    ...known
  }: Required<Pick<LeftRun, "env" | "providers">> & {
    readonly warn: (warning: RunWarning) => void;
  },
): Promise<void> {
  const tell = (message: string): void => warn({ code: "dead_run", message });
  for (const run of ownedRuns(repoRoot)) {
    if (run.owner !== "dead") continue;
    if (canGoOn(run.directory)) {
      tell(
        `run ${run.runId} was interrupted, and its workers wait: loom resume ${run.runId} goes on with it`,
      );
      continue;
    }
    await endLeftovers(run.directory, { ownerPid: run.ownerPid, ...known });
    if (!existsSync(run.directory)) {
      // Its evidence was removed: there is nothing to close.
      forgetClaim(run.directory);
      continue;
    }
    const slow = setTimeout(
      () => tell(`closing the evidence of run ${run.runId}, which was interrupted`),
      SLOW_MS,
    );
    const closed = await closeDeadRun(run);
    clearTimeout(slow);
    const became = closed.ok ? BECAME[closed.value.kind] : `was interrupted: ${closed.error.message}`;
    if (became !== undefined) tell(`run ${run.runId} ${became}`);
  }
}
