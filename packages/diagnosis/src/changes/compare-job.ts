import type { GraphIr, GraphNode, GraphVariable } from "@loom/core";

/** What changed in the workflow, seen from one job. */
export interface WorkflowChanges {
  /** `unknown`: one of the two runs has no graph; `new`: the job was not in the earlier one. */
  readonly status: "same" | "changed" | "new" | "unknown";
  /** Fields of the job that differ, `script` for example, in alphabetical order. */
  readonly fields: readonly string[];
  /** Variables whose values differ; the values are not told, they may be secret. */
  readonly variables: readonly string[];
  /** Other jobs that were added, removed or changed. */
  readonly otherJobs: number;
}

/** Compares a job in the graphs of two runs. */
export function compareJob(
  job: string,
  before: GraphIr | undefined,
  now: GraphIr | undefined,
): WorkflowChanges {
  if (before === undefined || now === undefined)
    return { status: "unknown", fields: [], variables: [], otherJobs: 0 };
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  const current = new Map(now.nodes.map((node) => [node.id, node]));
  const otherJobs = [...new Set([...old.keys(), ...current.keys()])].filter(
    (id) => id !== job && textOf(old.get(id)) !== textOf(current.get(id)),
  ).length;
  const then = old.get(job);
  const today = current.get(job);
  if (then === undefined || today === undefined)
    return { status: "new", fields: [], variables: [], otherJobs };
  const fields = changedFields(then, today);
  const variables = changedVariables(then, today);
  return { status: fields.length === 0 ? "same" : "changed", fields, variables, otherJobs };
}

function changedFields(then: GraphNode, today: GraphNode): readonly string[] {
  const names = new Set([...Object.keys(then), ...Object.keys(today)] as (keyof GraphNode)[]);
  return [...names].filter((name) => textOf(then[name]) !== textOf(today[name])).sort();
}

function changedVariables(then: GraphNode, today: GraphNode): readonly string[] {
  const before = valuesOf(then);
  const now = valuesOf(today);
  return [...new Set([...before.keys(), ...now.keys()])]
    .filter((key) => before.get(key) !== now.get(key))
    .sort();
}

/** What is read from disk may be anything. */
function valuesOf({ variables }: GraphNode): ReadonlyMap<string, string> {
  const entries: readonly unknown[] = Array.isArray(variables) ? variables : [];
  return new Map(
    entries.map((entry) => {
      const { key, value } = (entry ?? {}) as Partial<GraphVariable>;
      return [String(key), String(value)];
    }),
  );
}

function textOf(value: unknown): string {
  return JSON.stringify(value) ?? "";
}
