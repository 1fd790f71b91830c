import { basename, join } from "node:path";
import { runHome } from "@loom/artifacts";

/** Where the processes of a run are noted while it goes on; `undefined` for a copy of its directory. */
export function notesPathOf(runDirectory: string): string | undefined {
  // Beside the claim, not in the evidence: it is nobody's business once the run is over.
  if (runHome(runDirectory) === undefined) return undefined;
  return join(runDirectory, "../../active", `${basename(runDirectory)}.processes`);
}
