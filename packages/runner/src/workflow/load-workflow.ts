import { isUtf8 } from "node:buffer";
import { readFileSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { err, errorCode, ok, type EventError, type Result } from "@loom/core";
import {
  compileWorkflow,
  formatProblem,
  type CompiledWorkflow,
  type IncludeRefusal,
  type WorkflowProblem,
} from "@loom/workflow";
import { errnoCode, systemErrorReason } from "@loom/system";
import type { WorkflowLocation } from "./find-workflow.ts";
import { UNSUPPORTED_KEYS } from "./unsupported.ts";

/**
 * Compiles the workflow at a place.
 *
 * @param shownPath - What problems call the file.
 */
export function compileAt(
  location: WorkflowLocation,
  shownPath: string,
): Result<CompiledWorkflow, readonly WorkflowProblem[]> {
  let text: string | undefined;
  try {
    text = location.text ?? decode(readFileSync(location.workflowPath));
  } catch (cause) {
    if (errnoCode(cause) === undefined) throw cause;
    return err([problemOf(shownPath, `make this file readable: ${systemErrorReason(cause)}`)]);
  }
  if (text === undefined) return err([problemOf(shownPath, "save this file as UTF-8")]);
  return compileWorkflow({
    path: shownPath,
    text,
    readInclude: (path) => readInclude(location.repoRoot, path),
    unsupported: UNSUPPORTED_KEYS,
  });
}

/** The problems of a workflow as text for a person. */
export function describeProblems(problems: readonly WorkflowProblem[]): string {
  return problems.map((problem) => formatProblem(problem)).join("\n");
}

/** Compiles a workflow for a run: its problems are the reason why the run cannot start. */
export function compilePlaced(
  location: WorkflowLocation,
  shownPath: string,
): Result<CompiledWorkflow, EventError> {
  const compiled = compileAt(location, shownPath);
  if (compiled.ok) return ok(compiled.value);
  const code = errorCode(compiled.error[0]?.code ?? "WF_SCHEMA_V1");
  return err({ code, message: describeProblems(compiled.error) });
}

/** Reads an included file, wherever its symbolic links lead inside the repository, and nowhere else. */
function readInclude(repoRoot: string, path: string): Result<string, IncludeRefusal> {
  try {
    const real = realpathSync(join(repoRoot, path));
    if (!real.startsWith(realpathSync(repoRoot) + sep)) return err({ code: "outside_repo" });
    // Reading a pipe would wait for a writer.
    if (!statSync(real).isFile()) return err({ code: "unreadable", reason: "it is not a file" });
    const text = decode(readFileSync(real));
    return text === undefined ? err({ code: "unreadable", reason: "it is not UTF-8" }) : ok(text);
  } catch (cause) {
    if (errnoCode(cause) === "ENOENT") return err({ code: "not_found" });
    // A name that no system takes, as one with a NUL in it, has a code of Node.
    if (cause instanceof Error && "code" in cause)
      return err({ code: "unreadable", reason: systemErrorReason(cause) });
    throw cause;
  }
}

/** The text of a file as it is, its byte order mark included; undefined when it is not UTF-8. */
function decode(bytes: Buffer): string | undefined {
  return isUtf8(bytes) ? bytes.toString("utf8") : undefined;
}

/** What is wrong with a file as a whole. */
function problemOf(file: string, message: string): WorkflowProblem {
  return { code: "WF_YAML", file, line: 1, column: 1, startOffset: 0, endOffset: 0, path: "", message };
}
