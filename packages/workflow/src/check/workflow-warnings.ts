import type { LoadedWorkflow } from "../include/load-workflow.ts";
import { isTemplate } from "../schema/name-patterns.ts";
import { problemAtKey } from "../source/problem-at.ts";
import { entryNode, isNull, type SourceNode } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import type { JobWithVariables } from "./check-variables.ts";
import { nameWarnings } from "./name-warnings.ts";
import { placeWarnings } from "./place-warnings.ts";
import { secretWarnings } from "./secret-warnings.ts";
import { stepWarnings } from "./step-warnings.ts";
import { unreachableServices } from "./unreachable-services.ts";
import { unsupportedKeys } from "./unsupported-keys.ts";

/** What the warnings need beside the files. */
export interface WarningOptions {
  /** The jobs that run, everything inherited. */
  readonly complete: readonly JobWithVariables[];
  /** What to say of job keys that whoever runs the workflow does not carry out. */
  readonly unsupported: Readonly<Record<string, string>>;
}

/** What a workflow may say but hardly means, in no order that matters. */
export function workflowWarnings(
  { main, jobs, roots }: LoadedWorkflow,
  { complete, unsupported }: WarningOptions,
): WorkflowProblem[] {
  const warnings: WorkflowProblem[] = [];
  if (main !== undefined && [...jobs.keys()].every(isTemplate)) {
    warnings.push(problemAtKey(main, "add a job: nothing in this workflow runs"));
  }
  const mappings: (SourceNode | undefined)[] = [];
  for (const root of roots) {
    mappings.push(entryNode(root, "variables"));
    for (const { node } of root.entries.values()) mappings.push(entryNode(node, "variables"));
  }
  return [
    ...warnings,
    ...idleNulls(mappings),
    ...unsupportedKeys(complete, unsupported),
    ...unreachableServices(complete),
    ...stepWarnings(complete),
    ...nameWarnings({ roots, jobs: complete }),
    ...placeWarnings(complete),
    ...secretWarnings(complete),
  ].map((warning) => ({ ...warning, severity: "warning" }));
}

/** Nulls under names that no mapping of variables gives a value: they remove nothing, and set nothing either. */
function idleNulls(mappings: readonly (SourceNode | undefined)[]): WorkflowProblem[] {
  const given = new Set<string>();
  const removed: [name: string, node: SourceNode][] = [];
  for (const mapping of mappings) {
    if (mapping?.kind !== "map") continue;
    for (const [name, { node }] of mapping.entries) {
      if (isNull(node)) removed.push([name, node]);
      else given.add(name);
    }
  }
  return removed
    .filter(([name]) => !given.has(name))
    .map(([name, node]) =>
      problemAtKey(
        node,
        `write ${name}: "" for an empty value: null removes a variable, and there is none to remove`,
      ),
    );
}
