import { mergeNodes, type MergeBudget } from "../inherit/merge-nodes.ts";
import { problemAtKey, problemAtNode } from "../source/problem-at.ts";
import { entryNode, isNull, plainValue, type SourceMap, type SourceNode } from "../source/source-node.ts";
import { expandVariables, type ExpansionError } from "../variables/expand-variables.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import type { CompleteJob } from "./complete-jobs.ts";
import { longSteps } from "./step-nodes.ts";

/** One job and the variables in effect for it. */
export interface JobWithVariables extends CompleteJob {
  /** The root `variables` with the job's own over them; undefined when there are none. */
  readonly variables: SourceMap | undefined;
}

/** Lays the root `variables` under those of every job. Jobs without any share one node. */
export function withRootVariables(
  jobs: readonly CompleteJob[],
  root: SourceNode | undefined,
  budget: MergeBudget,
): JobWithVariables[] {
  return jobs.map((job) => {
    const own = entryNode(job.source, "variables");
    const inEffect = own === undefined || isNull(own) ? root : mergeNodes(root, own, budget);
    return { ...job, variables: inEffect?.kind === "map" ? inEffect : undefined };
  });
}

/** Checks that variables can be expanded and that no secret bears the name of a variable. */
export function checkVariables(
  jobs: readonly JobWithVariables[],
  root: SourceNode | undefined,
  problems: WorkflowProblem[],
): void {
  const judged = new Set<SourceMap>();
  const judge = (variables: SourceMap): void => {
    if (judged.has(variables)) return;
    judged.add(variables);
    for (const problem of expansionProblems(variables)) problems.push(problem);
  };
  if (root?.kind === "map") judge(root);
  for (const { source, variables } of jobs) {
    const ofSteps = longSteps(source).flatMap((step) => {
      const own = entryNode(step, "variables");
      return own?.kind === "map" ? own : [];
    });
    const all = variables === undefined ? ofSteps : [variables, ...ofSteps];
    for (const each of all) judge(each);
    const secrets = entryNode(source, "secrets");
    if (secrets?.kind !== "map") continue;
    for (const [name, { node }] of secrets.entries) {
      const clash =
        !isNull(node) && all.some(({ entries }) => entries.has(name) && !isNull(entries.get(name)?.node));
      if (clash) problems.push(problemAtKey(node, `rename the secret ${name}: a variable has this name`));
    }
  }
}

function expansionProblems(variables: SourceMap): WorkflowProblem[] {
  const values: Record<string, string> = {};
  let mayRefer = false;
  for (const [name, value] of Object.entries(plainValue(variables, true) as Record<string, unknown>)) {
    if (typeof value !== "string") continue;
    values[name] = value;
    mayRefer ||= value.includes("$");
  }
  const expanded = mayRefer ? expandVariables(values) : undefined;
  if (expanded === undefined || expanded.ok) return [];
  return expanded.error.flatMap((error) => {
    const node = variables.entries.get(error.code === "cycle" ? (error.names[0] ?? "") : error.name)?.node;
    return node === undefined ? [] : problemAtNode(node, expansionFix(error));
  });
}

function expansionFix(error: ExpansionError): string {
  if (error.code === "too_long") return "shorten this value: what it refers to grows too long";
  const names = [...error.names, error.names[0] ?? ""].join(" -> ");
  return `resolve variable cycle by removing one reference: ${names}`;
}
