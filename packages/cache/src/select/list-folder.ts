import { readdirSync, type Dirent } from "node:fs";
import { errnoCode } from "@loom/system";

/**
 * The entries of a folder, each name as bytes, in no particular order.
 *
 * @returns Nothing when the folder is gone, or no longer a folder.
 * @throws Other system errors.
 */
export function listFolder(path: string | Buffer): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true, encoding: "latin1" });
  } catch (error) {
    const code = errnoCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}
