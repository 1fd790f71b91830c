import { existsSync } from "node:fs";
import { err, ok, type Result } from "@loom/core";
import {
  explainedJobData,
  explainJobs,
  explanationLines,
  type ExplainedJobs,
  type Explanation,
} from "@loom/diagnosis";
import { startWorkflow, type FinishedRun, type WorkflowRun } from "@loom/runner";
import { chooseWorkspace, chooseWorkspaceMount, configPaths } from "@loom/runner/settings";
import type { WorkflowLocation } from "@loom/runner/workflow";
import type { Refusal, ToolFinding } from "../answer/answer.ts";
import type { McpServerOptions } from "../mcp-server-options.ts";
import type { ToolCall } from "../tool-host.ts";
import { explainOpened } from "../tools/explain-opened.ts";
import { jobLines } from "../tools/job-lines.ts";
import type { RunArguments } from "../tools/run-arguments.ts";
import { findRun, openRunIn } from "../workspace/find-run.ts";
import { findWorkflowIn } from "../workspace/find-workflow-in.ts";
import type { WorkspaceRoot } from "../workspace/workspace-root.ts";
import { RunProgress } from "./run-progress.ts";
import { startInBackground } from "./start-in-background.ts";

/** A run that is asked for, found to be of the workspace. */
interface AskedRun {
  readonly args: RunArguments;
  readonly location: WorkflowLocation;
  /** Absolute path of the evidence of the run to retry. */
  readonly retry: string | undefined;
  readonly workspace: WorkspaceRoot;
}

/** Carries out a call of `loom_run_local`. */
export async function runLocal(
  args: RunArguments,
  {
    workspace,
    call,
    options,
  }: { readonly workspace: WorkspaceRoot; readonly call: ToolCall; readonly options: McpServerOptions },
): Promise<Result<ToolFinding, Refusal>> {
  const evidence = workspace.evidence();
  if (!evidence.ok) return evidence;
  const location = findWorkflowIn(workspace, args.workflow_path);
  if (!location.ok) return location;
  const [config = ""] = configPaths({ env: options.env, repoRoot: location.value.repoRoot });
  const configured = existsSync(config) ? workspace.inside(config) : ok(undefined);
  if (!configured.ok) return configured;
  const retry = args.retry_failed === undefined ? ok(undefined) : await findRun(workspace, args.retry_failed);
  if (!retry.ok) return retry;
  const asked = { args, location: location.value, retry: retry.value, workspace };
  return args.background === true
    ? await runInBackground(asked, options)
    : await runHere(asked, options, call);
}

async function runHere(
  { args, location, retry, workspace }: AskedRun,
  { env, loomVersion, program }: McpServerOptions,
  call: ToolCall,
): Promise<Result<ToolFinding, Refusal>> {
  const place = { env, repoRoot: location.repoRoot };
  const kind =
    args.in_place === false
      ? ok("isolated" as const)
      : await chooseWorkspace({ inPlace: args.in_place === true }, place);
  if (!kind.ok) return kind;
  const mount = await chooseWorkspaceMount(args.mount_mode, place);
  if (!mount.ok) return mount;
  const notes: string[] = [];
  const started = await startWorkflow({
    cwd: workspace.root,
    workflow: location.workflowPath,
    jobs: args.jobs,
    variables: args.variables,
    retry,
    workspace: kind.value,
    dockerWorkspaceMount: mount.value,
    env,
    command: ["loom", "mcp", "loom_run_local"],
    loomVersion,
    ...(program !== undefined && { afterDeath: [...program, "after-death"] }),
    onWarning: ({ message }) => void notes.push(message),
    reporters: [new RunProgress(call.progress)],
  });
  if (!started.ok) return started;
  const run = started.value;
  const finished = await untilEnd(run, call);
  return ok(await endedFinding(run, { finished, notes, workspace, env }));
}

/** Waits for the end of a run, which a client that cancels the call brings about. */
async function untilEnd(run: WorkflowRun, { signal, kill }: ToolCall): Promise<FinishedRun> {
  const ends = [
    { on: signal, act: () => run.stop() },
    { on: kill, act: () => run.kill() },
  ];
  for (const { on, act } of ends) {
    if (on.aborted) act();
    on.addEventListener("abort", act);
  }
  try {
    return await run.finished;
  } finally {
    for (const { on, act } of ends) on.removeEventListener("abort", act);
  }
}

async function endedFinding(
  { identity: { runId }, runDirectory }: WorkflowRun,
  {
    finished,
    notes,
    workspace,
    env,
  }: {
    readonly finished: FinishedRun;
    readonly notes: readonly string[];
    readonly workspace: WorkspaceRoot;
    readonly env: McpServerOptions["env"];
  },
): Promise<ToolFinding> {
  const { status, exitCode, receiptPath } = finished;
  const why = status === "success" ? ok(undefined) : await explainEnd(workspace, runDirectory, env);
  const { explanation, failed } = why.ok ? (why.value ?? {}) : {};
  const told = [...notes, ...(why.ok ? [] : [why.error.message])];
  const others = (failed?.jobs ?? []).filter(({ job }) => job.jobId !== explanation?.failure?.job_id);
  return {
    data: {
      status,
      exit_code: exitCode,
      run_id: runId,
      receipt_path: receiptPath ?? null,
      failures: (failed?.jobs ?? []).map(explainedJobData),
      failures_total: failed?.failed ?? 0,
      explanation: explanation ?? null,
      next: explanation?.next ?? [],
      notes: told,
    },
    lines: [
      `${status}, exit code ${exitCode}: ${runId}`,
      `receipt: ${receiptPath ?? "it could not be written"}`,
      ...(explanation === undefined ? [] : explanationLines(explanation)),
      ...others.flatMap(jobLines),
      ...told,
    ],
  };
}

interface EndReasons {
  readonly explanation?: Explanation;
  readonly failed?: ExplainedJobs;
}

async function explainEnd(
  workspace: WorkspaceRoot,
  runDirectory: string,
  env: McpServerOptions["env"],
): Promise<Result<EndReasons, Refusal>> {
  const opened = await openRunIn(workspace, runDirectory);
  if (!opened.ok) return opened;
  const explanation = await explainOpened(opened.value, env);
  if (!explanation.ok) return explanation;
  const failed = await explainJobs(opened.value, "all failed", env);
  return ok({ explanation: explanation.value, ...(failed.ok && { failed: failed.value }) });
}

async function runInBackground(
  { args, location, retry, workspace }: AskedRun,
  { env, program }: McpServerOptions,
): Promise<Result<ToolFinding, Refusal>> {
  if (program === undefined)
    return err({ message: "Cannot run in the background: this server does not know the program loom" });
  const command = [
    "run",
    "--quiet",
    `--workflow=${location.workflowPath}`,
    ...(args.jobs ?? []).map((job) => `--job=${job}`),
    ...Object.entries(args.variables ?? {}).map(([name, value]) => `--var=${name}=${value}`),
    ...(retry === undefined ? [] : [`--retry-failed=${retry}`]),
    ...(args.mount_mode === undefined ? [] : [`--docker-workspace-mount=${args.mount_mode}`]),
    ...(args.in_place === true ? ["--in-place"] : []),
  ];
  const started = await startInBackground([...program, ...command], {
    cwd: workspace.root,
    env: args.in_place === false ? { ...env, LOOM_IN_PLACE: "0" } : env,
    repoRoot: location.repoRoot,
  });
  if (!started.ok) return started;
  const { runId, receiptPath } = started.value;
  const next = [`loom ctl state ${runId}`, `loom explain ${runId}`];
  return ok({
    data: {
      status: "running",
      exit_code: null,
      run_id: runId,
      receipt_path: receiptPath,
      failures: [],
      failures_total: 0,
      explanation: null,
      next,
      notes: [],
    },
    lines: [
      `running: ${runId}`,
      `receipt, once it is over: ${receiptPath}`,
      ...next.map((line) => `next: ${line}`),
    ],
  });
}
