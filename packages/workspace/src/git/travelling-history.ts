import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { err, ok, type Result } from "@loom/core";
import { errorOf } from "../error-of.ts";
import type { WorkspaceError } from "../workspace-error.ts";
import { SnapshotGit } from "./git.ts";

/** The commit of a workspace, and where it goes. */
export interface TravellingHistory {
  /** The caller's environment. Variables that tie git to one repository are dropped. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/**
 * Makes a folder that can be the `.git` of a workspace elsewhere: with the commit that is checked out here, and none before it.
 *
 * @param root - A workspace that is a repository. Absolute.
 * @param to - Absolute; is not there yet, and is removed when this fails.
 */
export async function exportHistory(
  root: string,
  to: string,
  { env, signal }: TravellingHistory,
): Promise<Result<undefined, WorkspaceError>> {
  const git = new SnapshotGit({ program: "git", env, signal });
  try {
    const head = (await git.run({ cwd: root, args: ["rev-parse", "HEAD"] })).toString("utf8").trim();
    await git.run({ cwd: root, args: ["init", "--quiet", "--bare", "--template=", to] });
    const { href } = pathToFileURL(root);
    await git.run({ cwd: to, args: ["fetch", "--quiet", "--depth=1", "--no-tags", href, "HEAD"] });
    writeFileSync(join(to, "HEAD"), `${head}\n`);
    rmSync(join(to, "FETCH_HEAD"), { force: true });
    await git.run({ cwd: to, args: ["config", "core.bare", "false"] });
    // So nobody there has to ask git: what differs from the commit is a change that is not staged.
    await git.run({ cwd: to, args: ["--git-dir", to, "read-tree", "HEAD"] });
    return ok(undefined);
  } catch (thrown) {
    rmSync(to, { recursive: true, force: true });
    return err(errorOf(thrown, `take along the commit of "${root}"`));
  }
}
