import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { isAbsent } from "@loom/system";
import { textPath, type RawPath } from "../raw-path.ts";
import { WorkspaceFault } from "../workspace-error.ts";
import { readRepository, type Repository } from "./read-repository.ts";
import type { SnapshotRequest } from "./snapshot-request.ts";

/** The nested repository at a path. `none`: no folder; `absent`: not checked out; `broken`: git cannot read it. */
export async function openInside(
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
