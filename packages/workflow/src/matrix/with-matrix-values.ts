import type { JobWithVariables } from "../check/check-variables.ts";
import { mergeNodes, type MergeBudget } from "../inherit/merge-nodes.ts";
import { entryNode, type SourceEntry, type SourceMap } from "../source/source-node.ts";
import { layerValue } from "../variables/layer-value.ts";
import type { Matrices, MatrixJob } from "./matrix-jobs.ts";

/** A job as it runs. */
export interface RunnableJob extends JobWithVariables {
  /** Which of the jobs of a matrix it is; absent for a job without one. */
  readonly matrix?: { readonly job: string; readonly values: SourceMap };
}

/** Puts the jobs that a matrix makes in place of the job that has it, each with its values above the other variables. */
export function withMatrixValues(
  jobs: readonly JobWithVariables[],
  { jobsOf }: Matrices,
  budget: MergeBudget,
): RunnableJob[] {
  return jobs.flatMap((job): RunnableJob[] => {
    const made = jobsOf.get(job.name);
    return made === undefined ? [job] : made.map((one) => matrixJob(job, one, budget));
  });
}

function matrixJob(job: JobWithVariables, { id, values }: MatrixJob, budget: MergeBudget): RunnableJob {
  const entries = new Map(job.source.entries);
  const matrix = entries.get("matrix");
  if (matrix !== undefined) entries.set("matrix", { ...matrix, node: values });
  const variables = mergeNodes(job.variables, overWeaker(values, job.variables), budget);
  return {
    ...job,
    name: id,
    source: { ...job.source, entries },
    variables: variables.kind === "map" ? variables : undefined,
    matrix: { job: job.name, values },
  };
}

/** The values, with the weaker one in place of the own name of a variable. */
function overWeaker(values: SourceMap, variables: SourceMap | undefined): SourceMap {
  const entries = new Map<string, SourceEntry>();
  for (const [name, entry] of values.entries) {
    const { node } = entry;
    const weaker = entryNode(variables, name);
    const refers = node.kind === "scalar" && String(node.value).includes("$");
    if (!refers || weaker?.kind !== "scalar" || typeof weaker.value !== "string") entries.set(name, entry);
    else
      entries.set(name, {
        ...entry,
        node: { ...node, value: layerValue(name, String(node.value), weaker.value) },
      });
  }
  return { ...values, entries };
}
