import { readFileSync } from "node:fs";
import { err, errorCode, jobsByName, type EventError, type Result } from "@loom/core";
import {
  compileWorkflow,
  formatProblem,
  type CompiledWorkflow,
  type ReadInclude,
  type WorkflowProblem,
} from "@loom/workflow";
import { errnoCode, systemErrorReason } from "@loom/system";
import type { WorkflowLocation } from "./find-workflow.ts";
import { readInclude, readWorkflow } from "./read-workflow.ts";

/**
 * Compiles the workflow at a place.
 *
 * @param shownPath - What problems call the file.
 * @param include - Reads an included file. Default: from the repository of the place.
 */
export function compileAt(
  location: WorkflowLocation,
  shownPath: string,
  include: ReadInclude = (path) => readInclude(location.repoRoot, path),
): Result<CompiledWorkflow, readonly WorkflowProblem[]> {
  let text: string | undefined;
  try {
    text = readWorkflow(location);
  } catch (cause) {
    if (errnoCode(cause) === undefined) throw cause;
    return err([problemOf(shownPath, `make this file readable: ${systemErrorReason(cause)}`)]);
  }
  if (text === undefined) return err([notUtf8(shownPath, readFileSync(location.workflowPath))]);
  return compileWorkflow({
    path: shownPath,
    text,
    readInclude: include,
  });
}

/** The problems of a workflow as text for a person; the first hundred, and how many more there are. */
export function describeProblems(problems: readonly WorkflowProblem[]): string {
  const shown = problems.slice(0, SHOWN).map((problem) => formatProblem(problem));
  const more = problems.length - shown.length;
  if (more > 0) shown.push(`… and ${more} more: loom check --json has all`);
  return shown.join("\n");
}

/** More problems than one mends in one go; with thousands, nobody would find the first. */
const SHOWN = 100;

/** Why a run of a workflow with these problems cannot start. */
export function problemsError(problems: readonly WorkflowProblem[]): EventError {
  return {
    code: errorCode(problems[0]?.code ?? "WF_SCHEMA_V1"),
    message: describeProblems(problems),
  };
}

/** Points at the first byte that is not UTF-8. */
function notUtf8(file: string, bytes: Buffer): WorkflowProblem {
  const text = bytes.toString("utf8");
  let [at, offset, from] = [text.indexOf("\uFFFD"), 0, 0];
  for (; at !== -1; at = text.indexOf("\uFFFD", at + 1)) {
    offset += Buffer.byteLength(text.slice(from, at));
    // One that the file really holds.
    if (!bytes.subarray(offset, offset + 3).equals(REPLACEMENT)) break;
    from = at;
  }
  const before = text.slice(0, Math.max(0, at));
  const line = before.split("\n").length;
  const column = before.length - before.lastIndexOf("\n");
  const problem = problemOf(file, "save this file as UTF-8");
  return { ...problem, line, column, startOffset: before.length, endOffset: before.length + 1 };
}

const REPLACEMENT = Buffer.from("\uFFFD");

/** What is wrong with a file as a whole. */
function problemOf(file: string, message: string): WorkflowProblem {
  return { code: "WF_YAML", file, line: 1, column: 1, startOffset: 0, endOffset: 0, path: "", message };
}

/** The jobs of a workflow, and the names that mean all jobs of a matrix; undefined when it does not compile, which is not reported here. */
export function jobNames(location: WorkflowLocation): readonly string[] | undefined {
  const compiled = compileAt(location, location.workflowPath);
  return compiled.ok ? [...jobsByName(compiled.value.graph.nodes).keys()] : undefined;
}
