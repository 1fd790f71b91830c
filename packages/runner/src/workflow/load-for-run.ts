import { err, ok, type EventError, type Result } from "@loom/core";
import { compileOnce } from "./compile-once.ts";
import type { WorkflowLocation } from "./find-workflow.ts";
import type { RunnableWorkflow } from "./kept-workflows.ts";
import { loadPart } from "./load-part.ts";

/** Loads the workflow at a place for a run: see {@link compileOnce}. */
export async function loadForRun(
  location: WorkflowLocation,
  shownPath: string,
  cacheHome: string,
): Promise<Result<RunnableWorkflow, EventError>> {
  const compiled = await loadPart("compiles a workflow", () => compileOnce(location, shownPath, cacheHome));
  if (!compiled.ok) return compiled;
  if (compiled.value.ok) return ok(compiled.value.value);
  const { problemsError } = await import("./load-workflow.ts");
  return err(problemsError(compiled.value.error));
}
