import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { err, ok, type EventError, type Result, type RunId } from "@loom/core";
import type { Clock, Exchange, JobProvider, JobSpec, Provider, RunProvider } from "@loom/ports";
import {
  startWorker,
  type ArrivedJob,
  type FileCourier,
  type Offer,
  type ReceivedJob,
  type TravellingJob,
  type Worker,
  type WorkerOptions,
} from "@loom/remote";
import {
  type Environment,
  createSystemClock,
  errnoCode,
  inheritableEnvironment,
  systemErrorReason,
} from "@loom/system";
import { removeTree } from "@loom/workspace";
import manifest from "../../package.json" with { type: "json" };
import { startDeathWatch, type DeathWatch } from "../dead-runs/start-death-watch.ts";
import { packageProgram } from "../package-program.ts";
import { chooseProvider } from "../bootstrap/choose-provider.ts";
import { unavailableProvider } from "../bootstrap/unavailable-provider.ts";
import { cacheHomeOf, environmentOf } from "../option-defaults.ts";
import { builtInProviders, type Providers } from "../providers/built-in-providers.ts";
import { RunSecrets, type RunSecretsOptions } from "../secrets/run-secrets.ts";
import { secretsFolder } from "../secrets/secrets-folder.ts";
import { DEFAULT_WORKSPACE_MOUNT, worksInVolume } from "../workspace/own-workspace-of.ts";
import { endDeadWorkers, jobNotesPath, makeWorkerHome, type WorkerHome } from "./worker-home.ts";

/** What a worker takes, and with what it carries it out. */
export interface JobWorkerOptions extends Pick<
  WorkerOptions,
  "pools" | "slots" | "labels" | "orphanGraceMs" | "onJob"
> {
  /** Kept open by the caller until the worker has left. */
  readonly exchange: Exchange;
  /** Its name, which no other worker has: letters, digits, `_` and `-`. */
  readonly name: string;
  /** Version of the program. Default: of this package. */
  readonly version?: string | undefined;
  /** Where workspaces of jobs are. Absolute. Default: `XDG_CACHE_HOME` of `env`, or `~/.cache`. */
  readonly cacheHome?: string | undefined;
  /** The environment that jobs inherit, and from which their secrets come. Default: the process's. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** As for a run. Default: this machine, and containers. */
  readonly providers?: Readonly<Record<string, Provider>> | undefined;
  /**
   * What ends the jobs when this process is killed: a program and its arguments, to which the worker's folder and the number
   * of this process are added. Default: Node with a file of this package, where that can be found.
   */
  readonly afterDeath?: readonly [string, ...string[]] | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
}

/**
 * Starts to take jobs of pools, and carries them out as a run on this machine would. Ends what dead workers of this user left here.
 *
 * @throws The operating system's error, when there is no place for jobs.
 */
export function startJobWorker(options: JobWorkerOptions): Worker {
  const { exchange, name, pools, slots, labels, orphanGraceMs, onJob } = options;
  const clock = options.clock ?? createSystemClock();
  const cacheFolder = cacheHomeOf(options);
  const providers = { ...builtInProviders(), ...options.providers };
  const env = { ...environmentOf(options), XDG_CACHE_HOME: cacheFolder };
  const home = makeWorkerHome(cacheFolder, name);
  const watch = watchOver(home, options.afterDeath, env);
  // What cannot be ended now, the next worker tries again.
  const swept = endDeadWorkers(cacheFolder, { env, providers }).catch(() => undefined);
  const receiver = new JobReceiver(options, home, providers);
  const worker = startWorker({
    exchange,
    clock,
    name,
    host: hostname(),
    pools,
    slots,
    labels,
    version: options.version ?? manifest.version,
    folder: home.transfers,
    orphanGraceMs,
    onJob,
    receive: async (offer, job, stop, courier) => await receiver.receive(offer, job, { stop, courier }),
  });
  const leave = async (): Promise<void> => {
    await worker.left;
    await swept;
    // What cannot be removed stays noted: the next worker tries again.
    await home.remove().catch(() => undefined);
    watch?.release();
  };
  return { ...worker, left: leave() };
}

/** Has the jobs of this worker ended when this process is killed. */
function watchOver(
  { folder }: WorkerHome,
  afterDeath: JobWorkerOptions["afterDeath"],
  env: Environment,
): DeathWatch | undefined {
  const command = afterDeath ?? packageProgram("after-worker-death");
  if (command === undefined) return undefined;
  return startDeathWatch({ command: [...command, folder, String(process.pid)], path: env["PATH"], env });
}

/** Makes places for jobs that come from elsewhere. */
class JobReceiver {
  readonly #options: JobWorkerOptions;
  readonly #home: WorkerHome;
  readonly #providers: Providers;
  readonly #secretsFolder: string;

  constructor(options: JobWorkerOptions, home: WorkerHome, providers: Providers) {
    this.#options = options;
    this.#home = home;
    this.#providers = providers;
    this.#secretsFolder = secretsFolder(cacheHomeOf(options));
  }

  async receive(
    offer: Offer,
    travelled: ReceivedJob,
    { stop, courier }: { readonly stop: AbortSignal; readonly courier: FileCourier },
  ): Promise<Result<ArrivedJob, EventError>> {
    // What jobs have is told apart even where several of a run are here: closing one must not end another.
    const runId = `${offer.runId}-${offer.jobId}-${offer.attempt}` as RunId;
    const folder = this.#home.jobFolder(runId);
    const workspace = join(folder, "workspace");
    const made = makeFolder(workspace);
    if (!made.ok) return made;
    const env = inheritableEnvironment(environmentOf(this.#options));
    const opened = new Map<string, RunProvider>();
    const open = (provider: Provider): RunProvider => {
      const run = provider.open({ runId, env, notesPath: jobNotesPath(folder, provider.name) });
      opened.set(provider.name, run);
      return run;
    };
    const chosen = chooseProvider(travelled.node, this.#providers);
    const provider =
      chosen.unmetNeed === undefined ? open(chosen.provider) : unavailableProvider(chosen.unmetNeed);
    const remove = async (): Promise<void> => {
      for (const each of opened.values()) await each.close({ log: () => undefined });
      await removeTree(folder);
    };
    // The provider does its slow set-up meanwhile.
    const received = await receiveWorkspace(travelled, workspace, { courier, stop });
    if (!received.ok) {
      await remove();
      return received;
    }
    const spec = specOf(travelled, { offer, workspace, seenRoot: provider.seenRoot });
    return ok({
      provider: await this.#withSecrets(provider, spec, { runId, env, forwarded: travelled.forwarded }),
      spec,
      remove,
    });
  }

  async #withSecrets(
    provider: JobProvider,
    { node }: JobSpec,
    run: Pick<RunSecretsOptions, "runId" | "env" | "forwarded">,
  ): Promise<JobProvider> {
    if (node.secrets === undefined && node.carry === undefined) return provider;
    const secrets = await RunSecrets.open([node], { ...run, folder: this.#secretsFolder });
    return secrets.around(provider);
  }
}

/** Puts what a job is to find into its workspace: the files, and the commit that is checked out. */
async function receiveWorkspace(
  { workspace: files, commit }: TravellingJob,
  workspace: string,
  { courier, stop: signal }: { readonly courier: FileCourier; readonly stop: AbortSignal },
): Promise<Result<unknown, EventError>> {
  const repository = join(workspace, ".git");
  if (commit !== undefined) mkdirSync(repository);
  const [received, history] = await Promise.all([
    courier.receive(files, workspace, { links: "all", signal }),
    commit === undefined ? ok([]) : courier.receive(commit, repository, { links: "inside", signal }),
  ]);
  return received.ok ? history : received;
}

/** The job as a provider of this machine gets it. */
function specOf(
  travelled: TravellingJob,
  {
    offer: { jobId, attempt },
    workspace,
    seenRoot,
  }: { readonly offer: Offer; readonly workspace: string; readonly seenRoot: string | undefined },
): JobSpec {
  const workspaceRoot = join(workspace, travelled.below);
  const { node, env, stepEnv } = placedAt(travelled, seenRoot ?? workspaceRoot);
  return {
    jobId,
    node,
    attempt,
    env,
    ...(stepEnv !== undefined && {
      stepEnv: new Map(Object.entries(stepEnv).map(([step, variables]) => [Number(step), variables])),
    }),
    workspaceRoot,
    ...(worksInVolume(node, DEFAULT_WORKSPACE_MOUNT) && { copiesWorkspace: true }),
  };
}

/** The same with the path of its folder in place of the mark. */
function placedAt(travelled: TravellingJob, root: string): TravellingJob {
  const written = JSON.stringify(root).slice(1, -1);
  return JSON.parse(JSON.stringify(travelled).replaceAll(travelled.rootMark, () => written)) as TravellingJob;
}

function makeFolder(path: string): Result<undefined, EventError> {
  try {
    mkdirSync(path, { recursive: true });
    return ok(undefined);
  } catch (cause) {
    const code = errnoCode(cause) === "ENOSPC" ? "WORKSPACE_NO_SPACE" : "transfer_failed";
    return err({ code, message: `The worker has no folder for the job: ${systemErrorReason(cause)}` });
  }
}
