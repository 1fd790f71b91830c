import { forEachLimited } from "../copy/for-each-limited.ts";
import { isRuntimePath } from "../copy/runtime-path.ts";
import type { TreeCopy } from "../copy/tree-copy.ts";
import { joinRaw, pathBytes, showPath, type RawPath } from "../raw-path.ts";
import { WorkspaceFault } from "../workspace-error.ts";
import { unfiltered, type WorkspaceWarning } from "../workspace-warning.ts";
import { forgetStats, type Applied } from "./apply-changes.ts";
import type { CheckoutParts } from "./check-out-index.ts";
import type { TreeChange } from "./hash-contents.ts";
import { hashObject } from "./hash-tree.ts";
import { isIntendedLink } from "./is-intended-link.ts";
import type { SnapshotRequest } from "./snapshot-request.ts";
import { splitRecords } from "./split-records.ts";

/**
 * Changes the files of the index to what a commit of it would contain: without intents to add, and with
 * filtered contents where those on disk are the staged ones.
 */
export async function applyStaged(
  request: SnapshotRequest,
  parts: CheckoutParts,
  tree: TreeCopy,
): Promise<Applied> {
  const { git, target, repository, prefix } = request;
  const { index, status } = parts;
  if (index.conflict !== undefined) throw conflict(repository.top, index.conflict);
  const intended = await readIntended(request, parts);
  for (const path of intended) await tree.remove(path);
  if (intended.length > 0) {
    const input = pathBytes(intended.map((path) => `${path}\0`).join("") as RawPath);
    await git.run({ cwd: target, args: ["update-index", "-z", "--force-remove", "--stdin"], input });
  }
  const extras: string[] = [];
  const warnings: WorkspaceWarning[] = [];
  const unstaged = new Set(status.changed.flatMap(({ path, isUnstaged }) => (isUnstaged ? [path] : [])));
  await forEachLimited(parts.filtered, async (path) => {
    if (isRuntimePath(path)) return;
    if (unstaged.has(path)) {
      warnings.push(unfiltered(joinRaw(prefix, path)));
      return;
    }
    const outcome = await tree.copy(path);
    if (outcome.kind === "file") extras.push(`filtered ${path} ${outcome.sizeBytes}`);
  });
  await forgetStats(request, parts, unstaged);
  return {
    changes: intended.map((path): TreeChange => ({ kind: "removed", path })),
    extras,
    dirtyFiles: status.changed.flatMap(({ path, isStaged }) => (isStaged ? [path] : [])),
    untrackedFiles: [],
    special: [],
    warnings: warnings.toSorted((a, b) => ((a.path ?? "") < (b.path ?? "") ? -1 : 1)),
  };
}

/** The paths of `git add --intent-to-add`: git lists them as empty files, and does not commit them. */
async function readIntended(
  { git, target, repository }: SnapshotRequest,
  { index }: CheckoutParts,
): Promise<readonly RawPath[]> {
  const empty = hashObject("blob", Buffer.alloc(0), repository.objectFormat);
  if (![...index.entries.values()].some(({ sha }) => sha === empty)) return [];
  // In the snapshot they are on disk, and only an intent to add can show up as a new file. Links are not on disk.
  const args = ["diff-files", "--name-only", "--diff-filter=A", "--ignore-submodules", "-z"];
  const files = splitRecords(await git.run({ cwd: target, args })) as RawPath[];
  const links = [...index.entries].flatMap(([path, entry]) =>
    isIntendedLink(entry, repository.objectFormat) ? path : [],
  );
  return [...files, ...links];
}

function conflict(top: string, path: RawPath): WorkspaceFault {
  const shown = showPath(path);
  return new WorkspaceFault({
    code: "WORKSPACE_CONFLICT",
    message: `Cannot snapshot what is staged in "${top}": "${shown}" is in conflict. Resolve it, and stage it with "git add"`,
    path: shown,
  });
}
