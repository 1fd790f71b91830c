import { lstatSync } from "node:fs";
import { dirname } from "node:path";
import { err, ok, type Result } from "@loom/core";
import { makeDirectories, placeFile, replaceFile, systemErrorReason } from "@loom/system";
import { EXIT_CODE } from "./exit-code.ts";

/** Why something was not written, and what the program ends with. */
export interface NotWritten {
  readonly exitCode: number;
  readonly message: string;
}

/** What became of a workflow to write: `taken` when there is a file already, which stays as it is. */
export type WrittenWorkflow = "written" | "taken";

/**
 * Writes a workflow, and makes its folder.
 *
 * @param path - Absolute.
 */
export function writeWorkflow(
  path: string,
  text: string,
  { force = false, shown }: { readonly force?: boolean; readonly shown: (path: string) => string },
): Result<WrittenWorkflow, NotWritten> {
  const folder = dirname(path);
  try {
    const there = lstatSync(folder, { throwIfNoEntry: false });
    // A clone can bring a link along that leads anywhere.
    if (there !== undefined && !there.isDirectory()) {
      const message = `Cannot write "${shown(path)}": "${shown(folder)}" is not a folder. Move it away`;
      return err({ exitCode: EXIT_CODE.usage, message });
    }
    makeDirectories(folder);
    if (!force) return ok(placeFile(path, text) ? "written" : "taken");
    replaceFile(path, text);
    return ok("written");
  } catch (cause) {
    return err(notWritten(shown(path), cause));
  }
}

/** @param path - As it is shown. */
export function notWritten(path: string, cause: unknown): NotWritten {
  return { exitCode: EXIT_CODE.failure, message: `Cannot write "${path}": ${systemErrorReason(cause)}` };
}
