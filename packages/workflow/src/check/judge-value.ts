import type * as z from "zod/mini";
import { schemaProblems } from "../schema/schema-problems.ts";
import { plainValue, type SourceNode } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";

/** What is known of the value at a node. */
export interface Judgement {
  readonly value: unknown;
  readonly valid: boolean;
}

/** Judges the value at a node; keys of mappings that hold null count as not there when `dropNulls` is set. */
export function judgeValue(
  node: SourceNode,
  { schema, dropNulls }: { readonly schema: z.ZodMiniType; readonly dropNulls: boolean },
  problems: WorkflowProblem[],
): Judgement {
  const value = plainValue(node, dropNulls);
  return { value, valid: schemaProblems(node, { value, schema }, problems) };
}
