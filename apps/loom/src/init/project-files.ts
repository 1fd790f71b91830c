import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** The files at the root of a project, as far as a starter workflow depends on them. */
export interface ProjectFiles {
  /** Whether there is a file of this name. */
  has(name: string): boolean;
  /** The text of a file; undefined where there is none or it cannot be read. */
  text(name: string): string | undefined;
  /** The first of the names that a file has and that git keeps: an ignored lock file is in no snapshot. */
  lockFile(names: readonly string[]): string | undefined;
}

/** Looks at the files of a folder. */
export function projectFiles(root: string): ProjectFiles {
  const has = (name: string): boolean => {
    try {
      return statSync(join(root, name)).isFile();
    } catch {
      return false;
    }
  };
  const text = (name: string): string | undefined => {
    // Reading a pipe would wait for a writer.
    if (!has(name)) return undefined;
    try {
      return readFileSync(join(root, name), "utf8");
    } catch {
      return undefined;
    }
  };
  const ignored = new Set(
    text(".gitignore")
      ?.split("\n")
      .map((line) => line.trim().replace(/^\//u, "")),
  );
  return { has, text, lockFile: (names) => names.find((name) => has(name) && !ignored.has(name)) };
}
