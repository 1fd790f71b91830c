import type { FactValue, LogEvent } from "./event.ts";
import type { GraphIr } from "./graph-ir.ts";
import { jobId } from "./ids.ts";
import { readGraph } from "./read-graph.ts";
import { planRun, type JobPlan, type OptionalPhases, type RunPlan } from "./run-plan.ts";

/**
 * What a reader needs to follow a run without its workflow, as facts of a `log`
 * record of the run's stream: the graph, and what the command line made of it.
 */
export function planFacts(graph: GraphIr, plan: RunPlan): Readonly<Record<string, FactValue>> {
  const phases = plan.jobs.flatMap((job) => {
    const facts = phaseFacts(job);
    return Object.keys(facts).length === 0 ? [] : [[job.jobId, facts] as const];
  });
  return {
    concurrency: plan.concurrency,
    fail_fast: plan.failFast,
    ...(plan.selected !== undefined && { selected: [...plan.selected] }),
    ...(phases.length > 0 && { optional_phases: Object.fromEntries(phases) }),
    graph_ir: graph as unknown as FactValue,
  };
}

/**
 * The plan that a record notes; weights are not part of it.
 *
 * @returns `undefined` for a record without `planFacts`, or with a graph that no run can have.
 */
export function planOfFacts(record: LogEvent): RunPlan | undefined {
  const { graph_ir: recorded, concurrency, fail_fast: failFast, selected, optional_phases: phases } = record;
  const graph = readGraph(recorded);
  if (graph === undefined) return undefined;
  const plan = planRun(graph, {
    concurrency: typeof concurrency === "number" ? concurrency : 1,
    failFast: failFast === true,
    optionalPhases: (node) => optionalPhases(fieldOf(phases, node.id)),
  });
  if (!Array.isArray(selected)) return plan;
  return { ...plan, selected: new Set(selected.map((name) => jobId(String(name)))) };
}

function phaseFacts(job: JobPlan): Record<string, FactValue> {
  return {
    ...(job.restoresCache && { restores_cache: true }),
    ...(job.restoresArtifacts && { restores_artifacts: true }),
    ...(job.savesArtifacts !== undefined && { saves_artifacts: job.savesArtifacts }),
    ...(job.savesCache !== undefined && { saves_cache: job.savesCache }),
  };
}

function optionalPhases(facts: unknown): OptionalPhases {
  const savesArtifacts = whenOf(fieldOf(facts, "saves_artifacts"));
  const savesCache = whenOf(fieldOf(facts, "saves_cache"));
  return {
    restoresCache: fieldOf(facts, "restores_cache") === true,
    restoresArtifacts: fieldOf(facts, "restores_artifacts") === true,
    ...(savesArtifacts !== undefined && { savesArtifacts }),
    ...(savesCache !== undefined && { savesCache }),
  };
}

function whenOf(word: unknown): JobPlan["when"] | undefined {
  return word === "on_success" || word === "on_failure" || word === "always" ? word : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
