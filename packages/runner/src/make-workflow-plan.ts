import { availableParallelism } from "node:os";
import { relative } from "node:path";
import {
  epochMs,
  err,
  ok,
  runIdentity,
  type EventError,
  type GraphNode,
  type JobId,
  type Result,
} from "@loom/core";
import { estimatesFrom, expectedMs, planReport, readPastRuns } from "@loom/diagnosis";
import type { RunLog } from "@loom/ports";
import { inheritableEnvironment } from "@loom/system";
import { chooseProvider } from "./bootstrap/choose-provider.ts";
import { decideRun, judgeRefusal, type PlanRequest } from "./bootstrap/decide-run.ts";
import { readGitFacts, shortMessage, type GitFacts } from "./bootstrap/git-facts.ts";
import type { EnvironmentFacts } from "./bootstrap/job-environment.ts";
import { lastDurations } from "./bootstrap/last-durations.ts";
import { keptFor } from "./retry/kept-for.ts";
import { cacheHomeOf, environmentOf } from "./option-defaults.ts";
import { builtInProviders } from "./providers/built-in-providers.ts";
import {
  DEFAULT_WORKSPACE_MOUNT,
  hasOwnWorkspace,
  type DockerWorkspaceMount,
} from "./workspace/own-workspace-of.ts";
import type { PlanError, PlannedPlace, PlanWorkflowOptions, WorkflowPlan } from "./workflow-plan.ts";
import { locateWorkflow, type WorkflowLocation } from "./workflow/find-workflow.ts";
import { unknownJob } from "./workflow/job-names.ts";
import type { RunnableWorkflow } from "./workflow/kept-workflows.ts";
import { loadForRun } from "./workflow/load-for-run.ts";
import { notStaged } from "./workflow/staged-location.ts";

/** Past runs that estimates are made from. */
const PAST_RUNS = 50;

/** One success is enough for an estimate that is shown once, and promises nothing. */
const LEAST_RUNS = 1;

/** Makes the plan of `planWorkflow`, in a file of its own that runs do not load. */
export async function makeWorkflowPlan(
  options: PlanWorkflowOptions,
): Promise<Result<WorkflowPlan, PlanError>> {
  const cwd = options.cwd ?? process.cwd();
  const located = locateWorkflow(cwd, options.workflow);
  if (!located.ok) return located;
  const location = located.value;
  const notes: string[] = [];
  const log: RunLog = { log: (level, message) => void (level === "warn" && notes.push(message)) };
  const { repoRoot, workflowPath } = location;
  const {
    workspace = "isolated",
    cache = true,
    dockerWorkspaceMount: mount = DEFAULT_WORKSPACE_MOUNT,
  } = options;
  const kept = await keptFor(location, relative(cwd, workflowPath), options);
  if (!kept.ok) return kept;
  const request: PlanRequest = {
    concurrency: options.concurrency ?? availableParallelism(),
    failFast: options.failFast ?? false,
    only: options.jobs ?? kept.value?.only ?? [],
    play: options.play ?? [],
    base: options.base,
    kept: kept.value?.jobs,
    variables: options.variables ?? {},
  };

  const loaded = await loadWorkflow(location, { log, options, shownPath: relative(cwd, workflowPath) });
  if (!loaded.ok) return loaded;
  const workflow = loaded.value;
  const { nodes } = workflow.graph;
  const unknown = unknownJob([...request.only, ...request.play], nodes);
  if (unknown !== undefined) return err({ code: "JOB_NOT_FOUND", message: unknown });

  const git = await lookAtCheckout(location, { workflow, log, options });
  if (!git.ok) return git;
  const decided = await decideRun(log, workflow, {
    request,
    facts: factsOf(location, { options, git: git.value }),
    project: repoRoot,
    stop: new AbortController().signal,
    lastDurations: () => lastDurations(repoRoot, workflowPath),
  });
  if (!decided.ok) return err(decided.error.error);
  const { plan } = decided.value;

  const providers = { ...builtInProviders(), ...options.providers };
  return ok({
    repoRoot,
    workflowPath,
    workspace,
    cache,
    failFast: request.failFast,
    kept: kept.value?.jobs ?? new Map(),
    runs: plan.selected?.size !== 0,
    report: planReport(plan, await usualDurations(location, plan.jobs)),
    places: new Map(nodes.map((node) => [node.id as JobId, placeOf(node, providers, mount)])),
    warnings: workflow.warnings,
    notes,
  });
}

interface Place {
  readonly log: RunLog;
  readonly options: PlanWorkflowOptions;
}

/** Compiles the workflow that a run would compile. */
async function loadWorkflow(
  location: WorkflowLocation,
  { log, options, shownPath }: Place & { readonly shownPath: string },
): Promise<Result<RunnableWorkflow, EventError>> {
  if (options.workspace === "staged") {
    const { loadFromIndex } = await import("./workflow/load-staged.ts");
    const staged = await loadFromIndex(location, shownPath, environmentOf(options));
    if (!staged.ok) return staged;
    if (staged.value.workflow !== undefined) return ok(staged.value.workflow);
    log.log("warn", notStaged(relative(location.repoRoot, location.workflowPath)));
  }
  return await loadForRun(location, shownPath, cacheHomeOf(options));
}

/** Asks git about the checkout. An error when it does not answer, and rules depend on that. */
async function lookAtCheckout(
  { repoRoot }: WorkflowLocation,
  { workflow, log, options }: Place & { readonly workflow: RunnableWorkflow },
): Promise<Result<GitFacts | undefined, EventError>> {
  const stop = new AbortController().signal;
  const git = await readGitFacts(repoRoot, { env: environmentOf(options), stop });
  if (!git.ok) {
    const refusal = judgeRefusal(log, workflow, git.error);
    return refusal === undefined ? ok(undefined) : err(refusal);
  }
  return ok(git.value && { ...git.value, message: shortMessage(git.value.message) });
}

/** What variables would be made from, if the run were started now. */
function factsOf(
  { repoRoot, workflowPath }: WorkflowLocation,
  { options, git }: { readonly options: PlanWorkflowOptions; readonly git: GitFacts | undefined },
): EnvironmentFacts {
  return {
    identity: runIdentity(BigInt(epochMs(Date.now())) * 1_000_000n),
    workflowPath: relative(repoRoot, workflowPath),
    projectDir: repoRoot,
    git,
    callerEnv: inheritableEnvironment(environmentOf(options)),
    variables: options.variables ?? {},
  };
}

/** How long jobs took in earlier runs of the workflow, in milliseconds: the median. A history that cannot be read is none. */
async function usualDurations(
  { repoRoot, workflowPath }: WorkflowLocation,
  jobs: readonly { readonly jobId: JobId }[],
): Promise<ReadonlyMap<JobId, number>> {
  const past = await readPastRuns(repoRoot, { limit: PAST_RUNS });
  const estimates = estimatesFrom(past.ok ? past.value : [], relative(repoRoot, workflowPath), LEAST_RUNS);
  return new Map(
    jobs.flatMap(({ jobId }) => {
      const ms = expectedMs(estimates, jobId);
      return ms === undefined ? [] : [[jobId, ms]];
    }),
  );
}

function placeOf(
  node: GraphNode,
  providers: ReturnType<typeof builtInProviders>,
  mount: DockerWorkspaceMount,
): PlannedPlace {
  const workspace = hasOwnWorkspace(node, mount) ? "own" : "shared";
  const chosen = chooseProvider(node, providers);
  return chosen.unmetNeed === undefined
    ? { provider: chosen.provider.name, workspace }
    : { provider: "none", unmetNeed: chosen.unmetNeed, workspace };
}
