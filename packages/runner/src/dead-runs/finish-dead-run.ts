import { basename } from "node:path";
import type { OwnedRun } from "@loom/artifacts";
import { epochMs, type Result, type RunId } from "@loom/core";
import type { RecoveredRun, RecoveryError } from "@loom/recovery";
import type { ProviderRun, SectionLog } from "@loom/ports";
import { builtInProviders, type Providers } from "../providers/built-in-providers.ts";
import { notesPathOf } from "./notes-path.ts";
import { secretsFolder } from "../secrets/secrets-folder.ts";
import { cacheHome, removeFile } from "@loom/system";

/** What is known about a run whose loom is gone. */
export interface LeftRun {
  /** Number of that loom, where it is known. */
  readonly ownerPid?: number | undefined;
  /** Whether it was there until now. Its evidence is still open: what is noted of its processes is kept. Default: false. */
  readonly justDied?: boolean;
  /** The environment of the process that started it, as far as known. Default: empty. */
  readonly env?: ProviderRun["env"];
  /** The providers that it may have had. Default: this program's. */
  readonly providers?: Providers;
}

/**
 * Ends what a run left behind whose loom is gone: its processes, wherever they
 * moved, its short-lived files, those of its secrets, and whatever else its
 * providers made.
 *
 * @param runDirectory - Absolute path.
 */
export async function endLeftovers(
  runDirectory: string,
  { ownerPid, justDied = false, env = {}, providers = builtInProviders() }: LeftRun = {},
): Promise<void> {
  const runId = basename(runDirectory) as RunId;
  for (const [name, provider] of Object.entries(providers)) {
    const notesPath = notesPathOf(runDirectory, name);
    const ended = await provider.endLeftovers(
      {
        runId,
        env,
        justDied,
        ...(notesPath !== undefined && { notesPath }),
        ...(ownerPid !== undefined && { ownerPid }),
      },
      SILENT,
    );
    if (ended.ok && !justDied && notesPath !== undefined) removeFile(notesPath);
  }
  const { removeLeftSecrets } = await import("@loom/secrets");
  removeLeftSecrets({ env, folder: secretsFolder(cacheHome(env)), owner: runId });
}

/** The evidence of the run is closed, or another process closes it. */
const SILENT: SectionLog = { log: () => undefined };

/**
 * Closes the evidence of a run whose loom is gone.
 *
 * @returns What happened to it, or why it stays as it is.
 */
export async function closeDeadRun(
  run: Pick<OwnedRun, "directory">,
  options: { readonly force?: boolean | undefined } = {},
): Promise<Result<RecoveredRun, RecoveryError>> {
  const { recoverRun } = await import("@loom/recovery");
  return await recoverRun(run.directory, { nowMs: epochMs(Date.now()), ...options });
}
