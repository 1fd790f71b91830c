import type { SourceMap, SourceNode } from "../source/source-node.ts";
import type { MatrixJob } from "./matrix-jobs.ts";

/** Those jobs of a matrix that have one of the wanted values of each variable. */
export function chosenJobs(jobs: readonly MatrixJob[], wanted: SourceMap | undefined): readonly MatrixJob[] {
  if (wanted === undefined) return jobs;
  const variables = [...wanted.entries].map(([name, { node }]) => [name, textsOf(node)] as const);
  return jobs.filter(({ values }) =>
    variables.every(([name, texts]) => {
      const value = values.entries.get(name)?.node;
      return value?.kind === "scalar" && texts.has(String(value.value));
    }),
  );
}

function textsOf(node: SourceNode): ReadonlySet<string> {
  const nodes = node.kind === "list" ? node.items : [node];
  return new Set(nodes.flatMap((each) => (each.kind === "scalar" ? [String(each.value)] : [])));
}
