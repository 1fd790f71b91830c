import type { GraphNode } from "@loom/core";

/** A program and its arguments. */
export interface StepCommand {
  /** Its name, or its path. */
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * What runs a script of a job: `sh -ec -- SCRIPT` or, as the job says, `bash -eo pipefail -c -- SCRIPT`, or any program with the
 * script as its last argument.
 *
 * @param isTraced - Whether the shell prints each command before it runs it. A program that is neither `sh` nor `bash` cannot.
 */
export function stepCommand(
  { shell }: Pick<GraphNode, "shell">,
  script: string,
  isTraced: boolean,
): StepCommand {
  // `--`, because a script may begin with a dash.
  if (shell === undefined) return { program: "sh", args: [isTraced ? "-exc" : "-ec", "--", script] };
  if (shell === "bash")
    return { program: "bash", args: [isTraced ? "-exo" : "-eo", "pipefail", "-c", "--", script] };
  const [program = "sh", ...args] = shell;
  return { program, args: [...args, script] };
}
