import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Every file below a directory with its text, and every empty directory, by path. */
export function readTree(directory: string, prefix = ""): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const name of readdirSync(directory).sort()) {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) {
      const below = readTree(path, `${prefix}${name}/`);
      if (Object.keys(below).length === 0) tree[`${prefix}${name}/`] = "";
      Object.assign(tree, below);
    } else {
      tree[`${prefix}${name}`] = readFileSync(path, "utf8");
    }
  }
  return tree;
}

/** The paths below a directory. */
export function listTree(directory: string): string[] {
  return Object.keys(readTree(directory));
}
