import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/**
 * Absolute paths of the folders in which a repository has objects that are not its own: without them git finds no commit in a
 * snapshot. None for a folder that is no repository.
 *
 * Source: gitrepository-layout(5), `objects/info/alternates`.
 */
export function sharedObjects(workspaceRoot: string): string[] {
  try {
    const text = readFileSync(join(workspaceRoot, ".git/objects/info/alternates"), "utf8");
    return text.split("\n").filter((path) => isAbsolute(path));
  } catch {
    return [];
  }
}
