import { graphFault } from "./read-graph.ts";
import { nodeSteps, type GraphIr, type GraphNode, type GraphStep } from "./graph-ir.ts";

/**
 * Says why there can be no such plan; `undefined` when there can. The one
 * judgement of a plan: of one that is made, and of one that a run recorded.
 *
 * @param value - The graph, if it is one: it was read, or written by anybody.
 * @param jobs - Jobs that were asked for, by name.
 */
export function planFault(value: unknown, concurrency: number, jobs: readonly string[]): string | undefined {
  if (!isWhole(concurrency, 1)) return `concurrency is ${concurrency}, not a whole number of 1 or more`;
  const fault = graphFault(value);
  if (fault !== undefined) return fault;
  const { nodes } = value as GraphIr;
  for (const node of nodes) {
    const what = nodeFault(node);
    if (what !== undefined) return `job "${node.id}" has ${what}`;
  }
  const known = new Set(nodes.map(({ id }) => id));
  const unknown = jobs.find((job) => !known.has(job));
  return unknown === undefined ? undefined : `job "${unknown}" is not in the graph`;
}

function nodeFault(node: GraphNode): string | undefined {
  const { script, before_script: before = [], after_script: after = [], retry, timeout_ms: timeoutMs } = node;
  if (!Array.isArray(script) || script.length === 0) return "no steps";
  if (!Array.isArray(before) || !Array.isArray(after)) return "steps that are no list";
  if (retry !== undefined && (!isWhole(retry.max, 0) || !Array.isArray(retry.on)))
    return "a number of attempts that cannot be";
  if (!areStepOptions(node)) return "options of steps that cannot be";
  // Not `<= 0`: a limit of NaN would never be reached either.
  if (timeoutMs !== undefined && !(timeoutMs > 0)) return `a limit of ${timeoutMs} ms, which is not above 0`;
  return undefined;
}

/** Whether each of the options is of a step of the job, and can be meant. */
function areStepOptions(node: GraphNode): boolean {
  const { step_options: options = [] } = node;
  if (!Array.isArray(options)) return false;
  const count = nodeSteps({ ...node, step_options: [] }).length;
  return (options as readonly GraphStep[]).every(
    ({ step, timeout_ms: timeoutMs }) =>
      isWhole(step, 1) && step <= count && (timeoutMs === undefined || timeoutMs > 0),
  );
}

function isWhole(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}
