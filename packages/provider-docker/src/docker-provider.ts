import { existsSync, statSync, writeFileSync } from "node:fs";
import { err, ok, type EventError, type PhaseOutcome, type Result } from "@loom/core";
import {
  reportEnded,
  type JobSpec,
  type LeftProcess,
  type Provider,
  type ProviderRun,
  type ProviderSession,
  type RunProvider,
  type SectionContext,
  type SectionLog,
  type Sections,
  type StopRequest,
} from "@loom/ports";
import { requireNode, systemErrorOf } from "@loom/system";
import type Docker from "dockerode";
import { DockerSession, listProcesses } from "./docker-session.ts";
import { engineError } from "./engine/engine-error.ts";
import { openEngine, type Engine } from "./engine/open-engine.ts";
import { removeContainer, startJobContainer, WORKSPACE } from "./job-container.ts";
import { ofRun } from "./labels.ts";

const NAME = "docker";

/**
 * Runs jobs in containers: one for each job, with one process in it for each step.
 *
 * The engine is found by the environment of whoever starts the run: see {@link findEngine}. Everything that is made bears the
 * run's id as a label, by which it is removed, also after a crash.
 */
export function createDockerProvider(): Provider {
  requireNode();
  return {
    name: NAME,
    open: (run) => new DockerRun(run),
    endLeftovers: async (run, log) => {
      // Most runs have no container, and not every machine has an engine to ask.
      if (run.notesPath !== undefined && !existsSync(run.notesPath)) return ok(undefined);
      const engine = await openEngine(run.env);
      return engine.ok ? await removeAll(engine.value, run, log) : engine;
    },
  };
}

class DockerRun implements RunProvider {
  readonly name = NAME;
  readonly seenRoot: string = WORKSPACE;
  readonly #run: ProviderRun;
  #engine: Promise<Result<Engine, EventError>> | undefined;

  constructor(run: ProviderRun) {
    this.#run = run;
  }

  async prepare(
    job: JobSpec,
    sections: Sections,
    stop: StopRequest,
  ): Promise<Result<ProviderSession, EventError>> {
    let result: Result<ProviderSession, EventError> | undefined;
    await sections.run("provider", async (section): Promise<PhaseOutcome> => {
      if (stop.terminate.aborted || stop.kill.aborted) {
        result = err({ code: "cancelled", message: "The job was not set up: the run is being stopped" });
        return { status: "cancelled" };
      }
      result = await this.#prepare(job, section, stop);
      if (result.ok) return { status: "success" };
      return result.error.code === "cancelled"
        ? { status: "cancelled" }
        : { status: "failed", error: result.error };
    });
    if (result === undefined) throw new Error("The provider section ended without having been run");
    return result;
  }

  async close(log: SectionLog): Promise<Result<void, EventError>> {
    const engine = await this.#engine;
    return engine?.ok === true ? await removeAll(engine.value, this.#run, log) : ok(undefined);
  }

  async #prepare(
    job: JobSpec,
    section: SectionContext,
    stop: StopRequest,
  ): Promise<Result<ProviderSession, EventError>> {
    if (!isFolder(job.workspaceRoot)) {
      const message = `The folder of the job is not there: ${job.workspaceRoot}`;
      return err({ code: "workspace_missing", message });
    }
    const { image } = job.node;
    if (image === undefined)
      return err({ code: "image_not_found", message: "The job names no image to run in" });
    const noted = this.#note();
    if (!noted.ok) return noted;
    this.#engine ??= openEngine(this.#run.env);
    const engine = await this.#engine;
    if (!engine.ok) {
      // Somebody may start it for the next job.
      this.#engine = undefined;
      return engine;
    }
    const { runId } = this.#run;
    const started = await startJobContainer(engine.value, { job, image, runId }, { section, stop });
    return started.ok ? ok(new DockerSession(job, started.value)) : started;
  }

  /** Notes that this run has containers, before the first is made. */
  #note(): Result<void, EventError> {
    const { notesPath } = this.#run;
    if (notesPath === undefined || existsSync(notesPath)) return ok(undefined);
    try {
      writeFileSync(notesPath, "", { flag: "wx", mode: 0o600 });
      return ok(undefined);
    } catch (cause) {
      const { code, message } = systemErrorOf(cause);
      if (code === "EEXIST") return ok(undefined);
      return err({
        code: "machine_exhausted",
        message: `Cannot note that the run has containers: ${message}`,
      });
    }
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Removes every container of a run, and notes what still ran in them. */
async function removeAll(
  { docker }: Engine,
  { runId }: ProviderRun,
  log: SectionLog,
): Promise<Result<void, EventError>> {
  const ended: LeftProcess[] = [];
  try {
    for (const { Id: id, State: state } of await containersOf(docker, runId)) {
      const container = docker.getContainer(id);
      const left = state === "running" ? await listProcesses(container) : [];
      const removed = await removeContainer(container);
      if (!removed.ok) return removed;
      ended.push(...left);
    }
  } catch (cause) {
    return err(engineError("list the containers of the run", cause));
  }
  return reportEnded("The run", { ended, left: [] }, log);
}

async function containersOf(
  docker: Docker,
  runId: ProviderRun["runId"],
): Promise<readonly Docker.ContainerInfo[]> {
  return await docker.listContainers({ all: true, filters: ofRun(runId) });
}
