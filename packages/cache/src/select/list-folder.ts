import { readdirSync, type Dirent } from "node:fs";
import { errnoCode } from "@loom/system";

/**
 * What is in a folder, each name as its bytes, in no order.
 *
 * @returns Nothing when the folder is gone, or something else by now.
 * @throws What the system refuses otherwise.
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
