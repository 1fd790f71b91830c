import type { JobDefinition } from "../schema/job-definition.ts";
import type { JobKeySchemas } from "../schema/job-keys.ts";
import { schemaProblems } from "../schema/schema-problems.ts";
import { isNull, plainValue, type SourceMap, type SourceNode } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";

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
 */
export function completeJobs(
  jobs: ReadonlyMap<string, SourceMap>,
  schemas: JobKeySchemas,
  problems: WorkflowProblem[],
): CompleteJob[] {
  const values = new Map<SourceNode, { readonly value: unknown; readonly valid: boolean }>();
  const complete: CompleteJob[] = [];
  for (const [name, source] of jobs) {
    const definition: Record<string, unknown> = {};
    for (const [key, { node }] of source.entries) {
      if (!isJobKey(key, schemas) || isNull(node)) continue;
      let judged = values.get(node);
      if (judged === undefined) {
        const found = schemaProblems(node, schemas[key], true);
        for (const problem of found) problems.push(problem);
        judged = { value: plainValue(node, true), valid: found.length === 0 };
        values.set(node, judged);
      }
      if (judged.valid) definition[key] = judged.value;
    }
    complete.push({ name, source, definition });
  }
  return complete;
}

function isJobKey(key: string, schemas: JobKeySchemas): key is keyof JobKeySchemas {
  return Object.hasOwn(schemas, key);
}
