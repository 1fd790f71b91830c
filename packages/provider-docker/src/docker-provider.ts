import { existsSync, writeFileSync } from "node:fs";
import { err, ok, type EventError, type Result, imageOf } from "@loom/core";
import {
  inSection,
  reportEnded,
  stoppedBefore,
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
import { isFolder, missingWorkspace, requireNode, systemErrorOf } from "@loom/system";
import { DockerSession, listProcesses, type MadeJob } from "./docker-session.ts";
import { engineError } from "./engine/engine-error.ts";
import { openEngine, type Engine } from "./engine/open-engine.ts";
import { buildImage } from "./image/build-image.ts";
import { removeJobContainer, startJobContainer, WORKSPACE } from "./job-container.ts";
import { labelsOf, ofRun, projectLabel } from "./labels.ts";
import {
  containersOf,
  networksOf,
  removeContainer,
  removeNetwork,
  removeVolume,
  volumesOf,
} from "./remove-made.ts";
import { JobServices } from "./services/job-services.ts";

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
    const built = await this.#build(job, sections, stop);
    if (!built.ok) return built;
    const prepared = await inSection(
      sections,
      "provider",
      async (section) => stoppedBefore(stop) ?? (await this.#make(job, section, stop)),
    );
    if (!prepared.ok) return prepared;
    const { engine, made, services } = prepared.value;
    const started = await services?.start(
      engine,
      { job, labels: labelsOf(this.#run, job.jobId) },
      { sections, stop },
    );
    if (started?.ok === false) {
      await removeJobContainer(made);
      await services?.close();
      return started;
    }
    return ok(new DockerSession(job, prepared.value));
  }

  async close(log: SectionLog): Promise<Result<void, EventError>> {
    const engine = await this.#engine;
    return engine?.ok === true ? await removeAll(engine.value, this.#run, log) : ok(undefined);
  }

  /** Builds the image of a job that has one to be built. Whatever keeps it from that is told by the section `provider`. */
  async #build(job: JobSpec, sections: Sections, stop: StopRequest): Promise<Result<void, EventError>> {
    const image = imageOf(job.node);
    const build = image?.build;
    if (image === undefined || build === undefined || stop.terminate.aborted) return ok(undefined);
    const engine = await this.#openEngine();
    if (!engine.ok) return ok(undefined);
    const { docker } = engine.value;
    return await inSection(sections, "image_build", async (section) =>
      isFolder(job.workspaceRoot)
        ? await buildImage(
            docker,
            { name: image.name, build, labels: projectLabel(this.#run.project) },
            { job, section, stop: stop.terminate, env: this.#run.env },
          )
        : err(missingWorkspace(job.workspaceRoot)),
    );
  }

  /** Makes the container of a job, and the network of its services. */
  async #make(
    job: JobSpec,
    section: SectionContext,
    stop: StopRequest,
  ): Promise<Result<MadeJob, EventError>> {
    if (!isFolder(job.workspaceRoot)) return err(missingWorkspace(job.workspaceRoot));
    const { services: wanted = [] } = job.node;
    const image = imageOf(job.node);
    if (image === undefined)
      return err({ code: "image_not_found", message: "The job names no image to run in" });
    const noted = this.#note();
    if (!noted.ok) return noted;
    const engine = await this.#openEngine();
    if (!engine.ok) return engine;
    const labels = labelsOf(this.#run, job.jobId);
    const services = wanted.length === 0 ? undefined : await JobServices.open(engine.value, job, labels);
    if (services?.ok === false) return services;
    const network = services?.value.network;
    const made = await startJobContainer(engine.value, { job, image, labels, network }, { section, stop });
    if (made.ok) return ok({ engine: engine.value, made: made.value, services: services?.value });
    await services?.value.close();
    return made;
  }

  async #openEngine(): Promise<Result<Engine, EventError>> {
    this.#engine ??= openEngine(this.#run.env);
    const engine = await this.#engine;
    // Somebody may start it for the next job.
    if (!engine.ok) this.#engine = undefined;
    return engine;
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

/** Removes every container, network and volume of a run, and notes what still ran in them. */
async function removeAll(
  { docker }: Engine,
  run: ProviderRun,
  log: SectionLog,
): Promise<Result<void, EventError>> {
  const ended: LeftProcess[] = [];
  try {
    for (const { Id: id, State: state } of await containersOf(docker, ofRun(run))) {
      const container = docker.getContainer(id);
      const left = state === "running" ? await listProcesses(container) : [];
      const removed = await removeContainer(container);
      if (!removed.ok) return removed;
      ended.push(...left);
    }
    for (const { Id: id } of await networksOf(docker, ofRun(run))) {
      const removed = await removeNetwork(docker.getNetwork(id));
      if (!removed.ok) return removed;
    }
    for (const { Name: name } of await volumesOf(docker, ofRun(run))) {
      const removed = await removeVolume(docker.getVolume(name));
      if (!removed.ok) return removed;
    }
  } catch (cause) {
    return err(engineError("list what the run has made", cause));
  }
  return reportEnded("The run", { ended, left: [] }, log);
}
