import { createHash } from "node:crypto";
import { access, constants, lstat, mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { findSpecialFiles } from "../copy/find-special-files.ts";
import { forEachLimited } from "../copy/for-each-limited.ts";
import { isRuntimePath } from "../copy/runtime-path.ts";
import { isAbsent, TreeCopy, type CopyOutcome } from "../copy/tree-copy.ts";
import { systemCode } from "../fault-of.ts";
import { joinRaw, parentOf, pathBytes, rawPath, showPath, textPath, type RawPath } from "../raw-path.ts";
import { settleTogether } from "../settle-together.ts";
import { WorkspaceFault } from "../workspace-error.ts";
import { skippedRepository, specialFile, unreadableFile, type WorkspaceWarning } from "../workspace-warning.ts";
import { cancelled, type Git } from "./git.ts";
import { configFlag, configValue, filterNames, parseConfig, withoutFilters, type ConfigEntry } from "./git-config.ts";
import { hashContents, type TreeChange } from "./hash-contents.ts";
import { parseIndexEntries, type IndexEntries } from "./parse-index-entries.ts";
import { parseStatus, type CheckoutStatus } from "./parse-status.ts";
import { readRepository, type Repository } from "./read-repository.ts";
import { splitRecords } from "./split-records.ts";
import { writeGitFolder, writeHead, writeRefs } from "./write-git-folder.ts";

/** What to snapshot, and where to. */
export interface SnapshotRequest {
  readonly git: Git;
  /** Aborted at the first failure, so that whatever else runs ends too. `git` listens to it. */
  readonly stop: AbortController;
  readonly repository: Repository;
  /** Folder of the snapshot: empty. */
  readonly target: string;
  /** Path of this repository in the one that is snapshotted; empty for that one itself. */
  readonly prefix: RawPath;
}

/** What was snapshotted. Paths are relative to the outermost repository. */
export interface RepositorySnapshot {
  /** Absent before the first commit. */
  readonly headSha?: string;
  /** Absent when HEAD is detached. */
  readonly branch?: string;
  readonly commitMessage?: string;
  readonly dirtyFiles: readonly RawPath[];
  readonly untrackedCount: number;
  readonly treeHash: string;
  /** Whether the contents are those of HEAD. */
  readonly clean: boolean;
  readonly warnings: readonly WorkspaceWarning[];
}

/** Mode of a submodule. Source: git's `S_IFGITLINK`. */
const SUBMODULE_MODE = "160000";

/** How often a snapshot is begun anew because somebody changed the index meanwhile. */
const ATTEMPTS = 3;

/** Snapshots a repository, and the repositories inside it, without changing it. Throws {@link WorkspaceFault} and errors of the system. */
export async function snapshotRepository(request: SnapshotRequest): Promise<RepositorySnapshot> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await indexStamp(request.repository);
    const parts = await readAndCheckOut(request);
    const same = (await indexStamp(request.repository)) === before;
    if (same || attempt === ATTEMPTS) return complete(request, parts);
    await rm(request.target, { recursive: true, force: true });
    await mkdir(request.target);
  }
}

/** What git said of the checkout; its index is checked out in the target by then. */
interface Parts {
  readonly config: readonly ConfigEntry[];
  readonly filtersOff: readonly (readonly [key: string, value: string])[];
  readonly status: CheckoutStatus;
  readonly index: IndexEntries;
  /** Present files that a content filter makes. */
  readonly filtered: readonly RawPath[];
  readonly special: readonly RawPath[];
  readonly commit: { readonly tree: string; readonly message: string } | undefined;
}

async function readAndCheckOut(request: SnapshotRequest): Promise<Parts> {
  const { git, repository, target, stop } = request;
  const cwd = repository.top;
  const config = parseConfig(await git.run({ cwd, args: ["config", "--list", "--show-scope", "-z"] }));
  const filters = filterNames(config);
  const filtersOff = withoutFilters(filters);
  await writeGitFolder(repository, config, target);
  const reading = readStatus(git, cwd, filtersOff);
  const listing = git.run({ cwd, args: ["ls-files", "--stage", "-t", "-z"] }).then(parseIndexEntries);
  const [status, index, filtered, special, commit] = await settleTogether(
    [
      reading,
      listing,
      filters.length === 0 ? Promise.resolve([]) : listFiltered(git, cwd),
      Promise.all([reading, listing]).then(([known, entries]) => findSpecial(git, repository, known, entries)),
      readCommit(git, cwd),
      checkOut(request, { filtersOff, sparse: configFlag(config, "core.sparsecheckout"), listing }),
      writeRefs(git, repository, target),
    ],
    () => stop.abort(),
  );
  return { config, filtersOff, status, index, filtered, special, commit };
}

async function readStatus(git: Git, cwd: string, filtersOff: Parts["filtersOff"]): Promise<CheckoutStatus> {
  const args = ["status", "--porcelain=v2", "-z", "--branch", "--no-renames", "--untracked-files=all"];
  // Changes inside submodules are found by their own snapshots.
  return parseStatus(await git.run({ cwd, args: [...args, "--ignore-submodules=dirty"], config: filtersOff }));
}

async function listFiltered(git: Git, cwd: string): Promise<RawPath[]> {
  const output = await git.run({ cwd, args: ["ls-files", "-t", "-z", "--", ".", ":(exclude,attr:!filter)"] });
  return splitRecords(output).flatMap((record) => (record.startsWith("H ") ? [record.slice(2) as RawPath] : []));
}

async function readCommit(git: Git, cwd: string): Promise<Parts["commit"]> {
  const args = ["log", "-1", "--no-color", "--encoding=UTF-8", "--format=%T%n%B", "HEAD", "--"];
  const end = await git.try({ cwd, args });
  if (end.exitCode !== 0) return undefined;
  const [tree = "", ...message] = end.stdout.toString("utf8").split("\n");
  return { tree, message: message.join("\n").trimEnd() };
}

interface CheckOutOptions {
  readonly filtersOff: Parts["filtersOff"];
  readonly sparse: boolean;
  readonly listing: Promise<IndexEntries>;
}

/**
 * Writes the files of the index. Unlike `git checkout` this runs no hook.
 *
 * A skip-worktree bit means "not on disk" only in a sparse checkout; there the
 * files that are on disk are named one by one.
 */
async function checkOut({ git, target }: SnapshotRequest, options: CheckOutOptions): Promise<void> {
  const args = ["checkout-index", "--quiet", "--force", "--index", "--ignore-skip-worktree-bits"];
  const config = [...options.filtersOff, ["checkout.workers", "0"]] as const;
  if (!options.sparse) {
    await git.run({ cwd: target, args: [...args, "--all"], config });
    return;
  }
  const { present } = await options.listing;
  const input = pathBytes(present.map((path) => `${path}\0`).join("") as RawPath);
  await git.run({ cwd: target, args: [...args, "-z", "--stdin"], input, config });
}

async function findSpecial(
  git: Git,
  repository: Repository,
  status: CheckoutStatus,
  index: IndexEntries,
): Promise<RawPath[]> {
  const folders = new Set(index.folders);
  for (const path of status.untracked) folders.add(parentOf(path));
  const found = (await findSpecialFiles(rawPath(repository.top), folders)).filter((path) => !isRuntimePath(path));
  if (found.length === 0) return [];
  const input = pathBytes(found.map((path) => `${path}\0`).join("") as RawPath);
  const call = { cwd: repository.top, args: ["check-ignore", "--stdin", "-z"], input };
  const end = await git.try(call);
  // 1: none of them is ignored.
  if (end.exitCode !== 0 && end.exitCode !== 1) throw await git.fault(call, end);
  const ignored = new Set<string>(splitRecords(end.stdout));
  return found.filter((path) => !ignored.has(path));
}

/** Makes the target, which has the files of the index, into what the checkout is. */
async function complete(request: SnapshotRequest, parts: Parts): Promise<RepositorySnapshot> {
  const { git, repository, target, prefix } = request;
  const { status, index, commit } = parts;
  await writeHead(target, status);
  const tree = new TreeCopy(rawPath(repository.top), rawPath(target));
  for (const folder of index.folders) if (/(?:^|\/)\.loom\/\.runtime$/.test(folder)) await tree.remove(folder);
  const applied = await applyChanges(request, parts, tree);
  const inside = await snapshotInside(request, parts, tree);
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
    untrackedCount: applied.untrackedCount + inside.untrackedCount,
    treeHash,
    clean: commit !== undefined && treeHash === commit.tree,
    warnings: [
      ...[...special].map((path) => specialFile(joinRaw(prefix, path))),
      ...applied.warnings,
      ...inside.warnings,
    ],
  };
}

interface Applied {
  readonly changes: readonly TreeChange[];
  /** What a tree does not say and yet makes contents differ, as text. */
  readonly extras: readonly string[];
  readonly dirtyFiles: readonly RawPath[];
  readonly untrackedCount: number;
  readonly special: readonly RawPath[];
  readonly warnings: readonly WorkspaceWarning[];
}

/** Deletions first: what is untracked may lie where a tracked file or link was. */
async function applyChanges(request: SnapshotRequest, parts: Parts, tree: TreeCopy): Promise<Applied> {
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
      if (systemCode(thrown) !== "EACCES" || !(await isUnreadable(joinRaw(rawPath(request.repository.top), path)))) throw thrown;
      warnings.push(unreadableFile(joinRaw(request.prefix, path)));
    }
  });
  const known = new Set(changed.map(({ path }) => path));
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
    untrackedCount: untracked.length,
    special,
    warnings,
  };
}

/**
 * Has the snapshot's index forget the sizes of the files that a filter makes, as
 * it knows those of what was there before. Whoever asks git for the status
 * then compares contents, and this need not run the filter.
 */
async function forgetStats({ git, target }: SnapshotRequest, parts: Parts, known: ReadonlySet<RawPath>): Promise<void> {
  const lines = parts.filtered.flatMap((path) => {
    const entry = parts.index.entries.get(path);
    return entry === undefined || known.has(path) ? [] : [`${entry.mode} ${entry.sha} 0\t${path}\0`];
  });
  if (lines.length === 0) return;
  const input = pathBytes(lines.join("") as RawPath);
  await git.run({ cwd: target, args: ["update-index", "-z", "--index-info"], input });
}

type Inside = Omit<Applied, "special">;

/** Submodules that are checked out, and untracked repositories: a snapshot of its own for each. */
async function snapshotInside(request: SnapshotRequest, parts: Parts, tree: TreeCopy): Promise<Inside> {
  const changes: TreeChange[] = [];
  const extras: string[] = [];
  const dirtyFiles: RawPath[] = [];
  const warnings: WorkspaceWarning[] = [];
  let untrackedCount = 0;
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
    dirtyFiles.push(...inside.dirtyFiles);
    warnings.push(...inside.warnings);
    untrackedCount += inside.untrackedCount;
    if (inside.headSha !== undefined && inside.headSha !== recorded) {
      changes.push({ kind: "repository", path, headSha: inside.headSha });
    }
    if (!inside.clean) extras.push(`inside ${path} ${inside.treeHash}`);
  };
  const nested = parts.status.nested.filter((path) => !isRuntimePath(path));
  const all = [...parts.index.submodules, ...nested.map((path) => [path, undefined] as const)];
  await forEachLimited(all, ([path, recorded]) => one(path, recorded), 2);
  return {
    changes: changes.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    extras,
    dirtyFiles: dirtyFiles.toSorted(),
    untrackedCount,
    warnings: warnings.toSorted((a, b) => ((a.path ?? "") < (b.path ?? "") ? -1 : 1)),
  };
}

/** `none`: there is no folder; `absent`: it is not checked out; `broken`: git cannot read it. */
async function openInside(
  request: SnapshotRequest,
  path: RawPath,
): Promise<Repository | "none" | "absent" | "broken"> {
  const text = textPath(path);
  if (text === undefined) return "broken";
  const folder = join(request.repository.top, text);
  if (!(await isFolder(folder))) return "none";
  try {
    await lstat(join(folder, ".git"));
  } catch (thrown) {
    if (isAbsent(thrown)) return "absent";
    throw thrown;
  }
  try {
    const repository = await readRepository(request.git, folder);
    return repository?.top === folder ? repository : "broken";
  } catch (thrown) {
    if (thrown instanceof WorkspaceFault && thrown.error.code === "WORKSPACE_GIT_FAILED") return "broken";
    throw thrown;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (thrown) {
    if (isAbsent(thrown)) return false;
    throw thrown;
  }
}

/** Changes whenever the index of a checkout is written anew. */
async function indexStamp({ gitFolder }: Repository): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(join(gitFolder, "index"), { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch (thrown) {
    if (isAbsent(thrown)) return "none";
    throw thrown;
  }
}

async function isUnreadable(path: RawPath): Promise<boolean> {
  try {
    await access(pathBytes(path), constants.R_OK);
    return false;
  } catch {
    return true;
  }
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\0"), "latin1").digest("hex");
}
