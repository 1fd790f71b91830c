import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Repository } from "./read-repository.ts";

/**
 * The index that holds what is staged in a repository.
 *
 * For `git commit FILE` and `git commit -a`, git makes an index of what would be committed, and names it to
 * hooks. A hook of one repository may start a run in another; then that index is ignored.
 *
 * @param named - Value of `GIT_INDEX_FILE`.
 * @returns Absolute path; the repository's own index by default.
 */
export function locateIndex({ top, gitFolder }: Repository, named = ""): string {
  const own = join(gitFolder, "index");
  if (named === "") return own;
  // Like git, which reads it from the top of the work tree.
  const path = resolve(top, named);
  const folder = dirname(path);
  const isForeign = folder !== gitFolder && existsSync(join(folder, "HEAD"));
  return isForeign || !existsSync(path) ? own : path;
}
