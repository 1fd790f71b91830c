import { ok, type Result } from "@loom/core";
import type { ReadInclude, WorkflowProblem } from "@loom/workflow";
import type { WorkflowLocation } from "./find-workflow.ts";
import { digestOf, KeptWorkflows, type RunnableWorkflow } from "./kept-workflows.ts";
import { readInclude, readWorkflow } from "./read-workflow.ts";

/**
 * Compiles the workflow at a place, or takes it as it was compiled before if
 * none of its files has changed since: then neither a YAML parser nor the
 * schemas are loaded.
 *
 * @param shownPath - What problems call the file.
 * @param cacheHome - The user's folder for caches, in which compiled workflows are kept. Absolute.
 */
export async function compileOnce(
  location: WorkflowLocation,
  shownPath: string,
  cacheHome: string,
): Promise<Result<RunnableWorkflow, readonly WorkflowProblem[]>> {
  const include: ReadInclude = (path) => readInclude(location.repoRoot, path);
  const kept = new KeptWorkflows(cacheHome);
  const text = readText(location);
  const known = text === undefined ? undefined : kept.find({ text, shownPath, include });
  if (known !== undefined) return ok(known);
  const { compileAt } = await import("./load-workflow.ts");
  if (text === undefined) return compileAt(location, shownPath);
  const included = new Map<string, string>();
  // What is compiled is what was read here, even if the file has changed since.
  const compiled = compileAt({ ...location, text }, shownPath, (path) => {
    const read = include(path);
    if (read.ok) included.set(path, digestOf(read.value));
    return read;
  });
  if (compiled.ok) kept.keep({ text, shownPath, included }, compiled.value);
  return compiled;
}

/** `undefined` for a file that cannot be read: whoever compiles it says why. */
function readText(location: WorkflowLocation): string | undefined {
  try {
    return readWorkflow(location);
  } catch {
    return undefined;
  }
}
