import { join } from "node:path";
import { TreeCopy } from "../copy/tree-copy.ts";
import { joinRaw, rawPath, showPath } from "../raw-path.ts";
import { missingCommit, skippedRepository, unfiltered, type WorkspaceWarning } from "../workspace-warning.ts";
import type { Inside } from "./apply-changes.ts";
import { listFiltered, type CheckoutParts } from "./check-out-index.ts";
import { filterNames, parseConfig, withoutFilters } from "./git-config.ts";
import type { SnapshotGit } from "./git.ts";
import { openInside } from "./open-inside.ts";
import { parseIndexEntries } from "./parse-index-entries.ts";
import type { SnapshotRequest } from "./snapshot-request.ts";
import { writeGitFolder, writeHead, writeRefs } from "./write-git-folder.ts";

/**
 * Checks out submodules at their staged commits, whatever they are at on disk. A submodule that is not checked
 * out, or that lacks its commit, stays empty.
 */
export async function checkOutSubmodules(
  request: SnapshotRequest,
  { index }: Pick<CheckoutParts, "index">,
  tree: TreeCopy,
): Promise<Inside> {
  const extras: string[] = [];
  const warnings: WorkspaceWarning[] = [];
  for (const [path, sha] of index.submodules) {
    const place = joinRaw(request.prefix, path);
    await tree.makeFolder(path);
    const repository = await openInside(request, path);
    if (typeof repository !== "string" && (await hasCommit(request.git, repository.top, sha))) {
      const target = join(request.target, showPath(path));
      warnings.push(...(await checkOutCommit({ ...request, repository, target, prefix: place }, sha)));
      continue;
    }
    if (repository === "broken") warnings.push(skippedRepository(place));
    if (typeof repository !== "string") warnings.push(missingCommit(place, sha));
    extras.push(`absent ${path}`);
  }
  return { changes: [], extras, dirtyFiles: [], untrackedFiles: [], warnings };
}

/** Turns the target into a repository with a commit checked out. */
async function checkOutCommit(request: SnapshotRequest, sha: string): Promise<readonly WorkspaceWarning[]> {
  const { git, repository, target } = request;
  const config = parseConfig(
    await git.run({ cwd: repository.top, args: ["config", "--list", "--show-scope", "-z"] }),
  );
  const filters = filterNames(config);
  await writeGitFolder(repository, config, target);
  await writeHead(target, { headSha: sha });
  await writeRefs(git, repository, target);
  await git.run({ cwd: target, args: ["read-tree", sha] });
  const args = ["checkout-index", "--quiet", "--force", "--index", "--all"];
  await git.run({ cwd: target, args, config: withoutFilters(filters) });
  const index = parseIndexEntries(await git.run({ cwd: target, args: ["ls-files", "--stage", "-t", "-z"] }));
  const tree = new TreeCopy(rawPath(repository.top), rawPath(target));
  const inside = await checkOutSubmodules(request, { index }, tree);
  const filtered = filters.length === 0 ? [] : await listFiltered(git, { cwd: target });
  return [...filtered.map((path) => unfiltered(joinRaw(request.prefix, path))), ...inside.warnings];
}

async function hasCommit(git: SnapshotGit, cwd: string, sha: string): Promise<boolean> {
  return (await git.try({ cwd, args: ["cat-file", "-e", `${sha}^{commit}`] })).exitCode === 0;
}
