import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errnoCode } from "@loom/system";
import { snapshotConfig, type ConfigEntry } from "./git-config.ts";
import type { SnapshotGit } from "./git.ts";
import type { Repository } from "./read-repository.ts";

/** Refs that belong to work in progress in the checkout. */
const PRIVATE_REFS = /^refs\/(stash$|bisect\/|worktree\/|rewritten\/|prefetch\/)/;

/**
 * Creates a snapshot's `.git`: the original's objects by reference, its configuration, its index. HEAD is a
 * placeholder until {@link writeHead}.
 *
 * @param target - The snapshot's folder, which exists.
 * @param indexFile - The index to copy. Absolute.
 */
export async function writeGitFolder(
  repository: Repository,
  config: readonly ConfigEntry[],
  target: string,
  indexFile: string = join(repository.gitFolder, "index"),
): Promise<void> {
  const folder = join(target, ".git");
  await mkdir(join(folder, "objects/info"), { recursive: true });
  await Promise.all([
    mkdir(join(folder, "objects/pack")),
    mkdir(join(folder, "refs/heads"), { recursive: true }),
    mkdir(join(folder, "info")),
  ]);
  await Promise.all([
    writeFile(join(folder, "HEAD"), "ref: refs/heads/main\n"),
    writeFile(join(folder, "config"), snapshotConfig(config, repository.top)),
    writeFile(
      join(folder, "objects/info/alternates"),
      `${alternate(join(repository.commonFolder, "objects"))}\n`,
    ),
    ...["info/exclude", "info/attributes", "info/grafts", "shallow"].map((name) =>
      copyIfThere(join(repository.commonFolder, name), join(folder, name)),
    ),
    copyIfThere(join(repository.gitFolder, "info/sparse-checkout"), join(folder, "info/sparse-checkout")),
    copySharedIndex(repository.gitFolder, folder),
    copyIfThere(indexFile, join(folder, "index")),
  ]);
}

/**
 * Points HEAD at a commit, or, before the first commit, at its branch.
 */
export async function writeHead(
  target: string,
  head: { readonly headSha?: string; readonly branch?: string },
): Promise<void> {
  const text = head.headSha ?? `ref: refs/heads/${head.branch ?? "main"}`;
  await writeFile(join(target, ".git/HEAD"), `${text}\n`);
}

/** Copies the original's branches, tags and remote branches to a snapshot. */
export async function writeRefs(git: SnapshotGit, repository: Repository, target: string): Promise<void> {
  const output = await git.run({
    cwd: repository.top,
    args: ["for-each-ref", "--format=%(objectname) %(refname) %(symref)"],
  });
  const lines: string[] = [];
  const symbolic: [name: string, aim: string][] = [];
  for (const line of output.toString("utf8").split("\n")) {
    const [sha = "", name = "", aim = ""] = line.split(" ");
    if (name === "" || PRIVATE_REFS.test(name)) continue;
    if (aim === "") lines.push(`${sha} ${name}\n`);
    else symbolic.push([name, aim]);
  }
  await writeFile(join(target, ".git/packed-refs"), `# pack-refs with: sorted \n${lines.join("")}`);
  for (const [name, aim] of symbolic) {
    const path = join(target, ".git", name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `ref: ${aim}\n`);
  }
}

/** A path as the alternates file needs it: quoted where it would be ambiguous. */
function alternate(path: string): string {
  if (!/^[#"]|\n/.test(path)) return path;
  return `"${path.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}

async function copySharedIndex(from: string, to: string): Promise<void> {
  const names = await readdir(from);
  const shared = names.filter((name) => name.startsWith("sharedindex."));
  await Promise.all(shared.map((name) => copyIfThere(join(from, name), join(to, name))));
}

async function copyIfThere(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to);
  } catch (thrown) {
    if (errnoCode(thrown) !== "ENOENT") throw thrown;
  }
}
