import { readFileSync } from "node:fs";
import { err, ok, type EventError, type Result } from "@loom/core";
import { compileWorkflow, formatProblem, type CompiledWorkflow, type WorkflowProblem } from "@loom/workflow";
import type { WorkflowLocation } from "../find-workflow.ts";

/**
 * Compiles the workflow at a place.
 *
 * @param shownPath - What problems call the file.
 */
export function compileAt(
  location: WorkflowLocation,
  shownPath: string,
): Result<CompiledWorkflow, readonly WorkflowProblem[]> {
  return compileWorkflow({ path: shownPath, text: readFileSync(location.workflowPath, "utf8") });
}

/** The problems of a workflow as text for a person. */
export function describeProblems(problems: readonly WorkflowProblem[]): string {
  return problems.map((problem) => formatProblem(problem)).join("\n");
}

/** Compiles a workflow for a run: its problems are the reason why the run cannot start. */
export function loadWorkflow(
  location: WorkflowLocation,
  shownPath: string,
): Result<CompiledWorkflow, EventError> {
  const compiled = compileAt(location, shownPath);
  if (compiled.ok) return ok(compiled.value);
  const code = compiled.error[0]?.code ?? "WF_SCHEMA_V1";
  return err({ code, message: describeProblems(compiled.error) });
}
