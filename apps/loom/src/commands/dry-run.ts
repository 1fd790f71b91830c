import { relative } from "node:path";
import { planLines } from "@loom/diagnosis";
import { createPalette, FLAGGED_REPORTERS, shouldColor } from "@loom/reporters";
import { planData, planWorkflow, type PlanError, type PlannedPlace, type WorkflowPlan } from "@loom/runner";
import { findWorkflow } from "@loom/runner/workflow";
import { chooseWorkspace, chooseWorkspaceMount } from "@loom/runner/settings";
import { EXIT_CODE } from "../exit-code.ts";
import { formatJson, printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";
import { retriedRun } from "../retried-run.ts";
import type { RunFlags } from "./run.ts";

/**
 * Prints what a run would do, and runs nothing.
 *
 * @returns 0; 1 for a workflow that could not be run; 2 for wrong use.
 */
export async function dryRunCommand(flags: RunFlags, io: ProcessIo): Promise<number> {
  const { cwd, env, stdout, stderr } = io;
  const refuse = (message: string, exitCode: number): number => {
    stderr.write(`loom: ${message}\n`);
    return exitCode;
  };
  const excluded = excludedFlag(flags);
  if (excluded !== undefined)
    return refuse(`Cannot combine --dry-run and ${excluded}. Leave out one of them`, EXIT_CODE.usage);
  const location = findWorkflow(cwd, flags.workflow);
  if (!location.ok) return refuse(location.error.message, EXIT_CODE.usage);
  const workspace = await chooseWorkspace(flags, { env, repoRoot: location.value.repoRoot });
  if (!workspace.ok) return refuse(workspace.error.message, EXIT_CODE.usage);
  const mount = await chooseWorkspaceMount(flags.dockerWorkspaceMount, {
    env,
    repoRoot: location.value.repoRoot,
  });
  if (!mount.ok) return refuse(mount.error.message, EXIT_CODE.usage);
  const retried = await retriedRun(flags.retryFailed, cwd);
  if (!retried.ok) return refuse(retried.error.message, EXIT_CODE.usage);
  const planned = await planWorkflow({
    cwd,
    workflow: flags.workflow,
    jobs: flags.job,
    play: flags.play,
    base: flags.base,
    retry: retried.value,
    variables: flags.var,
    concurrency: flags.concurrency,
    failFast: flags.failFast,
    workspace: workspace.value,
    dockerWorkspaceMount: mount.value,
    cache: flags.cache,
    env,
  });
  if (!planned.ok) return refuse(planned.error.message, exitCodeOf(planned.error));
  const plan = planned.value;
  if (flags.json === true) {
    stdout.write(formatJson(planData(plan)));
    return EXIT_CODE.success;
  }
  if (plan.warnings.length > 0) {
    const { describeProblems } = await import("@loom/runner/compile");
    stderr.write(`${describeProblems(plan.warnings)}\n`);
  }
  for (const note of plan.notes) stderr.write(printable(`loom: ${note}\n`));
  const colored = shouldColor({ flag: flags.color ?? "auto", env, isTerminal: stdout.isTTY === true });
  const paint = createPalette(colored ? "ansi16" : "none");
  const lines = [
    `${paint.paint("bold", relative(cwd, plan.workflowPath))}  ${paint.paint("dim", headFacts(plan).join(", "))}`,
    "",
    ...planLines(plan.report, {
      paint,
      leftOut: plan.runs ? "left out by --job" : "left out by workflow.rules",
      keptFrom: (id) => plan.kept.get(id),
      factsOf: (id) => factsOf(plan.places.get(id)),
    }),
  ];
  stdout.write(printable(`${lines.join("\n")}\n`, colored));
  return EXIT_CODE.success;
}

/** The first of the flags that make no sense for a plan. */
function excludedFlag(flags: RunFlags): string | undefined {
  if (flags.watch === true) return "--watch";
  if (flags.cacheDiff === true) return "--cache-diff";
  const output = FLAGGED_REPORTERS.find((name) => name !== "json" && flags[name] === true);
  if (output !== undefined) return `--${output}`;
  if (flags.tui === true) return "--tui";
  if (flags.explainOutput === true) return "--explain-output";
  return flags.reporter === undefined ? undefined : `--reporter ${flags.reporter[0] ?? ""}`;
}

/** Nothing to plan is wrong use; what a run would fail with is a failure. */
function exitCodeOf({ code }: PlanError): number {
  if (code === "RETRY_NOTHING_FAILED") return EXIT_CODE.success;
  const isWrongUse = code === "WORKFLOW_NOT_FOUND" || code === "JOB_NOT_FOUND" || code === "RETRY_REFUSED";
  return isWrongUse ? EXIT_CODE.usage : EXIT_CODE.failure;
}

const WHERE: Readonly<Record<WorkflowPlan["workspace"], string>> = {
  isolated: "in a snapshot",
  staged: "in a snapshot of what is staged",
  "in-place": "in the checkout itself",
};

function headFacts({ workspace, cache, failFast }: WorkflowPlan): string[] {
  return [
    "nothing is run",
    `jobs work ${WHERE[workspace]}`,
    ...(cache ? [] : ["no caches"]),
    ...(failFast ? ["fail-fast"] : []),
  ];
}

function factsOf(place: PlannedPlace | undefined): readonly string[] {
  if (place === undefined) return [];
  const { provider, unmetNeed, workspace } = place;
  return [
    unmetNeed === undefined ? provider : `fails: nothing here has ${unmetNeed}`,
    workspace === "own" ? "own workspace" : "shared workspace",
  ];
}
