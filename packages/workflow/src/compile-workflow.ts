import { err, ok, type GraphIr, type Result } from "@loom/core";
import { checkCarry } from "./check/check-carry.ts";
import { checkExpanded } from "./check/check-expanded.ts";
import { checkNeeds } from "./check/check-needs.ts";
import { checkRunnable, readStages } from "./check/check-stages.ts";
import { checkVariables, withRootVariables } from "./check/check-variables.ts";
import { completeJobs } from "./check/complete-jobs.ts";
import { workflowWarnings } from "./check/workflow-warnings.ts";
import { buildGraph, TOO_LARGE_FIX } from "./graph/build-graph.ts";
import { mergeBudget } from "./inherit/merge-nodes.ts";
import { resolveJobs } from "./inherit/resolve-jobs.ts";
import type { Variables } from "./schema/job-definition.ts";
import { isTemplate } from "./schema/name-patterns.ts";
import { loadWorkflow, type LoadedWorkflow } from "./include/load-workflow.ts";
import type { ReadInclude } from "./include/read-include.ts";
import { jobPlaces, type JobPlaces } from "./job-places.ts";
import { matrixJobs } from "./matrix/matrix-jobs.ts";
import { withMatrixValues } from "./matrix/with-matrix-values.ts";
import { checkJobRules, readRules } from "./rules/read-rules.ts";
import type { WorkflowRule } from "./rules/decide-rules.ts";
import { problemAtKey, sortProblems } from "./source/problem-at.ts";
import { entryNode, plainValue, type SourceMap } from "./source/source-node.ts";
import type { WorkflowProblem } from "./workflow-problem.ts";

/** One workflow file, and the way to the files it includes. */
export interface WorkflowSource {
  /** What problems call the file; nothing is read from it. */
  readonly path: string;
  readonly text: string;
  /** Absent: every `include` is a problem. */
  readonly readInclude?: ReadInclude | undefined;
  /**
   * Job keys that whoever asks will not carry out, each with what to say about
   * it: a warning at the first job that has it.
   */
  readonly unsupported?: Readonly<Record<string, string>> | undefined;
}

/** A workflow without problems. */
export interface CompiledWorkflow {
  readonly graph: GraphIr;
  /** Where every job of the graph was written, by its name. Has no inherited properties. */
  readonly places: Readonly<Record<string, JobPlaces>>;
  /** The root `variables`, not expanded; what conditions can see besides the predefined ones. */
  readonly variables: Variables;
  /** Absent when the workflow has none; then it always runs. See `decideRules`. */
  readonly rules?: readonly WorkflowRule[];
  /** What is allowed but hardly meant, sorted by place. */
  readonly warnings: readonly WorkflowProblem[];
}

/**
 * Compiles a workflow.
 *
 * Pure and linear in the size of its files; the same text gives the same graph.
 *
 * @returns Every problem of every file, sorted by place, when there are any.
 */
export function compileWorkflow(
  source: WorkflowSource,
): Result<CompiledWorkflow, readonly WorkflowProblem[]> {
  const loaded = loadWorkflow(source);
  const problems = [...loaded.problems];
  const compiled =
    loaded.main === undefined
      ? undefined
      : compileLoaded(loaded, { main: loaded.main, unsupported: source.unsupported ?? {} }, problems);
  if (problems.length > 0 || compiled === undefined) return err(sortProblems(problems, loaded.files));
  return ok(compiled);
}

function compileLoaded(
  loaded: LoadedWorkflow,
  { main, unsupported }: { readonly main: SourceMap; readonly unsupported: Readonly<Record<string, string>> },
  problems: WorkflowProblem[],
): CompiledWorkflow | undefined {
  const { jobs, defaults, variables } = loaded;
  const budget = mergeBudget();
  const resolved = resolveJobs(jobs, { defaults, budget }, problems);
  const stages = readStages(entryNode(main, "stages"), problems);
  const rules = readRules(main, problems);
  const complete = completeJobs(withoutTemplates(resolved), loaded.judgements, problems);
  checkRunnable(complete, stages, problems);
  checkJobRules(complete, problems);
  checkCarry(complete, problems);
  const matrices = matrixJobs(complete, problems);
  const runnable = new Set(withoutTemplates(jobs).keys());
  checkNeeds(
    complete,
    { runnable, templates: new Set([...jobs.keys()].filter(isTemplate)), stages, matrices },
    problems,
  );
  const ready = withMatrixValues(withRootVariables(complete, variables, budget), matrices, budget);
  if (budget.entries < 0 && problems.length === 0) problems.push(problemAtKey(main, TOO_LARGE_FIX));
  checkVariables(ready, variables, problems);
  checkExpanded(ready, problems);
  if (problems.length > 0) return undefined;
  const graph = buildGraph({ stages: stages === undefined ? [] : [...stages.keys()], jobs: ready, matrices });
  if ("message" in graph) {
    problems.push(graph);
    return undefined;
  }
  return {
    graph,
    places: jobPlaces(ready),
    variables: variables?.kind === "map" ? { ...(plainValue(variables, true) as Variables) } : {},
    ...(rules !== undefined && { rules }),
    warnings: sortProblems(workflowWarnings(loaded, { complete: ready, unsupported }), loaded.files),
  };
}

function withoutTemplates<T>(jobs: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...jobs].filter(([name]) => !isTemplate(name)));
}
