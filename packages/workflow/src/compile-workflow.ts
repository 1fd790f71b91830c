import { err, ok, type GraphIr, type Result } from "@loom/core";
import { checkNeeds } from "./check/check-needs.ts";
import { checkRunnable, readStages } from "./check/check-stages.ts";
import { completeJobs, type CompleteJob } from "./check/complete-jobs.ts";
import { buildGraph } from "./graph/build-graph.ts";
import { mergeBudget } from "./inherit/merge-nodes.ts";
import { resolveJobs } from "./inherit/resolve-jobs.ts";
import type { Variables } from "./schema/job-definition.ts";
import { isTemplate } from "./schema/name-patterns.ts";
import { workflowSchemas } from "./schema/workflow-schema.ts";
import { loadWorkflow, type LoadedWorkflow } from "./include/load-workflow.ts";
import type { ReadInclude } from "./include/read-include.ts";
import { sortProblems } from "./source/problem-at.ts";
import { entryNode, plainValue } from "./source/source-node.ts";
import type { WorkflowProblem } from "./workflow-problem.ts";

/** One workflow file, and the way to the files it includes. */
export interface WorkflowSource {
  /** What problems call the file; nothing is read from it. */
  readonly path: string;
  readonly text: string;
  /** Absent: every `include` is a problem. */
  readonly readInclude?: ReadInclude;
}

/** A workflow without problems. */
export interface CompiledWorkflow {
  readonly graph: GraphIr;
  /** The root `variables`, not expanded; what conditions can see besides the predefined ones. */
  readonly variables: Variables;
}

/**
 * Compiles a workflow.
 *
 * Pure and linear in the size of its files; the same text gives the same graph.
 *
 * @returns Every problem of every file, sorted by place, when there are any.
 */
export function compileWorkflow(source: WorkflowSource): Result<CompiledWorkflow, readonly WorkflowProblem[]> {
  const loaded = loadWorkflow(source);
  const problems = [...loaded.problems];
  const compiled = loaded.main === undefined ? undefined : compileLoaded(loaded, problems);
  if (problems.length > 0 || compiled === undefined) return err(sortProblems(problems, loaded.files));
  return ok(compiled);
}

function compileLoaded(loaded: LoadedWorkflow, problems: WorkflowProblem[]): CompiledWorkflow | undefined {
  const budget = mergeBudget();
  const resolved = resolveJobs(loaded.jobs, loaded.defaults, budget);
  problems.push(...resolved.problems);
  const stageList = entryNode(loaded.main, "stages");
  const stages = stageList?.kind === "list" ? readStages(stageList, problems) : undefined;
  const complete = completeJobs(withoutTemplates(resolved.jobs), workflowSchemas().jobKeys, problems);
  checkRunnable(complete, stages, problems);
  const names = [...loaded.jobs.keys()];
  const templates = new Set(names.filter(isTemplate));
  const runnable = new Set(names.filter((name) => !isTemplate(name)));
  checkNeeds(complete, { runnable, templates, stages }, problems);
  if (problems.length > 0) return undefined;
  return assemble(loaded, { complete, stages: stages === undefined ? [] : [...stages.keys()], budget }, problems);
}

interface Parts {
  readonly complete: readonly CompleteJob[];
  readonly stages: readonly string[];
  readonly budget: ReturnType<typeof mergeBudget>;
}

function assemble(
  { variables }: LoadedWorkflow,
  { complete, stages, budget }: Parts,
  problems: WorkflowProblem[],
): CompiledWorkflow | undefined {
  const graph = buildGraph({ stages, jobs: complete, variables, budget });
  if ("message" in graph) {
    problems.push(graph);
    return undefined;
  }
  return { graph, variables: variables === undefined ? {} : { ...(plainValue(variables, true) as Variables) } };
}

function withoutTemplates<T>(jobs: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...jobs].filter(([name]) => !isTemplate(name)));
}
