import { lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { logsDirectory, receiptsDirectory, runtimeDirectory } from "@loom/artifacts";
import { err, ok, type Result } from "@loom/core";
import { systemErrorReason } from "@loom/system";
import type { Refusal } from "../answer/answer.ts";

/** The folder that a tool is asked about. Nothing outside it is read: every path goes through {@link inside}. */
export class WorkspaceRoot {
  /** Absolute, without links. */
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /**
   * @param path - Relative to `cwd`.
   * @returns Why there is no such folder.
   */
  static at(cwd: string, path: string): Result<WorkspaceRoot, Refusal> {
    const root = resolve(cwd, path);
    try {
      if (statSync(root).isDirectory()) return ok(new WorkspaceRoot(realpathSync(root)));
      return err({
        message: `Cannot use workspace_root "${root}": it is not a folder. Name the folder of the project`,
      });
    } catch (cause) {
      const reason = systemErrorReason(cause);
      return err({
        message: `Cannot use workspace_root "${root}": ${reason}. Name the folder of the project`,
      });
    }
  }

  /**
   * Where a path leads, links resolved.
   *
   * @param path - Relative to the workspace, or absolute.
   * @returns Absolute path of what is there; or that it leads out of the workspace, or to nothing.
   */
  inside(path: string): Result<string, Refusal> {
    const named = resolve(this.root, path);
    // Of what is plainly outside not even its being there is told.
    if (!this.#holds(named)) {
      const real = realPath(named);
      if (!real.ok || !this.#holds(real.value)) return err(this.#outside(path));
    }
    const real = realPath(named);
    if (!real.ok)
      return err({
        message: `Cannot read "${path}" in "${this.root}": ${real.error}. Name a file that is there`,
      });
    return this.#holds(real.value) ? real : err(this.#outside(path));
  }

  /**
   * Makes sure that the folders of all runs, if there are any, are of the workspace, with all that lies directly in them.
   *
   * @returns Whether there are any.
   */
  evidence(): Result<boolean, Refusal> {
    if (!isThere(runtimeDirectory(this.root))) return ok(false);
    const parts = [runtimeDirectory, logsDirectory, receiptsDirectory].map((part) => part(this.root));
    for (const folder of parts.filter(isThere)) {
      const found = this.inside(folder);
      if (!found.ok) return found;
      const links = this.#links(folder, false);
      if (!links.ok) return links;
    }
    return ok(true);
  }

  /** Makes sure that no link below a folder leads out of the workspace. */
  holdsAllOf(folder: string): Result<void, Refusal> {
    const found = this.inside(folder);
    return found.ok ? this.#links(found.value, true) : found;
  }

  #links(folder: string, recursive: boolean): Result<void, Refusal> {
    try {
      for (const entry of readdirSync(folder, { recursive, withFileTypes: true })) {
        if (!entry.isSymbolicLink()) continue;
        const found = this.inside(join(entry.parentPath, entry.name));
        if (!found.ok) return found;
      }
      return ok(undefined);
    } catch (cause) {
      return err({ message: `Cannot read "${folder}": ${systemErrorReason(cause)}. Make it readable` });
    }
  }

  #holds(path: string): boolean {
    return path === this.root || path.startsWith(this.root.endsWith(sep) ? this.root : `${this.root}${sep}`);
  }

  #outside(path: string): Refusal {
    const message = `Cannot read "${path}": it is outside workspace_root "${this.root}". Name a path inside it, or another workspace_root`;
    return { message };
  }
}

function realPath(path: string): Result<string, string> {
  try {
    return ok(realpathSync(path));
  } catch (cause) {
    return err(systemErrorReason(cause));
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
