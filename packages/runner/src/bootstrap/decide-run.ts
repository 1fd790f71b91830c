import {
  err,
  ok,
  jobsNamed,
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
import { relative } from "node:path";
import type { RunRequest } from "../run-request.ts";
import { findRepository } from "../workflow/find-workflow.ts";
import type { RunnableWorkflow } from "../workflow/kept-workflows.ts";
import { loadPart } from "../workflow/load-part.ts";
import type { ChangedFiles, ChangesBase } from "./changed-files.ts";
import { isOfCommit } from "./git-facts.ts";
import { describeRefusal } from "./describe-refusal.ts";
import { expansionError, jobEnvironment, runFacts, type EnvironmentFacts } from "./job-environment.ts";

/** What is asked of a run that its plan depends on. */
export type PlanRequest = Pick<
  RunRequest,
  "concurrency" | "failFast" | "pauseTimeoutMs" | "only" | "play" | "kept" | "variables" | "base"
>;

/** What a decision needs to know beside the workflow. */
export interface DecisionParts {
  readonly request: PlanRequest;
  readonly facts: EnvironmentFacts;
  /** Absolute path of the project in the checkout. */
  readonly project: string;
  readonly stop: AbortSignal;
  /** How long jobs took in the last run, in milliseconds. */
  readonly lastDurations: () => ReadonlyMap<JobId, number>;
  readonly optionalPhases?: PlanOptions["optionalPhases"];
}

/** What will be run. */
export interface DecidedRun {
  /** Each job as the rule of its own has it that applies. */
  readonly graph: GraphIr;
  readonly plan: RunPlan;
  /** What changes were counted from; absent where no rule asks for changes, or there is nothing to compare with. */
  readonly changesBase?: ChangesBase;
}

/**
 * Plans a run, and decides by what is known before any job whether its pipeline runs, and which of its jobs take place.
 *
 * @returns A plan that selects no job when no rule of the workflow lets the pipeline run.
 */
export async function decideRun(
  log: RunLog,
  workflow: RunnableWorkflow,
  parts: DecisionParts,
): Promise<Result<DecidedRun, BootstrapFailure>> {
  const { request, facts, lastDurations, optionalPhases } = parts;
  const { concurrency, variables } = request;
  // Jobs of a run that is given up are closed, too, so the evidence has to name them.
  const giveUp = (error: EventError): Result<never, BootstrapFailure> => {
    const plan = requestedPlan(workflow.graph, request);
    log.log("info", "Workflow compiled", planFacts(workflow.graph, plan));
    return err({ error, plan });
  };
  const decided = await refusalOfRules(workflow, facts);
  if (!decided.ok) return giveUp(decided.error);
  const refusal = decided.value;
  const runs = refusal === undefined;
  if (!runs) log.log("warn", `The pipeline does not run: ${refusal}`, { runs });
  const ruled = await rulesOfJobs(log, workflow, parts);
  if (!ruled.ok) return giveUp(ruled.error);
  const { graph: ofJobs, withheld, changesBase } = ruled.value;
  const conditioned = await conditionsOfSteps(ofJobs, facts);
  if (!conditioned.ok) return giveUp(conditioned.error);
  const graph = conditioned.value;
  const plan = requestedPlan(graph, request, {
    withheld,
    ...(optionalPhases !== undefined && { optionalPhases }),
    ...(graph.nodes.length > concurrency && { weights: lastDurations() }),
  });
  const planned: RunPlan = runs ? plan : { ...plan, selected: new Set() };
  log.log("info", "Workflow compiled", planFacts(graph, planned));
  // What the workflow itself sets was checked when it was compiled.
  for (const node of Object.keys(variables).length > 0 ? graph.nodes : []) {
    const env = jobEnvironment(facts, node);
    if (env.ok) continue;
    return err({ error: expansionError(env.error), plan: planned });
  }
  return ok({ graph, plan: planned, ...(changesBase !== undefined && { changesBase }) });
}

type Ruled = Pick<DecidedRun, "graph" | "changesBase"> & Pick<PlanOptions, "withheld">;

/** What the rules of jobs make of the graph. */
async function rulesOfJobs(
  log: RunLog,
  workflow: RunnableWorkflow,
  { request, facts, project, stop }: DecisionParts,
): Promise<Result<Ruled, EventError>> {
  const { graph } = workflow;
  const rules = graph.nodes.flatMap((node) => node.rules ?? []);
  if (rules.length === 0 && request.base === undefined) return ok({ graph });
  const loaded = await loadPart("decides rules of jobs", async () => import("./job-rules.ts"));
  if (!loaded.ok) return loaded;
  const { applyJobRules, changedFiles } = loaded.value;
  const asks = request.base !== undefined || rules.some(({ changes }) => changes !== undefined);
  const asked = { base: request.base, env: facts.callerEnv, stop };
  const changed = asks ? await changedFiles(project, facts.git, asked) : ok({});
  if (!changed.ok) return changed;
  const { base, paths }: ChangedFiles = changed.value;
  if (base !== undefined)
    log.log("info", `Changes are counted from ${base.name}`, {
      changes_base: base.name,
      changes_base_sha: base.sha,
      changed_files: paths?.length ?? 0,
    });
  else if (asks) log.log("warn", "There is no commit to compare with: every file counts as changed");
  const repository = findRepository(project) ?? project;
  const { graph: effective, withheld } = applyJobRules(graph, {
    projectDir: facts.projectDir,
    below: relative(repository, project),
    changed: changed.value,
    variables: conditionVariables(workflow, facts),
  });
  return ok({ graph: effective, withheld, ...(base !== undefined && { changesBase: base }) });
}

/** What the conditions of steps make of the graph. */
async function conditionsOfSteps(
  graph: GraphIr,
  facts: EnvironmentFacts,
): Promise<Result<GraphIr, EventError>> {
  const all = graph.nodes.flatMap((node) => node.step_options ?? []);
  if (!all.some((step) => step.if !== undefined)) return ok(graph);
  const loaded = await loadPart("decides rules of jobs", async () => import("./job-rules.ts"));
  if (!loaded.ok) return loaded;
  return ok(
    loaded.value.applyStepConditions(graph, (node) => {
      const env = jobEnvironment(facts, node);
      return env.ok ? env.value : {};
    }),
  );
}

/** Plans a run of a graph, whatever the rules of its workflow say. */
export function requestedPlan(
  graph: GraphIr,
  { concurrency, failFast, pauseTimeoutMs, only, play, kept }: Omit<PlanRequest, "variables">,
  more: Pick<PlanOptions, "optionalPhases" | "weights" | "withheld"> = {},
): RunPlan {
  const asked = { only: jobsNamed(only, graph.nodes), play: jobsNamed(play, graph.nodes) };
  return planRun(graph, { concurrency, failFast, pauseTimeoutMs, ...asked, kept, ...more });
}

/** Git did not answer. That is an error where the pipeline's rules depend on the answer, else a warning. */
export function judgeRefusal(log: RunLog, workflow: RunnableWorkflow, why: string): EventError | undefined {
  const asks = (workflow.rules ?? []).some((rule) => variablesOf(rule.condition).some(isOfCommit));
  if (asks) {
    const message = `Cannot decide whether the pipeline runs: its rules depend on the commit, and git cannot describe it: ${why}`;
    return { code: "git_refused", message };
  }
  const asking = workflow.graph.nodes.find(({ rules }) =>
    rules?.some(({ if: condition, changes }) => changes !== undefined || condition?.includes("CI_COMMIT_")),
  );
  if (asking !== undefined) {
    const message = `Cannot decide whether job "${asking.id}" takes place: its rules depend on the commit, and git cannot describe it: ${why}`;
    return { code: "git_refused", message };
  }
  log.log("warn", `Git cannot describe this checkout, so no CI_COMMIT_ variable is set: ${why}`);
  return undefined;
}

/** Why `workflow.rules` do not let the pipeline run; undefined when they do. */
async function refusalOfRules(
  workflow: RunnableWorkflow,
  facts: EnvironmentFacts,
): Promise<Result<string | undefined, EventError>> {
  const { rules } = workflow;
  if (rules === undefined) return ok(undefined);
  const loaded = await loadPart("decides rules", async () => import("./decide-rules.ts"));
  if (!loaded.ok) return loaded;
  const { decideRules } = loaded.value;
  const values = conditionVariables(workflow, facts);
  const decision = decideRules(rules, values);
  return ok(decision.runs ? undefined : describeRefusal(decision.rule, { rules, values }));
}

/** What conditions see: the variables of the workflow, predefined ones and those of the command line. */
function conditionVariables(
  workflow: RunnableWorkflow,
  facts: EnvironmentFacts,
): Readonly<Record<string, string>> {
  const own = Object.entries(workflow.variables).map(([key, value]) => ({ key, value }));
  const predefined = predefinedVariables(runFacts(facts));
  const layers = jobVariables({ variables: own }, { predefined, commandLine: facts.variables });
  const expanded = expandVariables(layers, facts.callerEnv);
  return expanded.ok ? expanded.value : layers;
}
