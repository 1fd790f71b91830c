import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { err, ok, type EventError, type JobId, type Result, type RunId } from "@loom/core";
import { currentProcess, systemErrorOf } from "@loom/system";
import { DIRECTORY_MODE } from "../layout/run-files.ts";
import { runtimeDirectory } from "../layout/runtime-directory.ts";
import { writeError } from "../write/write-error.ts";
import { placeNote, removeStaleNote, removeUnplacedNotes } from "./claim-note.ts";
import { lookAtClaim } from "./claim-run.ts";

/** The job of a run that asks for a resource. */
export interface ResourceUser {
  readonly runId: RunId;
  readonly jobId: JobId;
}

/** What came of asking for a resource. */
export type ResourceClaim =
  | {
      readonly kind: "claimed";
      /** Gives it up. Calling it again does nothing. */
      readonly release: () => void;
    }
  | {
      readonly kind: "held";
      /** Who holds it, in words. */
      readonly holder: string;
      /** The file that says so. Absolute. */
      readonly path: string;
    };

/** More than the processes that ever ask for one resource at the same time. */
const TRIES = 50;

/**
 * Takes a resource for a job: notes in `resources/<name>.json` beside `logs/` whose it is. What a process had that has
 * ended is taken over. Of several that ask at the same time one gets it.
 *
 * @param repoRoot - The project folder. Absolute.
 * @param name - Letters, digits, `_` and `-`.
 * @returns `ARTIFACTS_WRITE_FAILED` when it cannot be noted.
 */
export function claimResource(
  repoRoot: string,
  name: string,
  { runId, jobId }: ResourceUser,
): Result<ResourceClaim, EventError> {
  const folder = join(runtimeDirectory(repoRoot), "resources");
  const path = join(folder, `${name}.json`);
  const text = `${JSON.stringify({ ...currentProcess(), run_id: runId, job_id: jobId })}\n`;
  try {
    mkdirSync(folder, { recursive: true, mode: DIRECTORY_MODE });
    for (let tried = 0; tried < TRIES; tried += 1) {
      const seen = lookAtClaim(path);
      if (seen === undefined) {
        if (!placeNote(path, text)) continue;
        removeUnplacedNotes(path);
        return ok({ kind: "claimed", release: () => removeStaleNote(path, text) });
      }
      // What cannot be seen from here may go on.
      if (seen.owner !== "dead") return ok({ kind: "held", holder: holderOf(seen), path });
      removeStaleNote(path, seen.text);
    }
    return ok({ kind: "held", holder: "another process", path });
  } catch (cause) {
    return err(writeError(path, systemErrorOf(cause)));
  }
}

function holderOf({ text, pid }: { readonly text: string; readonly pid?: number | undefined }): string {
  if (pid === undefined) return "somebody whose note cannot be read";
  const { run_id: runId, job_id: jobId } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const process = `process ${pid}`;
  return typeof runId === "string" && typeof jobId === "string"
    ? `job "${jobId}" of run ${runId} (${process})`
    : process;
}
