import { hostname } from "node:os";
import { relative } from "node:path";
import { existsSync } from "node:fs";
import { finalizeRun, restoreRunDirectory, type RunDirectory, type RunRecorder } from "@loom/artifacts";
import {
  EMPTY_GRAPH,
  err,
  ok,
  planFacts,
  planRun,
  type EpochMs,
  type EventError,
  type GraphIr,
  type JobId,
  type Result,
  type RunIdentity,
  type RunPlan,
  type RunResult,
} from "@loom/core";
import type { BootstrapFailure, Clock, PreparedRun, Provider, RunLog, RunSurroundings } from "@loom/ports";
import type { Environment } from "@loom/system";
import type { WorkflowLocation } from "../find-workflow.ts";
import { LOOM_VERSION } from "../loom-version.ts";
import { isOfCommit, readGitFacts, shortMessage, type GitFacts } from "./git-facts.ts";
import { describeExpansion, jobEnvironment, runFacts, type EnvironmentFacts } from "./job-environment.ts";
import { unavailableProvider } from "./unavailable-provider.ts";
import { leftOut, unmetNeed } from "./unsupported.ts";
import { lastDurations } from "./last-durations.ts";
import type { LiveValidation } from "./live-validation.ts";
import {
  decideRules,
  expandVariables,
  jobVariables,
  predefinedVariables,
  variablesOf,
  type CompiledWorkflow,
} from "@loom/workflow";
import { loadWorkflow } from "./load-workflow.ts";

/** What the command line decided about a run. */
export interface RunRequest {
  readonly location: WorkflowLocation;
  readonly concurrency: number;
  readonly failFast: boolean;
  /** Jobs asked for. Empty: all. */
  readonly only: readonly string[];
  /** `--var`, by name. */
  readonly variables: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  /** The environment of whoever started the run, as far as jobs and git inherit it. */
  readonly callerEnv: Environment;
}

/** What a run is composed of beside its request. */
export interface RunParts {
  readonly identity: RunIdentity;
  readonly directory: RunDirectory;
  readonly recorder: RunRecorder;
  readonly validation: LiveValidation;
  readonly provider: Provider;
  readonly clock: Clock;
  readonly startedAtMs: EpochMs;
}

/** The work around one pipeline: compile before it, documents after it. */
export class LocalRun implements RunSurroundings {
  readonly #request: RunRequest;
  readonly #parts: RunParts;
  #graph: GraphIr = EMPTY_GRAPH;
  #git: GitFacts | undefined;
  #reportStatus: "valid" | "invalid" | undefined;

  constructor(request: RunRequest, parts: RunParts) {
    this.#request = request;
    this.#parts = parts;
  }

  /** Verdict of the validator; known once the run was finalized. */
  get reportStatus(): "valid" | "invalid" | undefined {
    return this.#reportStatus;
  }

  async bootstrap(log: RunLog, stop: AbortSignal): Promise<Result<PreparedRun, BootstrapFailure>> {
    const { location } = this.#request;
    const workflowPath = relative(location.repoRoot, location.workflowPath);
    log.log("info", "Run context", {
      loom_version: LOOM_VERSION,
      repo_root: location.repoRoot,
      workflow_path: workflowPath,
      workspace: location.repoRoot,
      command: this.#request.command,
      pid: process.pid,
      host: hostname(),
    });
    const reading = readGitFacts(location.repoRoot, { env: this.#request.callerEnv, stop });
    const loaded = loadWorkflow(location, workflowPath);
    const git = await reading;
    if (!loaded.ok) {
      if (git.ok) this.#noteGit(log, git.value);
      return err({ error: loaded.error });
    }
    if (git.ok) {
      this.#noteGit(log, git.value);
    } else if (!stop.aborted) {
      const asks = (loaded.value.rules ?? []).some((rule) => variablesOf(rule.condition).some(isOfCommit));
      if (asks) {
        const message = `Cannot decide whether the pipeline runs: its rules ask for the commit, and git does not tell: ${git.error}`;
        return err({ error: { code: "git_refused", message } });
      }
      log.log(
        "warn",
        `Git does not tell about this checkout, so no CI_COMMIT_ variable is set: ${git.error}`,
      );
    }
    return this.#prepare(log, loaded.value);
  }

  #noteGit(log: RunLog, git: GitFacts | undefined): void {
    if (git === undefined) return;
    const { headSha, dirtyFiles, message } = git;
    log.log("info", "Workspace attribution", { head_sha: headSha, dirty_files: dirtyFiles });
    const shown = shortMessage(message);
    if (shown !== message) {
      const bytes = Buffer.byteLength(message);
      log.log(
        "warn",
        "The commit message is too long for a variable: CI_COMMIT_MESSAGE holds its beginning",
        { bytes },
      );
    }
    this.#git = { ...git, message: shown };
  }

  async finalize(result: RunResult): Promise<Result<EpochMs, EventError>> {
    const { recorder, validation, directory, clock, startedAtMs } = this.#parts;
    // Only what is worth writing: a place that is refused is told of by the documents that do not get there.
    if (!existsSync(directory.directory)) restoreRunDirectory(this.#request.location.repoRoot, directory);
    const finishedAtMs = clock.now();
    const report = validation.report(finishedAtMs);
    this.#reportStatus = report.status;
    const { location, command, concurrency } = this.#request;
    const written = finalizeRun(
      recorder,
      { outcome: result, finishedAtMs, phaseReport: { status: report.status, document: report } },
      {
        identity: this.#parts.identity,
        runDirectory: directory.directory,
        receiptPath: directory.receiptPath,
        concurrency,
        context: {
          loomVersion: LOOM_VERSION,
          command,
          repoRoot: location.repoRoot,
          workflowPath: location.workflowPath,
          headSha: this.#git?.headSha,
          graph: this.#graph,
          startedAtMs,
        },
      },
    );
    return written.ok ? ok(finishedAtMs) : written;
  }

  #prepare(log: RunLog, workflow: CompiledWorkflow): Result<PreparedRun, BootstrapFailure> {
    const { concurrency, failFast, only, location, variables } = this.#request;
    const { graph } = workflow;
    this.#graph = graph;
    const facts: EnvironmentFacts = {
      identity: this.#parts.identity,
      workflowPath: relative(location.repoRoot, location.workflowPath),
      projectDir: location.repoRoot,
      git: this.#git,
      callerEnv: this.#request.callerEnv,
      variables,
    };
    const runs = rulesAllow(workflow, facts);
    if (!runs) log.log("warn", "The pipeline does not run: no rule of the workflow lets it", { runs: false });
    const plan = planRun(graph, {
      concurrency,
      failFast,
      only: only as readonly JobId[],
      ...(graph.nodes.length > concurrency && {
        weights: lastDurations(location.repoRoot, location.workflowPath),
      }),
    });
    const planned: RunPlan = runs ? plan : { ...plan, selected: new Set() };
    log.log("info", "Workflow compiled", planFacts(graph, planned));
    const ignored = leftOut(graph.nodes);
    if (ignored.length > 0) {
      log.log("warn", `This version of loom does not carry out ${ignored.join(" and ")} of jobs yet`, {
        ignored,
      });
    }
    if (Object.keys(variables).length > 0) {
      for (const node of graph.nodes) {
        const env = jobEnvironment(facts, node);
        if (!env.ok)
          return err({
            error: { code: "VARIABLE_CYCLE", message: describeExpansion(env.error) },
            plan: planned,
          });
      }
    }
    return ok(this.#preparedRun(graph, planned, facts));
  }

  #preparedRun(graph: GraphIr, plan: RunPlan, facts: EnvironmentFacts): PreparedRun {
    const { provider } = this.#parts;
    const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
    return {
      plan,
      jobFor: (jobId, attempt) => {
        const node = nodes.get(jobId);
        if (node === undefined) throw new Error(`Job "${jobId}" is not in the graph`);
        const env = jobEnvironment(facts, node);
        if (!env.ok) throw new Error(describeExpansion(env.error));
        const need = unmetNeed(node);
        const chosen = need === undefined ? provider : unavailableProvider(need);
        return {
          provider: chosen,
          spec: { jobId, node, attempt, env: env.value, workspaceRoot: facts.projectDir },
        };
      },
    };
  }
}

/** Whether `workflow.rules` let the pipeline run, by what is known before any job. */
function rulesAllow(workflow: CompiledWorkflow, facts: EnvironmentFacts): boolean {
  if (workflow.rules === undefined) return true;
  const own = Object.entries(workflow.variables).map(([key, value]) => ({ key, value }));
  const predefined = predefinedVariables(runFacts(facts));
  const layers = jobVariables({ variables: own }, { predefined, commandLine: facts.variables });
  const expanded = expandVariables(layers, facts.callerEnv);
  return decideRules(workflow.rules, expanded.ok ? expanded.value : layers).runs;
}
