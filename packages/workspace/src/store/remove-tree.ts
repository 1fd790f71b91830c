import { chmod, lstat, readdir, rm } from "node:fs/promises";
import { errnoCode, isAbsent } from "@loom/system";
import { joinRaw, pathBytes, rawPath, rawPathOf, type RawPath } from "../raw-path.ts";

/** Removes a folder with all its contents, even if jobs left read-only folders in it. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (thrown) {
    const code = errnoCode(thrown);
    // Not empty: another process is still writing or removing in it.
    if (code !== "EACCES" && code !== "EPERM" && code !== "ENOTEMPTY") throw thrown;
    await openFolders(rawPath(path));
    await rm(path, { recursive: true, force: true });
  }
}

async function openFolders(folder: RawPath): Promise<void> {
  try {
    const bytes = pathBytes(folder);
    const { mode } = await lstat(bytes);
    if ((mode & 0o700) !== 0o700) await chmod(bytes, 0o700);
    for (const entry of await readdir(bytes, { withFileTypes: true, encoding: "buffer" })) {
      if (entry.isDirectory()) await openFolders(joinRaw(folder, rawPathOf(entry.name)));
    }
  } catch (thrown) {
    // The removal that follows reports what belongs to another user.
    if (!isAbsent(thrown) && errnoCode(thrown) !== "EPERM" && errnoCode(thrown) !== "EACCES") throw thrown;
  }
}
