import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { err, ok, type EventError, type ProcessEnd, type Result, type RunId } from "@loom/core";
import {
  inSection,
  stoppedBefore,
  type Clock,
  type Exchange,
  type JobProvider,
  type JobSpec,
  type ProviderSession,
  type SectionContext,
  type SectionLog,
  type StepSpec,
  type Sections,
  type StopRequest,
  type WorkspaceCopy,
} from "@loom/ports";
import { isFolder, missingWorkspace, removeAll } from "@loom/system";
import { aborted } from "./aborted.ts";
import { AttemptCalls, type AttemptPlace, type CallEnd, type CallListener } from "./attempt-calls.ts";
import { FileCourier, type SentFiles } from "./file-courier.ts";
import { findOpenStep } from "./find-open-step.ts";
import { HeldLease } from "./held-lease.ts";
import { listWorkers, RUN_LEASES } from "./leases.ts";
import { encodeMessage } from "./message-codec.ts";
import {
  offerId,
  queueOf,
  type Call,
  type ForwardedSecrets,
  type Offer,
  type TravellingJob,
} from "./messages.ts";
import { SetUpListener } from "./set-up-listener.ts";
import { ENGINE_TIMEOUT_MS, WorkerWatch } from "./worker-watch.ts";
import { pause, within } from "./pause.ts";

/** How long to wait before an exchange that does not answer is asked again. Milliseconds. */
const AGAIN_AFTER_MS = 500;

/** How long an exchange that was given up may take to hear that the run is over. Milliseconds. */
const LEAVES_WITHIN_MS = 2_000;

/** A run of which workers carry out jobs. */
export interface FarRunOptions {
  readonly exchange: Exchange;
  readonly runId: RunId;
  readonly clock: Clock;
  /** Absolute path of a folder for files on their way. */
  readonly folder: string;
  /** How long nothing may be heard of the exchange. Milliseconds. Default: {@link ENGINE_TIMEOUT_MS}. */
  readonly engineTimeoutMs?: number | undefined;
  /** Called with what a person should know: a sentence without a full stop. Default: not called. */
  readonly onNotice?: ((message: string) => void) | undefined;
  /** Called when nothing was heard of the exchange for too long, with a sentence like that. Default: not called. */
  readonly onGivenUp?: ((message: string) => void) | undefined;
  /**
   * What `env://` means in the secrets of a job; `undefined` where it means the environment of the worker. It goes to that
   * worker sealed. Default: it never does.
   */
  readonly secretsFor?: ((node: JobSpec["node"]) => ForwardedSecrets | undefined) | undefined;
}

/** What the workspaces of a run are like, before any job has worked in them. */
export interface FarWorkspaces {
  /** Path in each of the folder that jobs work in. Empty for most. */
  readonly below: string;
  /** Equal for equal contents. Absent where nobody knows. */
  readonly treeHash?: string | undefined;
  /** The commit that is checked out; absent outside a repository. */
  readonly commit?: TravellingCommit | undefined;
}

/** A commit that goes along with the workspace. */
export interface TravellingCommit {
  /** Its full name. */
  readonly sha: string;
  /** Makes a folder that can be the `.git` of the workspace elsewhere. @param to - Absolute; is not there yet. */
  pack(root: string, to: string): Promise<Result<undefined, EventError>>;
}

/** The jobs of one run that workers carry out. */
export class FarJobs {
  /** Stands in variables for the folder that a job works in: only its worker knows that. */
  readonly #rootMark = `/loom-root-${randomUUID()}`;
  readonly #options: FarRunOptions;
  readonly #courier: FileCourier;
  readonly #place: AttemptPlace;
  readonly #watch: WorkerWatch;
  readonly #lease: HeldLease;
  readonly #over = new AbortController();
  readonly #sessions = new Set<FarSession>();
  #workspaces: FarWorkspaces = { below: "" };
  #workspace: Promise<Result<SentFiles, EventError>> | undefined;
  #commit: Promise<SentFiles | undefined> | undefined;
  /** Who carried out which attempt when the run was taken up. */
  #atWork: ReturnType<typeof findAtWork> | undefined;
  #isGivenUp = false;
  #closed: Promise<Result<void, EventError>> | undefined;

  constructor(options: FarRunOptions) {
    const { exchange, runId, clock, folder } = options;
    this.#options = options;
    this.#courier = new FileCourier({ blobs: exchange.blobs, folder, clock });
    const { onNotice: notice = () => undefined, onGivenUp: giveUp = () => undefined } = options;
    const { engineTimeoutMs: timeoutMs = ENGINE_TIMEOUT_MS } = options;
    this.#watch = new WorkerWatch(exchange.leases, clock, {
      timeoutMs,
      notice,
      giveUp: (message) => {
        this.#isGivenUp = true;
        giveUp(message);
      },
    });
    this.#lease = new HeldLease(exchange.leases, clock, {
      key: `${RUN_LEASES}${runId}`,
      value: () => ({ runId }),
    });
    const coordinator = `${runId}-${randomUUID()}`;
    this.#place = { log: exchange.log, clock, coordinator, signal: this.#over.signal };
  }

  /** What sets jobs up on the workers of a pool. */
  provider(pool: string): JobProvider {
    return {
      name: "remote",
      seenRoot: this.#rootMark,
      prepare: async (job, sections, stop) => await this.#prepare(pool, job, { sections, stop }),
    };
  }

  /** Says what jobs find. Before any is prepared. */
  workspacesAre(workspaces: FarWorkspaces): void {
    this.#workspaces = workspaces;
  }

  /** Says that the run is there. */
  async open(): Promise<void> {
    await this.#lease.say();
  }

  /**
   * Takes over a job in the middle of a step, from a coordinator that is gone.
   *
   * @returns A session, of which `run` gives that step from its beginning on; `undefined` where no worker is at it.
   */
  async carryOn(
    pool: string,
    job: JobSpec,
    step: number,
  ): Promise<{ readonly session: ProviderSession; readonly worker: string } | undefined> {
    const { exchange, runId, clock } = this.#options;
    const offer: Offer = { runId, jobId: job.jobId, attempt: job.attempt };
    this.#atWork ??= findAtWork(exchange);
    const worker = (await this.#atWork).get(offerId(offer));
    if (worker === undefined) return undefined;
    const earlier = await findOpenStep(exchange.log, clock, { offer, step });
    if (earlier === undefined) return undefined;
    const calls = new AttemptCalls(offer, this.#place, { earlier });
    this.#watch.add(calls, pool);
    return { session: this.#session(job, calls, true), worker };
  }

  /**
   * No job runs any more. Ends what jobs left that were not closed. A second call does nothing.
   *
   * @returns Why something is still there.
   */
  async close(log: SectionLog): Promise<Result<void, EventError>> {
    this.#closed ??= this.#close(log);
    return await this.#closed;
  }

  async #close(log: SectionLog): Promise<Result<void, EventError>> {
    let result: Result<void, EventError> = ok(undefined);
    for (const session of this.#sessions) {
      const closed = await session.close({ log: log.log.bind(log), output: SILENT.output });
      if (!closed.ok) result = closed;
    }
    this.#watch.close();
    this.#over.abort();
    const { exchange, runId, clock } = this.#options;
    // Otherwise it is there until it is too old.
    const forgotten = exchange.log.forget(`${runId}.`).catch(() => undefined);
    const left = Promise.all([this.#lease.release(), forgotten]);
    await (this.#isGivenUp ? within(clock, LEAVES_WITHIN_MS, left) : left);
    return result;
  }

  async #prepare(
    pool: string,
    job: JobSpec,
    { sections, stop }: { readonly sections: Sections; readonly stop: StopRequest },
  ): Promise<Result<ProviderSession, EventError>> {
    let setUp: { calls: AttemptCalls; listener: SetUpListener; answered: Promise<CallEnd> } | undefined;
    const placed = await inSection<undefined>(sections, "provider", async (section) => {
      const stopped = stoppedBefore(stop);
      if (stopped !== undefined) return stopped;
      if (!isFolder(job.workspaceRoot)) return err(missingWorkspace(job.workspaceRoot));
      const root = this.#rootOf(job);
      const workspace = await this.#send(root, stop.terminate);
      if (!workspace.ok) return workspace;
      const offer: Offer = { runId: this.#options.runId, jobId: job.jobId, attempt: job.attempt };
      const secrets = this.#options.secretsFor?.(job.node);
      const calls = new AttemptCalls(offer, this.#place, secrets === undefined ? {} : { secrets });
      const listener = new SetUpListener(sections, section);
      const commit = await this.#sendCommit(root, section);
      const travelling = this.#travelling(job, workspace.value, commit);
      const prepare: Call = {
        kind: "prepare",
        job: secrets === undefined ? travelling : { ...travelling, forwardsSecrets: true },
      };
      const answered = calls.call(prepare, listener, stop);
      setUp = { calls, listener, answered };
      section.log("info", `The job goes to a worker of pool "${pool}"`, { provider: "remote", pool });
      this.#watch.add(calls, pool);
      // A worker that finds nothing asked for knows that the run is over.
      const offered = calls.told().then(async () => await this.#offer(pool, offer, stop.terminate));
      await Promise.race([offered, answered]);
      const first = await Promise.race([listener.firstEnded, answered]);
      return "status" in first && first.status === "success"
        ? ok(undefined)
        : refusalOf(await answered, stop);
    });
    if (setUp === undefined) return placed.ok ? err(nobodySetUp()) : placed;
    const { calls, listener, answered } = setUp;
    const answer = await answered;
    if (answer.kind === "done") {
      return ok(this.#session(job, calls));
    }
    const refusal = refusalOf(answer, stop);
    // What its worker has made for it goes.
    await calls.call({ kind: "close" }, SILENT, NEVER_STOPPED);
    await listener.abandon(refusal.error);
    this.#watch.remove(calls);
    await calls.end();
    return placed.ok ? refusal : placed;
  }

  #session(job: JobSpec, calls: AttemptCalls, isUnderWay = false): FarSession {
    const closed = (): void => {
      this.#watch.remove(calls);
      this.#sessions.delete(session);
    };
    const session = new FarSession(job, { calls, courier: this.#courier, closed, isUnderWay });
    this.#sessions.add(session);
    return session;
  }

  /** Sends the workspace as jobs find it. It is the same for all of them, so it is sent once. */
  async #send(root: string, stop: AbortSignal): Promise<Result<SentFiles, EventError>> {
    // Where nobody knows whether it is the same for another job, it is looked at for each.
    if (this.#workspaces.treeHash === undefined) return await this.#courier.sendFolder(root, stop);
    this.#workspace ??= this.#courier.sendFolder(root);
    const sent = await Promise.race([this.#workspace, aborted(stop)]);
    // Another job may have more luck.
    if (sent?.ok === false) this.#workspace = undefined;
    return sent ?? err({ code: "cancelled", message: "The job was not set up: the run is being stopped" });
  }

  /** Top of the workspace of a job. */
  #rootOf({ workspaceRoot }: JobSpec): string {
    const parts = this.#workspaces.below.split("/").filter((part) => part !== "");
    return resolve(workspaceRoot, ...parts.map(() => ".."));
  }

  /** Sends the commit that is checked out, once; `undefined` where there is none, or it cannot be sent. */
  async #sendCommit(root: string, section: SectionLog): Promise<SentFiles | undefined> {
    const { commit } = this.#workspaces;
    if (commit === undefined) return undefined;
    this.#commit ??= this.#packCommit(commit, root, section);
    return await this.#commit;
  }

  async #packCommit(
    commit: TravellingCommit,
    root: string,
    section: SectionLog,
  ): Promise<SentFiles | undefined> {
    const { folder } = this.#options;
    const packed = join(folder, `commit-${randomUUID()}`);
    mkdirSync(folder, { recursive: true });
    try {
      const sent = await this.#courier.send(packed, ["."], {
        known: `commit-${commit.sha}`,
        make: async () => await commit.pack(root, packed),
      });
      if (sent.ok) return sent.value;
      section.log("warn", `Jobs on workers have no .git: ${sent.error.message}`);
      return undefined;
    } finally {
      rmSync(packed, { recursive: true, force: true });
    }
  }

  async #offer(pool: string, offer: Offer, stop: AbortSignal): Promise<void> {
    const { exchange, clock } = this.#options;
    while (!stop.aborted)
      try {
        return await exchange.queue.offer(queueOf(pool), offerId(offer), encodeMessage(offer));
      } catch {
        await pause(clock, AGAIN_AFTER_MS);
      }
  }

  #travelling(
    { node, env, stepEnv }: JobSpec,
    workspace: SentFiles,
    commit: SentFiles | undefined,
  ): TravellingJob {
    return {
      node,
      env,
      ...(stepEnv !== undefined && { stepEnv: Object.fromEntries(stepEnv) }),
      rootMark: this.#rootMark,
      workspace,
      ...(commit !== undefined && { commit }),
      below: this.#workspaces.below,
    };
  }
}

/** Names of workers by the attempts that they carry out. */
async function findAtWork({ leases }: Pick<Exchange, "leases">): Promise<ReadonlyMap<string, string>> {
  const workers = await listWorkers(leases);
  return new Map(
    workers.flatMap(({ name, running }) => running.map((offer) => [offerId(offer), name] as const)),
  );
}

function nobodySetUp(): EventError {
  return { code: "worker_lost", message: "No worker has set the job up" };
}

function refusalOf(
  answer: CallEnd,
  { terminate, kill }: StopRequest,
): Result<never, EventError> & { readonly ok: false } {
  if (terminate.aborted || kill.aborted)
    return err({ code: "cancelled", message: "The job was not set up: the run is being stopped" });
  return err(answer.kind === "failed" || answer.kind === "lost" ? answer.error : nobodySetUp());
}

interface SessionParts {
  readonly calls: AttemptCalls;
  readonly courier: FileCourier;
  /** Called when it was closed. */
  readonly closed: () => void;
  /** Whether a step is under way that an earlier coordinator has asked for. */
  readonly isUnderWay: boolean;
}

/** A job that a worker has set up. */
class FarSession implements ProviderSession {
  readonly copy: WorkspaceCopy;
  readonly #parts: SessionParts;
  #isClosed = false;
  #isUnderWay: boolean;

  constructor({ workspaceRoot }: JobSpec, parts: SessionParts) {
    this.#parts = parts;
    this.#isUnderWay = parts.isUnderWay;
    this.copy = {
      putIn: async (paths, stop) => await this.#putIn(workspaceRoot, paths, stop),
      takeOut: async (paths, stop) => await this.#takeOut(workspaceRoot, paths, stop),
    };
  }

  async run(...[step, output, stop]: Parameters<ProviderSession["run"]>): Promise<ProcessEnd> {
    const end = await this.#end(step, { log: () => undefined, output }, stop);
    if (end.kind === "ended") return end.end;
    if (end.kind === "lost") return { kind: "lost", error: end.error };
    if (end.kind === "failed") return { kind: "not_started", error: end.error };
    throw new Error(`A worker answered a step with "${end.kind}"`);
  }

  async #end(step: StepSpec, listener: CallListener, stop: StopRequest): Promise<CallEnd> {
    const { calls } = this.#parts;
    if (this.#isUnderWay) {
      this.#isUnderWay = false;
      return await calls.goOn(listener, stop);
    }
    const stopped = stoppedBefore(stop);
    if (stopped?.ok === false) return { kind: "failed", error: stopped.error };
    return await calls.call({ kind: "run", step }, listener, stop);
  }

  async close(section: SectionContext): Promise<Result<void, EventError>> {
    const { calls, closed } = this.#parts;
    if (this.#isClosed) return ok(undefined);
    this.#isClosed = true;
    const end = await calls.call({ kind: "close" }, section, NEVER_STOPPED);
    closed();
    await calls.end();
    if (end.kind === "lost") section.log("info", `Nothing is cleaned up from here: ${end.error.message}`);
    return end.kind === "failed" ? err(end.error) : ok(undefined);
  }

  async #putIn(
    folder: string,
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<Result<void, EventError>> {
    const { courier, calls } = this.#parts;
    const files = await courier.send(folder, paths, { signal });
    if (!files.ok) return files;
    const call: Call = { kind: "put", files: files.value, paths };
    return resultOf(await calls.call(call, SILENT, stopBy(signal)));
  }

  async #takeOut(
    folder: string,
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<Result<void, EventError>> {
    const { courier, calls } = this.#parts;
    const taken = await calls.call({ kind: "take", paths }, SILENT, stopBy(signal));
    if (taken.kind !== "done" || taken.files === undefined) return resultOf(taken);
    for (const path of paths) if (path !== ".") removeAll(join(folder, path));
    const received = await courier.receive(taken.files, folder, { links: "inside", signal });
    return received.ok ? ok(undefined) : received;
  }
}

/** What is told here is of no use to anybody. */
const SILENT: CallListener = { log: () => undefined, output: { write: () => undefined } };

const NEVER_STOPPED: StopRequest = {
  terminate: new AbortController().signal,
  kill: new AbortController().signal,
  graceMs: 0,
};

function stopBy(signal: AbortSignal): StopRequest {
  return { ...NEVER_STOPPED, kill: signal };
}

function resultOf(end: CallEnd): Result<void, EventError> {
  return end.kind === "failed" || end.kind === "lost" ? err(end.error) : ok(undefined);
}
