import { basename, join } from "node:path";
import { runHome } from "@loom/artifacts";

/**
 * Where a provider notes what it made for a run while it runs; `undefined` for a copy of its directory.
 *
 * @param provider - Its name.
 */
export function notesPathOf(runDirectory: string, provider: string): string | undefined {
  // Beside the claim, not in the evidence: it is irrelevant once the run is over.
  if (runHome(runDirectory) === undefined) return undefined;
  return join(
    runDirectory,
    "../../active",
    `${basename(runDirectory)}.${encodeURIComponent(provider)}.notes`,
  );
}
