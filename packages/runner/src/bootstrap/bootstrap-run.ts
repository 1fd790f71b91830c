import { hostname } from "node:os";
import { relative } from "node:path";
import {
  EMPTY_GRAPH,
  err,
  ok,
  type EventError,
  type GraphIr,
  type GraphNode,
  type JobId,
  type OptionalPhases,
  type Result,
  type RunIdentity,
  type RunPlan,
} from "@loom/core";
import type { BootstrapFailure, Clock, JobProvider, PhaseRequest, PreparedRun, RunLog } from "@loom/ports";
import type { FarJobs } from "@loom/remote";
import type { RunRequest } from "../run-request.ts";
import type { OpenedWorkspace, WorkspaceOpener } from "../workspace/opened-workspace.ts";
import type { LocalSlots } from "../providers/local-slots.ts";
import { holdingResource } from "../providers/holding-resource.ts";
import { inOwnWorkspace } from "../workspace/in-own-workspace.ts";
import { hasOwnWorkspace, worksInVolume } from "../workspace/own-workspace-of.ts";
import { travellingCommit } from "../workspace/travelling-commit.ts";
import type { OwnWorkspaces } from "../workspace/own-workspaces.ts";
import type { JobPhases } from "../phases/job-phases.ts";
import type { RunSecrets } from "../secrets/run-secrets.ts";
import type { WorkflowLocation } from "../workflow/find-workflow.ts";
import { loadPart } from "../workflow/load-part.ts";
import type { RunnableWorkflow } from "../workflow/kept-workflows.ts";
import { unknownJob } from "../workflow/job-names.ts";
import { notStaged, stagedLocation } from "../workflow/staged-location.ts";
import type { ChangesBase } from "./changed-files.ts";
import { chooseProvider } from "./choose-provider.ts";
import { decideRun, judgeRefusal, requestedPlan } from "./decide-run.ts";
import { shortMessage, type GitFacts } from "./git-facts.ts";
import {
  expansionError,
  jobEnvironment,
  stepEnvironments,
  withExpanded,
  type EnvironmentFacts,
} from "./job-environment.ts";
import { refusingProvider, unavailableProvider } from "./unavailable-provider.ts";

/** What a bootstrap asks of the world. */
export interface BootstrapParts {
  readonly identity: RunIdentity;
  readonly workspace: WorkspaceOpener;
  /** Compiles the workflow. Default of the place: the checkout. */
  readonly load: (place?: WorkflowLocation) => Promise<Result<RunnableWorkflow, EventError>>;
  /** How long jobs took in the last run, in milliseconds. */
  readonly lastDurations: () => ReadonlyMap<JobId, number>;
  /** Absolute path of the run's evidence. */
  readonly runDirectory: string;
  /** The user's folder for caches. Absolute; absent for a run without caches. */
  readonly cacheHome?: string | undefined;
  /** Where the files of secrets go when no file system in memory can be written to. Absolute. */
  readonly secretsFolder: string;
  readonly clock: Clock;
  /** Absolute paths of the evidence of earlier runs that jobs keep their results from. */
  readonly keptEvidence?: ReadonlyMap<JobId, string> | undefined;
  /** The jobs that workers carry out; absent where all are carried out here. */
  readonly far?: FarJobs | undefined;
  /** How many jobs run on this machine at a time; absent where all of the run do. */
  readonly localSlots?: LocalSlots | undefined;
  /** What sets jobs up, by name; `host` does for those that need nothing special. */
  readonly providers: Readonly<Record<string, JobProvider>> & { readonly host: JobProvider };
}

/** The result of a bootstrap, even a failed one: the evidence has as much as is known. */
export interface Bootstrap {
  readonly prepared: Result<PreparedRun, BootstrapFailure>;
  /** What was compiled; without jobs if nothing was compiled. */
  readonly graph: GraphIr;
  /** Absent outside a repository, or if git did not say. */
  readonly git: GitFacts | undefined;
  /** Absolute path of the snapshot; absent where there is none. */
  readonly snapshotPath?: string;
  /** What that is a snapshot of; absent for the checkout as it was on disk. */
  readonly snapshotOf?: "staged" | "commit";
  /** What changes in rules of jobs were counted from; absent where none asks for changes. */
  readonly changesBase?: ChangesBase;
  /** Caches and artifacts of its jobs; absent where no job has any. */
  readonly phases?: JobPhases;
}

/** Carries out `run.bootstrap`: makes the workspace, compiles the workflow, decides whether the pipeline runs, plans it. */
export async function bootstrapRun(
  request: RunRequest,
  parts: BootstrapParts,
  { log, stop }: { readonly log: RunLog; readonly stop: AbortSignal },
): Promise<Bootstrap> {
  const { location } = request;
  const variables = Object.keys(request.variables);
  log.log("info", "Run context", {
    loom_version: request.loomVersion,
    repo_root: location.repoRoot,
    workflow_path: relative(location.repoRoot, location.workflowPath),
    command: request.command,
    ...(variables.length > 0 && { variables }),
    ...(parts.far !== undefined && {
      remote: true,
      ...(request.pool !== undefined && { pool: request.pool }),
    }),
    pid: process.pid,
    host: hostname(),
  });
  // The snapshot is made while the workflow is compiled, and given up when there is nothing to run in it.
  const giveUp = new AbortController();
  const opening = parts.workspace.open(AbortSignal.any([stop, giveUp.signal]));
  const loaded =
    parts.workspace.holdsWorkflow === true
      ? await loadStaged(log, location, { parts, opening })
      : await parts.load();
  if (!loaded.ok) {
    giveUp.abort();
    await opening;
    const git = await parts.workspace.look(stop);
    return {
      prepared: err({ error: loaded.error }),
      graph: EMPTY_GRAPH,
      git: git.ok ? noteGit(log, git.value) : undefined,
    };
  }
  const { graph } = loaded.value;
  // Of a workflow in the checkout that is known before the run, unless the file was changed since.
  const asked = [...request.only, ...request.play, ...(request.kept?.keys() ?? [])];
  const unknown = unknownJob(asked, graph.nodes);
  const planned: Result<RunPlan, EventError> =
    unknown === undefined
      ? ok(requestedPlan(graph, request))
      : err({ code: "JOB_NOT_FOUND", message: unknown });
  const opened = await opening;
  if (!opened.ok) {
    const error: BootstrapFailure = { error: opened.error, ...(planned.ok && { plan: planned.value }) };
    return { prepared: err(error), graph, git: undefined };
  }
  const workspace = opened.value;
  const poolOf = (node: GraphNode): string | undefined =>
    parts.far === undefined ? undefined : (node.runner_pool ?? request.pool);
  const isOwn = (node: GraphNode): boolean =>
    poolOf(node) !== undefined || hasOwnWorkspace(node, request.dockerWorkspaceMount);
  const own = planned.ok ? await keepForOwn(graph, planned.value, { parts, isOwn, stop }) : undefined;
  noteWorkspace(log, workspace, own?.ok === true ? own.value : undefined);
  if (own?.ok === true && parts.far !== undefined) {
    const commit = workspace.git && travellingCommit(workspace.git.headSha, request.callerEnv, stop);
    parts.far.workspacesAre({ below: own.value.below, treeHash: workspace.treeHash, commit });
  }
  const git = noteGit(log, workspace.git);
  const { snapshotPath, snapshotOf, gitRefusal } = workspace;
  const known = {
    graph,
    git,
    ...(snapshotPath !== undefined && { snapshotPath }),
    ...(snapshotOf !== undefined && { snapshotOf }),
  };
  if (!planned.ok) return { ...known, prepared: err({ error: planned.error }) };
  const plan = planned.value;
  if (own?.ok === false) return { ...known, prepared: err({ error: own.error, plan }) };
  const refusal =
    gitRefusal === undefined || stop.aborted ? undefined : judgeRefusal(log, loaded.value, gitRefusal);
  if (refusal !== undefined) return { ...known, prepared: err({ error: refusal, plan }) };
  const facts: EnvironmentFacts = {
    identity: parts.identity,
    workflowPath: relative(location.repoRoot, location.workflowPath),
    projectDir: workspace.projectDir,
    git,
    callerEnv: request.callerEnv,
    variables: request.variables,
  };
  const loadedPhases = await phasesOf(graph, { location, parts, isOwn, headSha: git?.headSha });
  if (!loadedPhases.ok) return { ...known, prepared: err({ error: loadedPhases.error, plan }) };
  const phases = loadedPhases.value;
  const loadedSecrets = await secretsOf(graph, request, parts);
  if (!loadedSecrets.ok) return { ...known, prepared: err({ error: loadedSecrets.error, plan }) };
  const prepared = await prepare(log, loaded.value, {
    request,
    parts,
    facts,
    phases,
    secrets: loadedSecrets.value,
    own: own?.ok === true ? own.value : undefined,
    placing: { poolOf, isOwn },
    stop,
  });
  return { ...known, ...(phases !== undefined && { phases }), ...prepared };
}

/** Makes ready what jobs with workspaces of their own are given; `undefined` where none of those that run has one. */
async function keepForOwn(
  graph: GraphIr,
  { selected }: RunPlan,
  {
    parts,
    isOwn,
    stop,
  }: {
    readonly parts: BootstrapParts;
    readonly isOwn: (node: GraphNode) => boolean;
    readonly stop: AbortSignal;
  },
): Promise<Result<OwnWorkspaces, EventError> | undefined> {
  const nodes = graph.nodes.filter(({ id }) => selected?.has(id as JobId) ?? true);
  if (!nodes.some(isOwn)) return undefined;
  const isShared = !nodes.every(isOwn);
  return await parts.workspace.keepForOwn(isShared, stop);
}

/** What carries out caches and artifacts; `undefined` where no job has any, as then it need not be loaded. */
async function phasesOf(
  graph: GraphIr,
  {
    location,
    parts: { identity, runDirectory, keptEvidence, cacheHome, clock },
    isOwn,
    headSha,
  }: {
    readonly location: WorkflowLocation;
    readonly parts: BootstrapParts;
    readonly isOwn: (node: GraphNode) => boolean;
    readonly headSha: string | undefined;
  },
): Promise<Result<JobPhases | undefined, EventError>> {
  if (!graph.nodes.some(({ cache, artifacts }) => cache !== undefined || artifacts !== undefined))
    return ok(undefined);
  const loaded = await loadPart("saves caches and artifacts", async () => import("../phases/job-phases.ts"));
  if (!loaded.ok) return loaded;
  const { JobPhases } = loaded.value;
  return ok(
    new JobPhases({
      identity,
      runDirectory,
      keptEvidence,
      projectFolder: location.repoRoot,
      graph,
      headSha,
      cacheHome,
      hasOwnWorkspace: isOwn,
      clock,
    }),
  );
}

/** The secrets of the run; `undefined` where no job has any, or files of its own, as then nothing has to be hidden. */
async function secretsOf(
  graph: GraphIr,
  { callerEnv }: RunRequest,
  { identity, secretsFolder: folder }: BootstrapParts,
): Promise<Result<RunSecrets | undefined, EventError>> {
  if (!graph.nodes.some(({ secrets, carry }) => secrets !== undefined || carry !== undefined))
    return ok(undefined);
  const loaded = await loadPart("gets secrets", async () => import("../secrets/run-secrets.ts"));
  if (!loaded.ok) return loaded;
  return ok(
    await loaded.value.RunSecrets.open(graph.nodes, { runId: identity.runId, env: callerEnv, folder }),
  );
}

/** Compiles the workflow as it is staged, or in the commit; one that is not staged at all as it is in the checkout. */
async function loadStaged(
  log: RunLog,
  location: WorkflowLocation,
  {
    parts,
    opening,
  }: { readonly parts: BootstrapParts; readonly opening: ReturnType<WorkspaceOpener["open"]> },
): ReturnType<BootstrapParts["load"]> {
  const opened = await opening;
  // Whatever needs a snapshot reports why there is none.
  if (!opened.ok) return await parts.load();
  const staged = stagedLocation(location, opened.value.projectDir);
  if (staged === undefined) {
    const path = relative(location.repoRoot, location.workflowPath);
    if (opened.value.snapshotOf === "commit")
      return err({ code: "WORKFLOW_NOT_FOUND", message: `The commit has no workflow "${path}"` });
    log.log("warn", notStaged(path));
  }
  return await parts.load(staged);
}

const SNAPSHOT_OF = { staged: "what is staged", commit: "a commit" } as const;

/** Puts into the evidence where jobs work. */
function noteWorkspace(log: RunLog, workspace: OpenedWorkspace, own: OwnWorkspaces | undefined): void {
  const { projectDir, snapshotPath, snapshotOf, treeHash, warnings } = workspace;
  const what = snapshotOf === undefined ? "the checkout" : SNAPSHOT_OF[snapshotOf];
  const where =
    snapshotPath === undefined ? "Jobs work in the checkout itself" : `Jobs work in a snapshot of ${what}`;
  log.log("info", where, {
    workspace: projectDir,
    ...(snapshotPath !== undefined && { snapshot_path: snapshotPath }),
    ...(snapshotOf !== undefined && { snapshot_of: snapshotOf }),
    ...(treeHash !== undefined && { tree_hash: treeHash }),
    ...(own !== undefined && { own_workspaces: own.folder }),
    ...(own !== undefined && own.below !== "" && { own_project: own.below }),
  });
  for (const warning of [...warnings, ...(own?.warnings ?? [])]) log.log("warn", warning);
}

/** Untracked files that are named in the evidence; the rest is counted. */
const MAX_UNTRACKED = 200;

/** Puts what git reported into the evidence; only the beginning of a long commit message reaches variables. */
function noteGit(log: RunLog, git: GitFacts | undefined): GitFacts | undefined {
  if (git === undefined) return undefined;
  const { headSha, dirtyFiles, untrackedFiles, message } = git;
  log.log("info", "Workspace attribution", {
    head_sha: headSha,
    dirty_files: dirtyFiles,
    ...(untrackedFiles.length > 0 && {
      untracked_files: untrackedFiles.slice(0, MAX_UNTRACKED),
      untracked_total: untrackedFiles.length,
    }),
  });
  const shown = shortMessage(message);
  if (shown !== message) {
    log.log("warn", "The commit message is too long for a variable: CI_COMMIT_MESSAGE holds its beginning", {
      bytes: Buffer.byteLength(message),
    });
  }
  return { ...git, message: shown };
}

interface Preparation {
  readonly request: RunRequest;
  readonly parts: BootstrapParts;
  readonly facts: EnvironmentFacts;
  readonly phases: JobPhases | undefined;
  readonly secrets: RunSecrets | undefined;
  /** Absent if no job that runs has its own workspace. */
  readonly own: OwnWorkspaces | undefined;
  readonly placing: Placing;
}

/** Where jobs are carried out. */
interface Placing {
  /** The pool whose workers carry a job out; `undefined` for this machine. */
  poolOf(node: GraphNode): string | undefined;
  /** Whether a job has its own workspace. */
  isOwn(node: GraphNode): boolean;
}

async function prepare(
  log: RunLog,
  workflow: RunnableWorkflow,
  {
    request,
    parts,
    facts,
    phases,
    secrets,
    own,
    placing,
    stop,
  }: Preparation & { readonly stop: AbortSignal },
): Promise<Pick<Bootstrap, "prepared" | "changesBase">> {
  const decided = await decideRun(log, workflow, {
    request,
    facts,
    project: request.location.repoRoot,
    stop,
    lastDurations: parts.lastDurations,
    ...(phases !== undefined && { optionalPhases: (node: GraphNode) => phases.optionalPhases(node) }),
  });
  if (!decided.ok) return { prepared: decided };
  const { graph, plan, changesBase } = decided.value;
  return {
    prepared: ok(preparedRun(graph, plan, { request, parts, facts, phases, secrets, own, placing })),
    ...(changesBase !== undefined && { changesBase }),
  };
}

function preparedRun(
  graph: GraphIr,
  plan: RunPlan,
  { request, parts, facts, phases, secrets, own, placing }: Preparation,
): PreparedRun {
  const { dockerWorkspaceMount: mount } = request;
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  return {
    plan,
    jobFor: (jobId, attempt) => {
      const node = nodes.get(jobId);
      if (node === undefined) throw new Error(`Job "${jobId}" is not in the graph`);
      const pool = placing.poolOf(node);
      const far = pool === undefined ? undefined : parts.far?.provider(pool);
      const hasFiles = far === undefined || hasPhases(phases?.optionalPhases(node) ?? {});
      // A worker makes its own copy: one here is for files that come and go.
      const copies = placing.isOwn(node) && hasFiles ? own : undefined;
      const given = far === undefined ? undefined : own?.pristine.projectDir;
      const projectDir = copies?.placeOf(jobId).projectDir ?? given ?? facts.projectDir;
      const chosen = chooseProvider(node, parts.providers);
      const near = chosen.unmetNeed === undefined ? chosen.provider : unavailableProvider(chosen.unmetNeed);
      const provider = far ?? parts.localSlots?.around(near) ?? near;
      const seenDir = provider.seenRoot ?? projectDir;
      const reported = phases?.variablesFor(node) ?? {};
      const expanded = jobEnvironment({ ...facts, projectDir: seenDir }, node, {
        provider: near.name,
        reported,
        given: request.jobVariables?.(jobId),
      });
      const env = expanded.ok ? expanded.value : reported;
      const stepEnv = stepEnvironments(node, env, facts.callerEnv);
      const able = expanded.ok ? provider : refusingProvider(expansionError(expanded.error));
      const placed = copies === undefined ? able : inOwnWorkspace(able, copies, far === undefined);
      // A worker has secrets of its own.
      const hiding = secrets === undefined || far !== undefined ? placed : secrets.around(placed);
      const { repoRoot } = request.location;
      return {
        provider:
          node.resource === undefined
            ? hiding
            : holdingResource(hiding, { repoRoot, runId: parts.identity.runId, clock: parts.clock }),
        spec: {
          jobId,
          node: withExpanded(node, env),
          attempt,
          env,
          ...(stepEnv.size > 0 && { stepEnv }),
          workspaceRoot: projectDir,
          ...((far !== undefined || worksInVolume(node, mount)) && { copiesWorkspace: true }),
        },
      };
    },
    ...(phases !== undefined && {
      runPhase: async (phase: PhaseRequest) =>
        secrets === undefined ? await phases.run(phase) : await secrets.runPhase(phase, phases),
    }),
  };
}

/** Whether a job has any phase that only some have. */
function hasPhases(phases: OptionalPhases): boolean {
  const { restoresCache, restoresArtifacts, savesArtifacts, savesCache } = phases;
  return (
    restoresCache === true ||
    restoresArtifacts === true ||
    savesArtifacts !== undefined ||
    savesCache !== undefined
  );
}
