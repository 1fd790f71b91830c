import { createHash } from "node:crypto";
import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isAbsent } from "@loom/system";
import { forEachLimited } from "../copy/for-each-limited.ts";
import { isRuntimePath } from "../copy/runtime-path.ts";
import { TreeCopy } from "../copy/tree-copy.ts";
import { joinRaw, rawPath, showPath, type RawPath } from "../raw-path.ts";
import { skippedRepository, specialFile, type WorkspaceWarning } from "../workspace-warning.ts";
import { applyChanges, type Inside } from "./apply-changes.ts";
import { applyStaged } from "./apply-staged.ts";
import { checkOutSubmodules } from "./check-out-submodules.ts";
import { checkOutIndex, type CheckoutParts } from "./check-out-index.ts";
import { hashContents, type TreeChange } from "./hash-contents.ts";
import { openInside } from "./open-inside.ts";
import type { SnapshotRequest } from "./snapshot-request.ts";
import { writeHead } from "./write-git-folder.ts";

/** What was snapshotted. Paths are relative to the outermost repository. */
export interface RepositorySnapshot {
  /** Absent before the first commit. */
  readonly headSha?: string;
  /** Absent when HEAD is detached. */
  readonly branch?: string;
  readonly commitMessage?: string;
  readonly dirtyFiles: readonly RawPath[];
  readonly untrackedFiles: readonly RawPath[];
  readonly treeHash: string;
  /** Whether the contents equal HEAD. */
  readonly clean: boolean;
  readonly warnings: readonly WorkspaceWarning[];
}

/** How many times a snapshot is attempted while the index keeps changing. */
const ATTEMPTS = 3;

/**
 * Snapshots a repository and its nested repositories, without changing them. Throws `WorkspaceFault` and system
 * errors.
 */
export async function snapshotRepository(request: SnapshotRequest): Promise<RepositorySnapshot> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await indexStamp(request);
    const parts = await checkOutIndex(request);
    const same = (await indexStamp(request)) === before;
    if (same || attempt === ATTEMPTS) return complete(request, parts);
    await rm(request.target, { recursive: true, force: true });
    await mkdir(request.target);
  }
}

/** Changes the target, which has the files of the index, to match the checkout. */
async function complete(request: SnapshotRequest, parts: CheckoutParts): Promise<RepositorySnapshot> {
  const { git, repository, target, prefix } = request;
  const { status, index, commit } = parts;
  await writeHead(target, status);
  const tree = new TreeCopy(rawPath(repository.top), rawPath(target));
  for (const folder of index.folders)
    if (/(?:^|\/)\.loom\/\.runtime$/.test(folder)) await tree.remove(folder);
  const isStaged = request.stagedIn !== undefined;
  const applied = await (isStaged ? applyStaged : applyChanges)(request, parts, tree);
  const inside = await (isStaged ? checkOutSubmodules : snapshotInside)(request, parts, tree);
  const changes = [...applied.changes, ...inside.changes];
  const extras = [...applied.extras, ...inside.extras].toSorted();
  const treeName =
    changes.length === 0 && commit !== undefined && status.changed.length === 0
      ? commit.tree
      : await hashContents({
          git,
          target,
          objectFormat: repository.objectFormat,
          index: index.entries,
          changes,
          config: parts.filtersOff,
        });
  const treeHash = extras.length === 0 ? treeName : digest([treeName, ...extras]);
  const special = new Set([...parts.special, ...applied.special]);
  return {
    ...(status.headSha !== undefined && { headSha: status.headSha }),
    ...(status.branch !== undefined && { branch: status.branch }),
    ...(commit !== undefined && { commitMessage: commit.message }),
    dirtyFiles: [...applied.dirtyFiles.map((path) => joinRaw(prefix, path)), ...inside.dirtyFiles],
    untrackedFiles: [
      ...applied.untrackedFiles.map((path) => joinRaw(prefix, path)),
      ...inside.untrackedFiles,
    ],
    treeHash,
    clean: commit !== undefined && treeHash === commit.tree,
    warnings: [
      ...[...special].map((path) => specialFile(joinRaw(prefix, path))),
      ...applied.warnings,
      ...inside.warnings,
    ],
  };
}

/** Snapshots each checked-out submodule and each untracked repository separately. */
async function snapshotInside(
  request: SnapshotRequest,
  parts: CheckoutParts,
  tree: TreeCopy,
): Promise<Inside> {
  const changes: TreeChange[] = [];
  const extras: string[] = [];
  const dirtyFiles: RawPath[] = [];
  const warnings: WorkspaceWarning[] = [];
  const untrackedFiles: RawPath[] = [];
  const one = async (path: RawPath, recorded: string | undefined): Promise<void> => {
    const place = joinRaw(request.prefix, path);
    const repository = await openInside(request, path);
    if (repository === "none") return;
    if (repository === "absent" || repository === "broken") {
      if (repository === "broken") warnings.push(skippedRepository(place));
      extras.push(`absent ${path}`);
      return;
    }
    await tree.makeFolder(path);
    const target = join(request.target, showPath(path));
    const inside = await snapshotRepository({ ...request, repository, target, prefix: place });
    warnings.push(...inside.warnings);
    // One by one: a call takes some 100,000 arguments at most, and a submodule may have more files.
    for (const file of inside.dirtyFiles) dirtyFiles.push(file);
    for (const file of inside.untrackedFiles) untrackedFiles.push(file);
    if (inside.headSha !== undefined && inside.headSha !== recorded) {
      changes.push({ kind: "repository", path, headSha: inside.headSha });
    }
    if (!inside.clean) extras.push(`inside ${path} ${inside.treeHash}`);
  };
  const nested = parts.status.nested.filter((path) => !isRuntimePath(path));
  // A path that git reports as missing may be behind a link; then it does not belong to this repository.
  const gone = new Set(parts.status.changed.flatMap(({ path, mode }) => (mode === "000000" ? [path] : [])));
  const submodules = [...parts.index.submodules].filter(([path]) => !gone.has(path));
  const all = [...submodules, ...nested.map((path) => [path, undefined] as const)];
  await forEachLimited(all, ([path, recorded]) => one(path, recorded), 2);
  return {
    changes: changes.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    extras,
    dirtyFiles: dirtyFiles.toSorted(),
    untrackedFiles: untrackedFiles.toSorted(),
    warnings: warnings.toSorted((a, b) => ((a.path ?? "") < (b.path ?? "") ? -1 : 1)),
  };
}

/** Changes whenever a checkout's index is rewritten. */
async function indexStamp({ repository, stagedIn }: SnapshotRequest): Promise<string> {
  const path = stagedIn ?? join(repository.gitFolder, "index");
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch (thrown) {
    if (isAbsent(thrown)) return "none";
    throw thrown;
  }
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\0"), "latin1").digest("hex");
}
