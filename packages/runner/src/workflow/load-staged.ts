import { isAbsolute, relative } from "node:path";
import { err, ok, type EventError, type Result } from "@loom/core";
import type { Environment } from "@loom/system";
import type { ReadInclude } from "@loom/workflow";
import { readStaged } from "@loom/workspace/staged";
import type { WorkflowLocation } from "./find-workflow.ts";
import type { RunnableWorkflow } from "./kept-workflows.ts";
import { compileAt, problemsError } from "./load-workflow.ts";
import { decode } from "./read-workflow.ts";

/** Where every included file is. */
const TEMPLATES = ".loom/templates";

/** A workflow that was compiled as it is staged. */
export interface StagedWorkflow {
  /** Absent: the file itself is not staged, so nothing was compiled. */
  readonly workflow?: RunnableWorkflow;
}

/** Compiles the workflow at a place as it is staged, with what it includes, and makes no snapshot for it. */
export async function loadFromIndex(
  location: WorkflowLocation,
  shownPath: string,
  env: Environment,
): Promise<Result<StagedWorkflow, EventError>> {
  const { repoRoot, workflowPath } = location;
  const below = relative(repoRoot, workflowPath);
  const isOutside = location.text !== undefined || below.startsWith("..") || isAbsolute(below);
  const staged = await readStaged({
    projectFolder: repoRoot,
    env,
    indexFile: env["GIT_INDEX_FILE"],
    paths: isOutside ? [TEMPLATES] : [below, TEMPLATES],
  });
  if (!staged.ok) return err({ code: staged.error.code, message: staged.error.message });
  const files = staged.value;
  if (!isOutside && !files.has(below)) return ok({});
  const include: ReadInclude = (path) => {
    const bytes = files.get(path);
    if (bytes === undefined)
      return files.has(path)
        ? err({
            code: "unreadable",
            reason: "it is a symbolic link, which is not followed without a snapshot",
          })
        : err({ code: "not_found" });
    const text = decode(bytes);
    return text === undefined ? err({ code: "unreadable", reason: "it is not UTF-8" }) : ok(text);
  };
  const bytes = files.get(below);
  const text = isOutside || bytes === undefined ? undefined : decode(bytes);
  const compiled = compileAt({ ...location, ...(text !== undefined && { text }) }, shownPath, include);
  return compiled.ok ? ok({ workflow: compiled.value }) : err(problemsError(compiled.error));
}
