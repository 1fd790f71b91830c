import { nodeSteps, type EventError, type GraphNode } from "@loom/core";
import type { StepSpec } from "./provider.ts";

/** What runs a step: what it names itself, or else what its job does. */
export function shellOf(
  { shell }: Pick<GraphNode, "shell">,
  step: Pick<StepSpec, "shell">,
): Pick<StepSpec, "shell"> {
  return step.shell === undefined ? (shell === undefined ? {} : { shell }) : { shell: step.shell };
}

/** The programs that a job needs to run its steps, each once, and who names it: the job or the first such step. */
export function stepPrograms(
  node: GraphNode,
): readonly { readonly program: string; readonly whose: string }[] {
  const found = new Map<string, string>();
  const own = stepCommand(node, "", false).program;
  const steps = nodeSteps(node);
  const usesOwn = steps.some(({ options }) => options?.shell === undefined);
  if (usesOwn) found.set(own, "the job");
  for (const [index, { options }] of steps.entries()) {
    if (options?.shell === undefined) continue;
    const { program } = stepCommand({ shell: options.shell }, "", false);
    if (!found.has(program)) found.set(program, `step ${index + 1}`);
  }
  return [...found].map(([program, whose]) => ({ program, whose }));
}

/** A program and its arguments. */
export interface StepCommand {
  /** Its name, or its path. */
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * What runs a script of a job or of a step with a shell of its own: `sh -ec -- SCRIPT` or, as the job says, `bash -eo pipefail -c -- SCRIPT`, or any program with the
 * script as its last argument.
 *
 * @param isTraced - Whether the shell prints each command before it runs it. A program that is neither `sh` nor `bash` cannot.
 */
export function stepCommand(
  { shell }: Pick<StepSpec, "shell">,
  script: string,
  isTraced: boolean,
): StepCommand {
  // `--`, because a script may begin with a dash.
  if (shell === undefined || shell === "sh")
    return { program: "sh", args: [isTraced ? "-exc" : "-ec", "--", script] };
  if (shell === "bash")
    return { program: "bash", args: [isTraced ? "-exo" : "-eo", "pipefail", "-c", "--", script] };
  const [program = "sh", ...args] = shell;
  return { program, args: [...args, script] };
}

/** Why a step was not started whose `dir` is not there. */
export function missingStepFolder(path: string): EventError {
  return {
    code: "workspace_missing",
    message: `There is no folder ${path}, which the step names as its dir`,
  };
}
