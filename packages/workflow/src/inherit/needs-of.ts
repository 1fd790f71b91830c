import { entryNode, type SourceMap, type SourceNode } from "../source/source-node.ts";

/** One entry of a job's `needs`. */
export interface Need {
  readonly name: string;
  /** Where the name stands. */
  readonly node: SourceNode;
  /** Whether it is no need where there is no such job. */
  readonly optional: boolean;
  /** Whether the artifacts of the job are wanted. */
  readonly artifacts: boolean;
  /** Variables and the values that the jobs of a matrix must have; absent: all of them are needed. */
  readonly values: SourceMap | undefined;
}

/** What a job needs, as written. Values that name no job are left out. */
export function needsOf(job: SourceMap): Need[] {
  const list = entryNode(job, "needs");
  if (list?.kind !== "list") return [];
  return list.items.flatMap((item) => {
    const node = item.kind === "map" ? entryNode(item, "job") : item;
    if (node?.kind !== "scalar" || typeof node.value !== "string" || node.value.trim() === "") return [];
    const values = entryNode(item, "matrix");
    return {
      name: node.value,
      node,
      optional: isSet(item, "optional", true),
      artifacts: !isSet(item, "artifacts", false),
      values: values?.kind === "map" ? values : undefined,
    };
  });
}

function isSet(item: SourceNode, key: string, value: boolean): boolean {
  const node = entryNode(item, key);
  return node?.kind === "scalar" && node.value === value;
}
