import {
  err,
  ok,
  planFacts,
  planRun,
  type EventError,
  type GraphIr,
  type JobId,
  type PlanOptions,
  type Result,
  type RunPlan,
} from "@loom/core";
import type { BootstrapFailure, RunLog } from "@loom/ports";
import { expandVariables, jobVariables, predefinedVariables, variablesOf } from "@loom/workflow/run";
import type { RunRequest } from "../run-request.ts";
import type { RunnableWorkflow } from "../workflow/kept-workflows.ts";
import { loadPart } from "../workflow/load-part.ts";
import { isOfCommit } from "./git-facts.ts";
import { describeExpansion, jobEnvironment, runFacts, type EnvironmentFacts } from "./job-environment.ts";

/** What is asked of a run that its plan depends on. */
export type PlanRequest = Pick<RunRequest, "concurrency" | "failFast" | "only" | "kept" | "variables">;

/** What a decision needs to know beside the workflow. */
export interface DecisionParts {
  readonly request: PlanRequest;
  readonly facts: EnvironmentFacts;
  /** How long jobs took in the last run, in milliseconds. */
  readonly lastDurations: () => ReadonlyMap<JobId, number>;
  readonly optionalPhases?: PlanOptions["optionalPhases"];
}

/**
 * Plans a run, and decides by what is known before any job whether its pipeline runs.
 *
 * @returns A plan that selects no job when no rule of the workflow lets the pipeline run.
 */
export async function decideRun(
  log: RunLog,
  workflow: RunnableWorkflow,
  { request, facts, lastDurations, optionalPhases }: DecisionParts,
): Promise<Result<RunPlan, BootstrapFailure>> {
  const { concurrency, variables } = request;
  const { graph } = workflow;
  const allowed = await rulesAllow(workflow, facts);
  if (!allowed.ok) return err({ error: allowed.error });
  const runs = allowed.value;
  if (!runs) log.log("warn", "The pipeline does not run: no rule of the workflow lets it", { runs: false });
  const plan = requestedPlan(graph, request, {
    ...(optionalPhases !== undefined && { optionalPhases }),
    ...(graph.nodes.length > concurrency && { weights: lastDurations() }),
  });
  const planned: RunPlan = runs ? plan : { ...plan, selected: new Set() };
  log.log("info", "Workflow compiled", planFacts(graph, planned));
  // What the workflow itself sets was checked when it was compiled.
  for (const node of Object.keys(variables).length > 0 ? graph.nodes : []) {
    const env = jobEnvironment(facts, node);
    if (env.ok) continue;
    const error: EventError = { code: "VARIABLE_CYCLE", message: describeExpansion(env.error) };
    return err({ error, plan: planned });
  }
  return ok(planned);
}

/** Plans a run of a graph, whatever the rules of its workflow say. */
export function requestedPlan(
  graph: GraphIr,
  { concurrency, failFast, only, kept }: Omit<PlanRequest, "variables">,
  more: Pick<PlanOptions, "optionalPhases" | "weights"> = {},
): RunPlan {
  return planRun(graph, { concurrency, failFast, only: only as readonly JobId[], kept, ...more });
}

/** Git did not answer. That is an error where the pipeline's rules depend on the answer, else a warning. */
export function judgeRefusal(log: RunLog, workflow: RunnableWorkflow, why: string): EventError | undefined {
  const asks = (workflow.rules ?? []).some((rule) => variablesOf(rule.condition).some(isOfCommit));
  if (asks) {
    const message = `Cannot decide whether the pipeline runs: its rules depend on the commit, and git cannot describe it: ${why}`;
    return { code: "git_refused", message };
  }
  log.log("warn", `Git cannot describe this checkout, so no CI_COMMIT_ variable is set: ${why}`);
  return undefined;
}

/** Whether `workflow.rules` let the pipeline run. */
async function rulesAllow(
  workflow: RunnableWorkflow,
  facts: EnvironmentFacts,
): Promise<Result<boolean, EventError>> {
  if (workflow.rules === undefined) return ok(true);
  const loaded = await loadPart("decides rules", async () => import("./decide-rules.ts"));
  if (!loaded.ok) return loaded;
  const { decideRules } = loaded.value;
  const own = Object.entries(workflow.variables).map(([key, value]) => ({ key, value }));
  const predefined = predefinedVariables(runFacts(facts));
  const layers = jobVariables({ variables: own }, { predefined, commandLine: facts.variables });
  const expanded = expandVariables(layers, facts.callerEnv);
  return ok(decideRules(workflow.rules, expanded.ok ? expanded.value : layers).runs);
}
