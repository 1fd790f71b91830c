import { jobsByName, type GraphNode } from "@loom/core";
import { nearestName } from "@loom/workflow/run";

/** Names in a message; the rest is counted. */
const MAX_NAMED = 20;

/** Says which of the requested jobs is not in a workflow; `undefined` when all are. The name of a matrix means its jobs. */
export function unknownJob(
  asked: readonly string[],
  nodes: readonly Pick<GraphNode, "id" | "matrix">[],
): string | undefined {
  if (asked.length === 0) return undefined;
  const jobs = jobsByName(nodes);
  const unknown = asked.find((name) => !jobs.has(name));
  if (unknown === undefined) return undefined;
  return `Cannot run job "${unknown}": the workflow has no such job. ${jobsInstead(unknown, [...jobs.keys()])}`;
}

/** The end of a message about an unknown job name: the nearest job, or the existing jobs. */
export function jobsInstead(name: string, jobs: readonly string[]): string {
  const near = nearestName(name, jobs);
  if (near !== undefined) return `Did you mean ${near}?`;
  if (jobs.length === 0) return "It has no jobs";
  const more = jobs.length > MAX_NAMED ? ` and ${jobs.length - MAX_NAMED} more` : "";
  return `Its jobs are ${jobs.slice(0, MAX_NAMED).join(", ")}${more}`;
}
