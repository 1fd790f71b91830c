import { rmSync } from "node:fs";
import { basename } from "node:path";
import type { OwnedRun } from "@loom/artifacts";
import { epochMs, ok, type Result, type RunId } from "@loom/core";
import { endStrayProcesses, removeLeftPipes } from "@loom/provider-host";
import type { RecoveredRun } from "@loom/recovery";
import { notesPathOf } from "./notes-path.ts";

/** How a run is known whose loom is gone. */
export interface LeftRun {
  /** Number of that loom, where it is known. */
  readonly ownerPid?: number | undefined;
  /** Whether it was there until now. Its evidence is still open: what is noted of its processes is kept. Default: false. */
  readonly justDied?: boolean;
  /** Where it kept its short-lived files. Default: where the system has them. */
  readonly tempFolder?: string | undefined;
}

/**
 * Ends what a run left behind whose loom is gone: its processes, wherever they
 * moved, and its short-lived files.
 *
 * @param runDirectory - Absolute path.
 */
export async function endLeftovers(
  runDirectory: string,
  { ownerPid, justDied, tempFolder }: LeftRun = {},
): Promise<void> {
  const silent = { log: () => undefined };
  const notesPath = notesPathOf(runDirectory);
  const ended = await endStrayProcesses(basename(runDirectory) as RunId, silent, {
    ...(notesPath !== undefined && { notesPath }),
    ...(justDied !== undefined && { justDied }),
  });
  if (ended.ok && justDied !== true && notesPath !== undefined) rmSync(notesPath, { force: true });
  if (ownerPid !== undefined) removeLeftPipes(ownerPid, tempFolder);
}

/**
 * Closes the evidence of a run whose loom is gone.
 *
 * @returns What became of it, or why it stays as it is.
 */
export async function closeDeadRun(
  run: Pick<OwnedRun, "directory">,
  options: { readonly force?: boolean } = {},
): Promise<Result<RecoveredRun, { readonly code: string; readonly message: string }>> {
  const { recoverRun } = await import("@loom/recovery");
  const recovered = await recoverRun(run.directory, { nowMs: epochMs(Date.now()), ...options });
  return recovered.ok ? ok(recovered.value) : recovered;
}
