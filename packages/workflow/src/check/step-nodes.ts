import { entryNode, type SourceMap, type SourceNode } from "../source/source-node.ts";

/** The lists of a job that hold steps. */
export const STEP_LISTS = ["before_script", "script", "after_script"] as const;

/** Where a step was written. */
export interface StepNode {
  /** Its command. */
  readonly command: SourceNode;
  /** The whole step, where it says more than its command. */
  readonly long?: SourceMap;
}

/** The steps of one list of a job. */
export function stepNodes(source: SourceMap, list: (typeof STEP_LISTS)[number]): readonly StepNode[] {
  const steps = entryNode(source, list);
  if (steps?.kind !== "list") return [];
  return steps.items.map((item) =>
    item.kind === "map" ? { command: entryNode(item, "run") ?? item, long: item } : { command: item },
  );
}

/** The steps of a job that say more than their commands. */
export function longSteps(source: SourceMap): readonly SourceMap[] {
  return STEP_LISTS.flatMap((list) => stepNodes(source, list).flatMap(({ long }) => long ?? []));
}
