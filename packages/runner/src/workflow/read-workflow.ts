import { isUtf8 } from "node:buffer";
import { readFileSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { err, ok, type Result } from "@loom/core";
import { errnoCode, systemErrorReason } from "@loom/system";
import type { IncludeRefusal } from "@loom/workflow";
import type { WorkflowLocation } from "./find-workflow.ts";

/** Reads an included file, wherever its symbolic links lead inside the repository, and nowhere else. */
export function readInclude(repoRoot: string, path: string): Result<string, IncludeRefusal> {
  try {
    const real = realpathSync(join(repoRoot, path));
    if (!real.startsWith(realpathSync(repoRoot) + sep)) return err({ code: "outside_repo" });
    // Reading a pipe would wait for a writer.
    if (!statSync(real).isFile()) return err({ code: "unreadable", reason: "it is not a file" });
    const text = decode(readFileSync(real));
    return text === undefined ? err({ code: "unreadable", reason: "it is not UTF-8" }) : ok(text);
  } catch (cause) {
    if (errnoCode(cause) === "ENOENT") return err({ code: "not_found" });
    // A name that no system accepts, such as one with a NUL in it, has a Node code.
    if (cause instanceof Error && "code" in cause)
      return err({ code: "unreadable", reason: systemErrorReason(cause) });
    throw cause;
  }
}

/**
 * Reads the workflow at a place, its byte order mark included; `undefined` when it is not UTF-8.
 *
 * @throws The operating system's error.
 */
export function readWorkflow(location: WorkflowLocation): string | undefined {
  return location.text ?? decode(readFileSync(location.workflowPath));
}

/** The text of a file as it is, its byte order mark included; undefined when it is not UTF-8. */
export function decode(bytes: Buffer): string | undefined {
  return isUtf8(bytes) ? bytes.toString("utf8") : undefined;
}
