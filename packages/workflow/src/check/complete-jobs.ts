import type { JobDefinition } from "../schema/job-definition.ts";
import { jobKeySchemas } from "../schema/job-keys.ts";
import { schemaOf } from "../schema/lazy-schemas.ts";
import { isNull, type SourceMap, type SourceNode } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import { judgeValue, type Judgement } from "./judge-value.ts";

/** One job after inheritance: where its keys were written, and what they hold. */
export interface CompleteJob {
  readonly name: string;
  readonly source: SourceMap;
  /** Only keys that are as the schema wants them. */
  readonly definition: JobDefinition;
}

/**
 * Judges jobs key by key after inheritance.
 *
 * A value that several jobs inherit is judged and turned into plain data once,
 * which keeps the whole linear in the text.
 *
 * @param judgements - What is known already; what is found is added.
 */
export function completeJobs(
  jobs: ReadonlyMap<string, SourceMap>,
  judgements: Map<SourceNode, Judgement>,
  problems: WorkflowProblem[],
): CompleteJob[] {
  const schemas = jobKeySchemas("complete");
  const complete: CompleteJob[] = [];
  for (const [name, source] of jobs) {
    const definition: Record<string, unknown> = {};
    for (const [key, { node }] of source.entries) {
      const schema = schemaOf(schemas, key);
      if (schema === undefined || isNull(node)) continue;
      let judgement = judgements.get(node);
      if (judgement === undefined) {
        judgement = judgeValue(node, { schema, dropNulls: true }, problems);
        judgements.set(node, judgement);
      }
      if (judgement.valid) definition[key] = judgement.value;
    }
    complete.push({ name, source, definition });
  }
  return complete;
}
