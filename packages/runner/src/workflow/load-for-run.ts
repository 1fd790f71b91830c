import { ok, type EventError, type Result } from "@loom/core";
import type { ReadInclude } from "@loom/workflow";
import type { WorkflowLocation } from "./find-workflow.ts";
import { digestOf, KeptWorkflows, type RunnableWorkflow } from "./kept-workflows.ts";
import { loadPart } from "./load-part.ts";
import { readInclude, readWorkflow } from "./read-workflow.ts";

/**
 * Loads the workflow at a place for a run: as it was compiled before, if none of its files has changed since, for then
 * neither a YAML parser nor the schemas need to be loaded.
 *
 * @param shownPath - What problems call the file.
 * @param cacheHome - The user's folder for caches, in which compiled workflows are kept. Absolute.
 */
export async function loadForRun(
  location: WorkflowLocation,
  shownPath: string,
  cacheHome: string,
): Promise<Result<RunnableWorkflow, EventError>> {
  const include: ReadInclude = (path) => readInclude(location.repoRoot, path);
  const kept = new KeptWorkflows(cacheHome);
  const text = readText(location);
  const known = text === undefined ? undefined : kept.find({ text, shownPath, include });
  if (known !== undefined) return ok(known);
  const compiler = await loadPart("compiles a workflow", async () => import("./load-workflow.ts"));
  if (!compiler.ok) return compiler;
  const { compilePlaced } = compiler.value;
  if (text === undefined) return compilePlaced(location, shownPath);
  const included = new Map<string, string>();
  // What is compiled is what was read here, even if the file has changed since.
  const compiled = compilePlaced({ ...location, text }, shownPath, (path) => {
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
