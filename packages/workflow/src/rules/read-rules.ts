import type { CompleteJob } from "../check/complete-jobs.ts";
import { longSteps } from "../check/step-nodes.ts";
import { problemAt, problemAtNode } from "../source/problem-at.ts";
import { scalarOffset } from "../source/scalar-offset.ts";
import {
  entryNode,
  pointerOf,
  type SourceMap,
  type SourceNode,
  type SourceScalar,
} from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import type { ConditionError } from "./condition.ts";
import type { WorkflowRule } from "./decide-rules.ts";
import { parseCondition } from "./parse-condition.ts";

/**
 * The rules of a workflow, in order; undefined when it has none.
 *
 * Problems are those of the conditions, each pointing into its condition; what
 * the schema refuses is passed over.
 */
export function readRules(main: SourceMap, problems: WorkflowProblem[]): readonly WorkflowRule[] | undefined {
  const list = entryNode(entryNode(main, "workflow"), "rules");
  if (list?.kind !== "list") return undefined;
  const rules: WorkflowRule[] = [];
  for (const item of list.items) {
    const written = entryNode(item, "if");
    if (written?.kind !== "scalar" || typeof written.value !== "string") continue;
    const condition = parseCondition(written.value);
    if (condition.ok) {
      const when = entryNode(item, "when");
      const never = when?.kind === "scalar" && when.value === "never";
      rules.push({ if: written.value, condition: condition.value, when: never ? "never" : "always" });
    } else problems.push(conditionProblem(written, condition.error));
  }
  return rules;
}

/** Reports what is wrong with the conditions of jobs and of their steps, each once, however many jobs inherit it. */
export function checkJobRules(jobs: readonly CompleteJob[], problems: WorkflowProblem[]): void {
  const seen = new Set<SourceNode>();
  for (const { source } of jobs) {
    for (const item of [...rulesOf(source), ...longSteps(source)]) {
      if (seen.has(item)) continue;
      seen.add(item);
      const written = entryNode(item, "if");
      if (written?.kind !== "scalar" || typeof written.value !== "string") continue;
      const condition = parseCondition(written.value);
      if (!condition.ok) problems.push(conditionProblem(written, condition.error));
    }
  }
}

function rulesOf(job: SourceMap): readonly SourceNode[] {
  const list = entryNode(job, "rules");
  return list?.kind === "list" ? list.items : [];
}

function conditionProblem(written: SourceScalar, error: ConditionError): WorkflowProblem {
  const start = scalarOffset(written, error.start);
  const end = scalarOffset(written, error.end);
  if (start === undefined || end === undefined) return problemAtNode(written, error.message);
  return problemAt(
    "WF_SCHEMA_V1",
    { file: written.file, start, end },
    { path: pointerOf(written), message: error.message },
  );
}
