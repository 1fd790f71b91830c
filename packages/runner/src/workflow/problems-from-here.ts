import { join, relative } from "node:path";
import type { WorkflowProblem } from "@loom/workflow";
import type { WorkflowLocation } from "./find-workflow.ts";

/**
 * Names the files of problems from the folder that the user is in, so that
 * terminals and editors can open them. Included files are named by their
 * repository.
 *
 * @param place - `cwd` is what the main file is named from already.
 */
export function problemsFromHere(
  problems: readonly WorkflowProblem[],
  place: { readonly cwd: string; readonly location: WorkflowLocation },
): readonly WorkflowProblem[] {
  const { cwd, location } = place;
  const main = relative(cwd, location.workflowPath);
  return problems.map((problem) =>
    problem.file === main
      ? problem
      : { ...problem, file: relative(cwd, join(location.repoRoot, problem.file)) },
  );
}
