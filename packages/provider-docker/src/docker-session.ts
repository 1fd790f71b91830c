import { posix } from "node:path";
import { err, ok, type EventError, type Result } from "@loom/core";
import {
  carriedStart,
  LateOutput,
  missingStepFolder,
  reportEnded,
  shellOf,
  stepCommand,
  stepVariables,
  type CarriedStart,
  type JobShell,
  type JobSpec,
  type LeftProcess,
  type OutputSink,
  type ProcessEnd,
  type ProviderSession,
  type SectionContext,
  type ShellOptions,
  type StepSpec,
  type StopRequest,
  type WorkspaceCopy,
} from "@loom/ports";
import type Docker from "dockerode";
import { engineError, isNotThere } from "./engine/engine-error.ts";
import type { Engine } from "./engine/open-engine.ts";
import { removeJobContainer, WORKSPACE, type JobContainer } from "./job-container.ts";
import type { TakePiece } from "./output/read-frames.ts";
import { LIST_SCRIPT, OUT_OF_MEMORY_SCRIPT, readList, signalAllScript } from "./processes/scripts.ts";
import type { JobServices } from "./services/job-services.ts";
import { endOf, readExec, startExec, type RunningExec } from "./run-exec.ts";

/** How long to wait for the rest of the output of a step that is over. Milliseconds; usually it comes at once. */
const LAST_OUTPUT_MS = 100;

/** How long processes may take to end after SIGKILL before their whole container is killed. Milliseconds. */
const KILL_WAIT_MS = 2_000;

/** Everything in a container may be signalled and seen by this user, whoever the image runs as. */
const ROOT = "0:0";

/** Folders of a container for what its user alone may read, the first of them in memory. */
const PRIVATE_PLACES = ["/dev/shm", "/tmp", "/var/tmp"];

/** Makes a folder in the first of them that can be written to, and prints its path. */
const PRIVATE_FOLDER_SCRIPT = `for place in ${PRIVATE_PLACES.join(" ")}; do if mkdir -m 700 "$place/loom-carried-state" 2>/dev/null; then printf %s "$place/loom-carried-state"; break; fi; done`;

/** A job whose container runs. */
export interface MadeJob {
  readonly engine: Engine;
  readonly made: JobContainer;
  readonly services: JobServices | undefined;
}

/** A job whose steps run in a container of its own. */
export class DockerSession implements ProviderSession {
  readonly copy: WorkspaceCopy | undefined;
  readonly #engine: Pick<Engine, "address" | "env" | "name">;
  readonly #job: JobSpec;
  readonly #made: JobContainer;
  readonly #container: Docker.Container;
  readonly #services: JobServices | undefined;
  readonly #late = new LateOutput();
  /** Where what steps leave is written down. Made for the first step. */
  #carryFolder: string | undefined;
  /** How many of its processes the system has killed for want of memory. */
  #killedForMemory = 0;
  /** Steps that are over, and whose output others still hold. */
  readonly #open: RunningExec[] = [];

  constructor(job: JobSpec, { engine, made, services }: MadeJob) {
    this.#engine = engine;
    this.copy = made.copy;
    this.#job = job;
    this.#made = made;
    this.#container = made.container;
    this.#services = services;
  }

  async run(step: StepSpec, output: OutputSink, stop: StopRequest): Promise<ProcessEnd> {
    if (stop.terminate.aborted || stop.kill.aborted)
      return {
        kind: "not_started",
        error: { code: "cancelled", message: "The step was not started: the run is being stopped" },
      };
    let sink = output;
    const take: TakePiece = (stream, bytes) => sink.write(stream, bytes);
    const isTraced = { ...this.#job.env, ...step.env }["LOOM_DEBUG_TRACE"] === "1";
    const shell = shellOf(this.#job.node, step);
    const folder = posix.resolve(WORKSPACE, step.dir ?? ".");
    try {
      // The engine would call it a step that ended, with a message of its own among what that printed.
      if (step.dir !== undefined && !(await this.#holds(folder)))
        return { kind: "not_started", error: missingStepFolder(folder) };
      const carried = await this.#startCarried(step, isTraced);
      const { program, args } =
        carried === undefined
          ? stepCommand(shell, step.script, isTraced)
          : stepCommand(shell, carried.script, false);
      const command = [program, ...args];
      const own = { ...stepVariables(step), ...(carried ?? step).env };
      const running = await startExec(
        this.#container,
        {
          command: carried === undefined ? command : withFile(carried, command),
          env: Object.entries(own).map(([name, value]) => `${name}=${value}`),
          folder,
        },
        take,
      );
      const follow = this.#follow(stop);
      const exitCode = await running.ended;
      follow.end();
      await Promise.race([running.drained, delay(LAST_OUTPUT_MS)]);
      sink = {
        write: (stream, bytes) => {
          this.#late.take(stream, bytes);
          return undefined;
        },
      };
      this.#open.push(running);
      const end = endOf(exitCode);
      const wasKilled = end.kind === "signaled" && end.signal === "SIGKILL";
      if (!wasKilled || stop.terminate.aborted || stop.kill.aborted) return end;
      const error = await this.#outOfMemory(step);
      return error === undefined ? end : { ...end, error };
    } catch (cause) {
      return { kind: "not_started", error: engineError(`run step ${step.step} in its container`, cause) };
    }
  }

  /** By the engine's own client, which is there wherever somebody uses containers by hand. */
  async shell(step: StepSpec, { isTerminal }: ShellOptions): Promise<Result<JobShell, EventError>> {
    const folder = posix.resolve(WORKSPACE, step.dir ?? ".");
    try {
      if (!(await this.#holds(folder))) return err(missingStepFolder(folder));
      const carried = await this.#startCarried({ ...step, script: "exec sh" }, false);
      const { program, args } =
        carried === undefined
          ? { program: "sh", args: [] }
          : stepCommand(shellOf(this.#job.node, step), carried.script, false);
      const inside = [program, ...args];
      const own = { ...stepVariables(step), ...(carried ?? step).env };
      const { address, env, name } = this.#engine;
      return ok({
        command: [
          ...clientOf(name),
          address.url,
          "exec",
          isTerminal ? "-it" : "-i",
          "--workdir",
          folder,
          ...Object.keys(own).flatMap((name) => ["--env", name]),
          this.#container.id,
          ...(carried === undefined ? inside : withFile(carried, inside)),
        ],
        cwd: this.#job.workspaceRoot,
        env: Object.fromEntries(
          Object.entries({ ...env, ...own }).flatMap(([name, value]) =>
            value === undefined ? [] : [[name, value] as const],
          ),
        ),
      });
    } catch (cause) {
      return err(engineError("open a shell in its container", cause));
    }
  }

  /** What a step starts from, in a folder of the container that its user alone may enter; `undefined` where nothing is carried. */
  async #startCarried(step: StepSpec, isTraced: boolean): Promise<CarriedStart | undefined> {
    const { node, env } = this.#job;
    if (node.carry === undefined) return undefined;
    this.#carryFolder ??= await readExec(this.#container, { command: ["sh", "-c", PRIVATE_FOLDER_SCRIPT] });
    if (this.#carryFolder === "")
      throw new Error(`there is no folder that it may write to: none of ${PRIVATE_PLACES.join(", ")}`);
    return carriedStart({
      node,
      step,
      folder: this.#carryFolder,
      root: WORKSPACE,
      env: { ...env, ...stepVariables(step) },
      isTraced,
    });
  }

  /** Whether something is at a path of the container. */
  async #holds(path: string): Promise<boolean> {
    try {
      const answer = (await this.#container.infoArchive({ path })) as NodeJS.ReadableStream;
      // It has no body, and holds its connection, and so the program, until somebody has read that.
      answer.resume();
      return true;
    } catch (error) {
      if (isNotThere(error)) return false;
      throw error;
    }
  }

  async close(section: SectionContext): Promise<Result<void, EventError>> {
    const left = await listProcesses(this.#container);
    // With the container all of them end.
    const removed = await removeJobContainer(this.#made);
    await Promise.race([Promise.all(this.#open.map(({ drained }) => drained)), delay(LAST_OUTPUT_MS)]);
    for (const running of this.#open) running.release();
    await this.#late.handOver(section);
    await this.#services?.handOver(section);
    const closed = await this.#services?.close();
    const noted = reportEnded(
      "The job",
      removed.ok ? { ended: left, left: [] } : { ended: [], left },
      section,
    );
    if (!removed.ok) return removed;
    return closed?.ok === false ? closed : noted;
  }

  /** What the system says of processes that it killed in the container since it was asked last. */
  async #outOfMemory({ step }: StepSpec): Promise<EventError | undefined> {
    const before = this.#killedForMemory;
    try {
      const command = ["sh", "-c", OUT_OF_MEMORY_SCRIPT];
      const counts = await readExec(this.#container, { command, user: ROOT });
      this.#killedForMemory = Math.max(before, ...counts.split("\n").map(Number));
    } catch (cause) {
      // That it was killed is known whatever the engine says now.
      engineError("ask for memory", cause);
    }
    if (this.#killedForMemory === before) return undefined;
    return {
      code: "out_of_memory",
      message: `Step ${step} was killed: its container had no memory left. Give the engine or the container more, or have the step use less`,
    };
  }

  /** Has the step ended as it is asked to. */
  #follow({ terminate, kill, graceMs }: StopRequest): { readonly end: () => void } {
    const timers: NodeJS.Timeout[] = [];
    const killAll = (): void => {
      this.#signal("KILL");
      timers.push(setTimeout(() => void this.#container.kill().catch(() => undefined), KILL_WAIT_MS));
    };
    const terminateAll = (): void => {
      this.#signal("TERM");
      timers.push(setTimeout(killAll, graceMs));
    };
    if (terminate.aborted) terminateAll();
    else terminate.addEventListener("abort", terminateAll, { once: true });
    if (kill.aborted) killAll();
    else kill.addEventListener("abort", killAll, { once: true });
    return {
      end: () => {
        for (const timer of timers) clearTimeout(timer);
        terminate.removeEventListener("abort", terminateAll);
        kill.removeEventListener("abort", killAll);
      },
    };
  }

  #signal(signal: "TERM" | "KILL"): void {
    // An engine that does not answer is noticed where the step is waited for.
    readExec(this.#container, { command: ["sh", "-c", signalAllScript(signal)], user: ROOT }).catch(
      () => undefined,
    );
  }
}

/** Runs a command once a file is there that its user alone may read. It starts as the same process. */
function withFile({ file, text }: CarriedStart, command: readonly string[]): readonly string[] {
  const write = '(umask 077; printf %s "$1" >"$2") && shift 2 && exec "$@"';
  return ["sh", "-c", write, "sh", text, file, ...command];
}

/** The client of an engine, up to where its address comes. */
function clientOf(engineName: string): readonly [string, string] {
  return engineName.startsWith("Podman") ? ["podman", "--url"] : ["docker", "--host"];
}

/** What runs in a container beside what holds it open; nothing where the engine does not say. */
export async function listProcesses(container: Docker.Container): Promise<readonly LeftProcess[]> {
  try {
    if (await isAlone(container)) return [];
    return readList(await readExec(container, { command: ["sh", "-c", LIST_SCRIPT], user: ROOT }));
  } catch (cause) {
    // It is stopped, or gone.
    engineError("list processes", cause);
    return [];
  }
}

/** Whether a container has no process but its first. To ask that takes a fifth of the time of asking which there are. */
async function isAlone(container: Docker.Container): Promise<boolean> {
  try {
    const { Processes: processes } = (await container.top({ ps_args: "-eo pid" })) as {
      readonly Processes?: readonly unknown[];
    };
    return processes?.length === 1;
  } catch (cause) {
    // Not every engine can: it may have no ps.
    engineError("count processes", cause);
    return false;
  }
}

async function delay(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
