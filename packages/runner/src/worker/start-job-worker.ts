import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { ok, type EventError, type Result, type RunId } from "@loom/core";
import type { Clock, Exchange, JobProvider, JobSpec, Provider } from "@loom/ports";
import {
  jobAt,
  startWorker,
  type ArrivedJob,
  type FileCourier,
  type Offer,
  type ReceivedJob,
  type TravellingJob,
  type Worker,
  type WorkerOptions,
} from "@loom/remote";
import { type Environment, createSystemClock, inheritableEnvironment } from "@loom/system";
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
import { JobPlace } from "./job-place.ts";
import { endDeadWorkers, makeWorkerHome, type WorkerHome } from "./worker-home.ts";

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
    await receiver.close();
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
  readonly #home: WorkerHome;
  readonly #providers: Providers;
  readonly #secretsFolder: string;
  readonly #env: Environment;
  /** Places on this machine that no job has now: as many as there were jobs at a time. */
  readonly #idle: JobPlace[] = [];
  /** All of them: one that could not be cleared gets no other job. */
  readonly #places = new Set<JobPlace>();
  #isClosed = false;

  constructor(options: JobWorkerOptions, home: WorkerHome, providers: Providers) {
    this.#env = inheritableEnvironment(environmentOf(options));
    this.#home = home;
    this.#providers = providers;
    this.#secretsFolder = secretsFolder(cacheHomeOf(options));
  }

  async receive(
    offer: Offer,
    travelled: ReceivedJob,
    { stop, courier }: { readonly stop: AbortSignal; readonly courier: FileCourier },
  ): Promise<Result<ArrivedJob, EventError>> {
    const chosen = chooseProvider(travelled.node, this.#providers);
    // What runs on this machine is the same for all jobs, and slow to set up.
    const isHere = chosen.unmetNeed === undefined && chosen.provider === this.#providers.host;
    const id = isHere ? randomUUID() : `${offer.runId}-${offer.jobId}-${offer.attempt}`;
    const place =
      (isHere ? this.#idle.pop() : undefined) ??
      new JobPlace(id as RunId, this.#home.jobFolder(id), this.#env);
    const remove = async (): Promise<void> => {
      if (!isHere || this.#isClosed) return await place.remove();
      await place.clear();
      this.#idle.push(place);
    };
    if (isHere) this.#places.add(place);
    const made = place.make();
    if (!made.ok) {
      await place.remove();
      return made;
    }
    const provider =
      chosen.unmetNeed === undefined ? place.open(chosen.provider) : unavailableProvider(chosen.unmetNeed);
    const { workspace } = place;
    const received = await receiveWorkspace(travelled, workspace, { courier, stop });
    if (!received.ok) {
      await remove();
      return received;
    }
    const spec = specOf(travelled, { offer, workspace, seenRoot: provider.seenRoot });
    const run = { runId: place.id, env: this.#env, forwarded: travelled.forwarded };
    return ok({
      provider: await this.#withSecrets(provider, spec, run),
      spec,
      remove,
    });
  }

  /** No job comes any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const place of this.#places) await place.remove();
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
    courier.receive(files, workspace, { links: "all", times: "now", signal }),
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
  const placed = jobAt(travelled, seenRoot ?? workspaceRoot);
  return {
    jobId,
    attempt,
    ...placed,
    workspaceRoot,
    ...(worksInVolume(placed.node, DEFAULT_WORKSPACE_MOUNT) && { copiesWorkspace: true }),
  };
}
