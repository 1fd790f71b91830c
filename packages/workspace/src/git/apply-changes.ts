import { access, constants } from "node:fs/promises";
import { errnoCode } from "@loom/system";
import { forEachLimited } from "../copy/for-each-limited.ts";
import { isRuntimePath } from "../copy/runtime-path.ts";
import type { CopyOutcome, TreeCopy } from "../copy/tree-copy.ts";
import { joinRaw, pathBytes, rawPath, type RawPath } from "../raw-path.ts";
import { unreadableFile, type WorkspaceWarning } from "../workspace-warning.ts";
import type { CheckoutParts } from "./check-out-index.ts";
import { configFlag, configValue } from "./git-config.ts";
import { cancelled } from "./git.ts";
import type { TreeChange } from "./hash-contents.ts";
import { SUBMODULE_MODE } from "./parse-index-entries.ts";
import type { SnapshotRequest } from "./snapshot-request.ts";

/** How a snapshot's contents differ from its index, and what to report about it. */
export interface Applied {
  readonly changes: readonly TreeChange[];
  /** Differences in contents that a tree does not capture, as text. */
  readonly extras: readonly string[];
  readonly dirtyFiles: readonly RawPath[];
  readonly untrackedFiles: readonly RawPath[];
  readonly special: readonly RawPath[];
  readonly warnings: readonly WorkspaceWarning[];
}

/** The same for nested repositories. */
export type Inside = Omit<Applied, "special">;

/**
 * Changes the files of the index to those of the checkout.
 *
 * Deletions come first: an untracked path may be where a tracked file or link was.
 */
export async function applyChanges(
  request: SnapshotRequest,
  parts: CheckoutParts,
  tree: TreeCopy,
): Promise<Applied> {
  const { index, config } = parts;
  const changed = parts.status.changed.filter(({ path }) => !isRuntimePath(path));
  const untracked = parts.status.untracked.filter((path) => !isRuntimePath(path));
  const changes: TreeChange[] = [];
  const extras: string[] = [];
  const special: RawPath[] = [];
  const warnings: WorkspaceWarning[] = [];
  const note = (path: RawPath, outcome: CopyOutcome, executable: boolean): void => {
    if (outcome.kind === "special") special.push(path);
    if (outcome.kind === "file") changes.push({ kind: "file", path, executable });
    else if (outcome.kind === "symlink") changes.push({ kind: "symlink", path, aim: outcome.aim });
    else changes.push({ kind: "removed", path });
  };
  for (const { path, mode } of changed) {
    if (mode !== "000000") continue;
    await tree.remove(path);
    changes.push({ kind: "removed", path });
  }
  const copy = async (path: RawPath): Promise<CopyOutcome> => {
    if (request.stop.signal.aborted) throw cancelled();
    return tree.copy(path);
  };
  const present = changed.filter(({ path, mode }) => {
    return mode !== "000000" && !(mode === SUBMODULE_MODE && index.submodules.has(path));
  });
  await forEachLimited(present, async ({ path, mode }) => {
    note(path, await copy(path), mode === "100755");
  });
  const modes = configValue(config, "core.filemode") === undefined || configFlag(config, "core.filemode");
  await forEachLimited(untracked, async (path) => {
    try {
      const outcome = await copy(path);
      note(path, outcome, modes && outcome.kind === "file" && outcome.executable);
    } catch (thrown) {
      if (
        errnoCode(thrown) !== "EACCES" ||
        !(await isUnreadable(joinRaw(rawPath(request.repository.top), path)))
      )
        throw thrown;
      warnings.push(unreadableFile(joinRaw(request.prefix, path)));
    }
  });
  const known = new Set<RawPath>(changed.map(({ path }) => path));
  await forEachLimited(parts.filtered, async (path) => {
    if (known.has(path) || isRuntimePath(path)) return;
    const outcome = await copy(path);
    if (outcome.kind === "file") extras.push(`filtered ${path} ${outcome.sizeBytes}`);
    else note(path, outcome, false);
  });
  await forgetStats(request, parts, known);
  return {
    changes: changes.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    extras,
    dirtyFiles: changed.map(({ path }) => path),
    untrackedFiles: untracked,
    special,
    warnings,
  };
}

/**
 * Makes the snapshot's index forget the sizes of filtered files, which are those of the previous contents. `git
 * status` then compares contents later, and the filter need not run now.
 */
export async function forgetStats(
  { git, target }: Pick<SnapshotRequest, "git" | "target">,
  parts: CheckoutParts,
  known: ReadonlySet<RawPath>,
): Promise<void> {
  const lines = parts.filtered.flatMap((path) => {
    const entry = parts.index.entries.get(path);
    return entry === undefined || known.has(path) ? [] : [`${entry.mode} ${entry.sha} 0\t${path}\0`];
  });
  if (lines.length === 0) return;
  const input = pathBytes(lines.join("") as RawPath);
  await git.run({ cwd: target, args: ["update-index", "-z", "--index-info"], input });
}

async function isUnreadable(path: RawPath): Promise<boolean> {
  try {
    await access(pathBytes(path), constants.R_OK);
    return false;
  } catch {
    return true;
  }
}
