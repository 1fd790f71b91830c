import type { Carried } from "@loom/core";
import { problemAtNode } from "../source/problem-at.ts";
import { entryNode, type SourceMap, type SourceNode } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import { bashIdioms } from "./bash-idioms.ts";
import type { JobWithVariables } from "./check-variables.ts";
import { githubLeftovers } from "./github-leftovers.ts";
import { scanShell, type ShellText } from "./scan-shell.ts";
import { changesOnlyItsShell } from "./shell-state.ts";
import { STEP_LISTS, stepNodes } from "./step-nodes.ts";
import { isText, warningAt, type TextNode } from "./text-warning.ts";

/** What steps and variables say but hardly mean: they come from another shell, another tool, or end too early. */
export function stepWarnings(jobs: readonly JobWithVariables[]): WorkflowProblem[] {
  const warnings: WorkflowProblem[] = [];
  // What many jobs inherit is looked at once, which keeps the whole linear in the text.
  const seen = new Set<SourceNode>();
  for (const { source, definition, variables } of jobs) {
    const carried = new Set(definition.carry);
    const given: ReadonlySet<string> = new Set(variables?.entries.keys());
    const jobShell = shellOf(source, "sh");
    for (const key of STEP_LISTS) {
      const list = entryNode(source, key);
      if (list === undefined || seen.has(list)) continue;
      seen.add(list);
      const steps = stepNodes(source, key);
      for (const [index, { command: node, long }] of steps.entries()) {
        // Of before_script none is the last: the script follows.
        const isLast = key !== "before_script" && index === steps.length - 1;
        const shell = long === undefined ? jobShell : shellOf(long, jobShell);
        if (shell === undefined || !isText(node)) continue;
        const own = entryNode(long, "variables");
        const known = own?.kind === "map" ? new Set([...given, ...own.entries.keys()]) : given;
        warnings.push(...warningsOf(node, { given: known, carried, isLast, isBash: shell === "bash" }));
      }
    }
    if (variables === undefined || seen.has(variables)) continue;
    seen.add(variables);
    for (const { node } of variables.entries.values()) {
      if (!isText(node) || seen.has(node)) continue;
      seen.add(node);
      for (const finding of githubLeftovers(node.value, given)) warnings.push(warningAt(node, finding));
    }
  }
  return warnings;
}

/** What runs the steps of a job, or one of them; `undefined` for a program of which nothing is known. */
function shellOf(source: SourceMap, inherited: "sh" | "bash" | undefined): "sh" | "bash" | undefined {
  const shell = entryNode(source, "shell");
  if (shell === undefined) return inherited;
  if (shell.kind === "list") return undefined;
  return shell.kind === "scalar" && shell.value === "bash" ? "bash" : "sh";
}

function warningsOf(
  node: TextNode,
  {
    given,
    carried,
    isLast,
    isBash,
  }: {
    readonly given: ReadonlySet<string>;
    readonly carried: ReadonlySet<Carried>;
    readonly isLast: boolean;
    readonly isBash: boolean;
  },
): WorkflowProblem[] {
  const shell = scanShell(node.value);
  const found = githubLeftovers(shell.code, given).map((finding) => warningAt(node, finding));
  if (isCutByComment(node, shell)) {
    found.push(problemAtNode(node, "put this command in quotes: the rest, from # on, is a YAML comment"));
    return found;
  }
  const program = interpreterOf(node.value);
  if (program !== undefined && !(isBash && program === "bash")) {
    const message = `steps are run by ${isBash ? "bash" : "sh"}: put this into a separate file and run that: the #! line does not make a step run by ${program}`;
    const end = node.value.indexOf("\n");
    found.push(warningAt(node, { start: 0, length: end === -1 ? node.value.length : end, message }));
    return found;
  }
  for (const finding of isBash ? [] : bashIdioms(shell)) found.push(warningAt(node, finding));
  if (!isLast && changesOnlyItsShell(shell, { carried, exported: given })) {
    found.push(
      problemAtNode(
        node,
        "join this step with the next one: each has its own shell, and its effect ends with it",
      ),
    );
  }
  return found;
}

/** The program that a step's first line names, unless it is the shell that runs steps. */
function interpreterOf(text: string): string | undefined {
  const [, path = "", argument] = /^#![ \t]*(\S+)(?:[ \t]+(?:-S[ \t]+)?(\S+))?/.exec(text) ?? [];
  const named = path.slice(path.lastIndexOf("/") + 1);
  const program = named === "env" ? argument : named;
  return program === "" || program === "sh" || program === "dash" ? undefined : program;
}

/**
 * Whether YAML took the rest of a command for a comment. It mostly is one: a
 * quote that stays open or a number (`#12`) tells that it is not.
 */
function isCutByComment(node: TextNode, { open }: ShellText): boolean {
  const { file, start, end } = node;
  if (/^['"|>]/.test(file.text.charAt(start))) return false;
  const rest = /^[ \t]+#(\d?)/.exec(file.text.slice(end, end + 80));
  return rest !== null && (open || rest[1] !== "");
}
