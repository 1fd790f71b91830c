import { findSpecialFiles } from "../copy/find-special-files.ts";
import { isRuntimePath } from "../copy/runtime-path.ts";
import { parentOf, pathBytes, rawPath, type RawPath } from "../raw-path.ts";
import { settleTogether } from "../settle-together.ts";
import { configFlag, filterNames, parseConfig, withoutFilters, type ConfigEntry } from "./git-config.ts";
import type { SnapshotGit, SnapshotGitCall } from "./git.ts";
import { isIntendedLink } from "./is-intended-link.ts";
import { parseIndexEntries, type IndexEntries } from "./parse-index-entries.ts";
import { parseStatus, type CheckoutStatus } from "./parse-status.ts";
import type { Repository } from "./read-repository.ts";
import type { SnapshotRequest } from "./snapshot-request.ts";
import { splitRecords } from "./split-records.ts";
import { writeGitFolder, writeRefs } from "./write-git-folder.ts";

/** What git reported about a checkout. */
export interface CheckoutParts {
  readonly config: readonly ConfigEntry[];
  readonly filtersOff: readonly (readonly [key: string, value: string])[];
  readonly status: CheckoutStatus;
  readonly index: IndexEntries;
  /** Files on disk that a content filter produces. */
  readonly filtered: readonly RawPath[];
  readonly special: readonly RawPath[];
  readonly commit: { readonly tree: string; readonly message: string } | undefined;
}

/**
 * Creates a snapshot's `.git` and checks out the index, while querying git about the original.
 *
 * The snapshot's HEAD is still a placeholder afterwards.
 */
export async function checkOutIndex(request: SnapshotRequest): Promise<CheckoutParts> {
  const { git, repository, target, stop, stagedIn } = request;
  const cwd = repository.top;
  const config = parseConfig(await git.run({ cwd, args: ["config", "--list", "--show-scope", "-z"] }));
  const filters = filterNames(config);
  const filtersOff = withoutFilters(filters);
  await writeGitFolder(repository, config, target, stagedIn);
  const sparse = configFlag(config, "core.sparsecheckout");
  const ofIndex = { cwd, ...(stagedIn !== undefined && { env: { GIT_INDEX_FILE: stagedIn } }) };
  // The slowest work starts first.
  const writing = sparse ? undefined : checkOutAll(request, filtersOff, async () => listing);
  const reading = readStatus(git, ofIndex, filtersOff);
  const listing = git.run({ ...ofIndex, args: ["ls-files", "--stage", "-t", "-z"] }).then(parseIndexEntries);
  const [status, index, filtered, special, commit] = await settleTogether(
    [
      reading,
      listing,
      filters.length === 0 ? Promise.resolve([]) : listFiltered(git, ofIndex),
      // A staged path is never one.
      stagedIn !== undefined
        ? Promise.resolve([])
        : Promise.all([reading, listing]).then(([known, entries]) =>
            findSpecial(git, repository, known, entries),
          ),
      readCommit(git, cwd),
      // Only in a sparse checkout does a skip-worktree bit mean "not on disk".
      writing ??
        listing.then((index) => checkOutPaths(request, filtersOff, writable(request, index, index.present))),
      writeRefs(git, repository, target),
    ],
    () => stop.abort(),
  );
  return { config, filtersOff, status, index, filtered, special, commit };
}

/** Where to call git, and for which index. */
type Asked = Pick<SnapshotGitCall, "cwd" | "env">;

async function readStatus(
  git: SnapshotGit,
  asked: Asked,
  filtersOff: CheckoutParts["filtersOff"],
): Promise<CheckoutStatus> {
  const untracked = asked.env === undefined ? "all" : "no";
  const args = [
    "status",
    "--porcelain=v2",
    "-z",
    "--branch",
    "--no-renames",
    `--untracked-files=${untracked}`,
  ];
  // Submodules' own snapshots find the changes inside them.
  return parseStatus(
    await git.run({ ...asked, args: [...args, "--ignore-submodules=dirty"], config: filtersOff }),
  );
}

/** The files of an index that are on disk and that a content filter produces. */
export async function listFiltered(git: SnapshotGit, asked: Asked): Promise<RawPath[]> {
  const args = ["ls-files", "-t", "-z", "--", ".", ":(exclude,attr:!filter)"];
  const output = await git.run({ ...asked, args });
  return splitRecords(output).flatMap((record) =>
    record.startsWith("H ") ? [record.slice(2) as RawPath] : [],
  );
}

async function readCommit(git: SnapshotGit, cwd: string): Promise<CheckoutParts["commit"]> {
  const args = ["log", "-1", "--no-color", "--encoding=UTF-8", "--format=%T%n%B", "HEAD", "--"];
  const end = await git.try({ cwd, args });
  if (end.exitCode !== 0) return undefined;
  const [tree = "", ...message] = end.stdout.toString("utf8").split("\n");
  return { tree, message: message.join("\n").trimEnd() };
}

/** Unlike `git checkout`, it runs no hook. */
const CHECK_OUT = ["checkout-index", "--quiet", "--force", "--index", "--ignore-skip-worktree-bits"];

function checkingOut(filtersOff: CheckoutParts["filtersOff"]): CheckoutParts["filtersOff"] {
  return [...filtersOff, ["checkout.workers", "0"]];
}

/**
 * Writes all files of the index.
 *
 * @param list - What the index has. Called where git could not write all.
 */
async function checkOutAll(
  request: SnapshotRequest,
  filtersOff: CheckoutParts["filtersOff"],
  list: () => Promise<IndexEntries>,
): Promise<void> {
  const { git, target } = request;
  const call = { cwd: target, args: [...CHECK_OUT, "--all"], config: checkingOut(filtersOff) };
  const end = await git.try(call);
  if (end.exitCode === 0) return;
  const index = await list();
  const paths = writable(request, index, [...index.entries.keys()]);
  if (paths.length === index.entries.size) throw await git.fault(call, end);
  await checkOutPaths(request, filtersOff, paths);
}

/** Those paths that git can write. */
function writable(
  { repository }: SnapshotRequest,
  { entries }: IndexEntries,
  paths: readonly RawPath[],
): readonly RawPath[] {
  return paths.filter((path) => {
    const entry = entries.get(path);
    return entry === undefined || !isIntendedLink(entry, repository.objectFormat);
  });
}

async function checkOutPaths(
  { git, target }: SnapshotRequest,
  filtersOff: CheckoutParts["filtersOff"],
  paths: readonly RawPath[],
): Promise<void> {
  const input = pathBytes(paths.map((path) => `${path}\0`).join("") as RawPath);
  const args = [...CHECK_OUT, "-z", "--stdin"];
  await git.run({ cwd: target, args, input, config: checkingOut(filtersOff) });
}

async function findSpecial(
  git: SnapshotGit,
  repository: Repository,
  status: CheckoutStatus,
  index: IndexEntries,
): Promise<RawPath[]> {
  const folders = new Set(index.folders);
  for (const path of status.untracked) {
    for (let above = parentOf(path); !folders.has(above); above = parentOf(above)) folders.add(above);
  }
  const found = (await findSpecialFiles(rawPath(repository.top), folders)).filter(
    (path) => !isRuntimePath(path),
  );
  if (found.length === 0) return [];
  const input = pathBytes(found.map((path) => `${path}\0`).join("") as RawPath);
  const call = { cwd: repository.top, args: ["check-ignore", "--stdin", "-z"], input };
  const end = await git.try(call);
  // 1: none of them is ignored.
  if (end.exitCode !== 0 && end.exitCode !== 1) throw await git.fault(call, end);
  const ignored = new Set<string>(splitRecords(end.stdout));
  return found.filter((path) => !ignored.has(path));
}
