import { join } from "node:path";
import { err, ok, type Result } from "@loom/core";
import { splitGitRecords } from "@loom/system";
import { nothingStaged, type WorkspaceOptions } from "../create-workspace.ts";
import { errorOf } from "../error-of.ts";
import { SnapshotGit } from "../git/git.ts";
import { locateIndex } from "../git/locate-index.ts";
import { LINK_MODE } from "../git/parse-index-entries.ts";
import { locateSource } from "../locate-source.ts";
import type { WorkspaceError } from "../workspace-error.ts";

/** Which staged files to read. */
export interface ReadStagedOptions extends Pick<WorkspaceOptions, "projectFolder" | "env" | "git"> {
  /** Value of `GIT_INDEX_FILE`, as for `createWorkspace`. */
  readonly indexFile?: string | undefined;
  /** Files, or folders with everything in them, relative to the project. */
  readonly paths: readonly string[];
}

/**
 * Reads the staged contents of files, without making a workspace. The repository is only read.
 *
 * @returns The bytes by path, relative to the project; `undefined` for a symbolic link. Paths that are not
 *   staged are absent.
 */
export async function readStaged(
  options: ReadStagedOptions,
): Promise<Result<ReadonlyMap<string, Buffer | undefined>, WorkspaceError>> {
  const { projectFolder, paths } = options;
  const git = new SnapshotGit({
    program: options.git ?? "git",
    env: options.env,
    signal: new AbortController().signal,
  });
  try {
    const { folder, below, repository } = await locateSource(git, projectFolder);
    if (repository === undefined) throw nothingStaged(folder);
    const cwd = join(folder, below);
    const env = { GIT_INDEX_FILE: locateIndex(repository, options.indexFile) };
    const args = ["--literal-pathspecs", "ls-files", "--stage", "-z", "--", ...paths];
    const files = new Map<string, Buffer | undefined>();
    for (const entry of splitGitRecords((await git.run({ cwd, args, env })).toString("utf8"))) {
      const [facts = "", path = ""] = entry.split("\t", 2);
      const [mode, sha = "", stage] = facts.split(" ");
      if (stage !== "0") continue;
      files.set(
        path,
        mode === LINK_MODE ? undefined : await git.run({ cwd, args: ["cat-file", "blob", sha], env }),
      );
    }
    return ok(files);
  } catch (thrown) {
    return err(errorOf(thrown, `read what is staged in "${projectFolder}"`));
  }
}
