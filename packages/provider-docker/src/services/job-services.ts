import { err, ok, type EventError, type GraphService, type Result } from "@loom/core";
import { formatSpan } from "@loom/core";
import { inSection, type JobSpec, type SectionContext, type Sections, type StopRequest } from "@loom/ports";
import type { Environment } from "@loom/system";
import type Docker from "dockerode";
import { engineError } from "../engine/engine-error.ts";
import type { Engine } from "../engine/open-engine.ts";
import { provideImage } from "../image/provide-image.ts";
import { RUN_LABEL, type Labels } from "../labels.ts";
import { readFrames } from "../output/read-frames.ts";
import { removeContainer, removeNetwork } from "../remove-made.ts";
import { healthConfig } from "./health-config.ts";
import { serviceAlias } from "./service-alias.ts";
import { waitForService, type Readiness } from "./service-ready.ts";

/** Time for a service to be ready, where the workflow does not say. Milliseconds. */
const READY_TIMEOUT_MS = 60_000;

/** Lines of a service that are shown when it does not become ready. */
const LAST_LINES = 50;

/** Lines of a service that are kept at the end of its job. */
const KEPT_LINES = 10_000;

interface StartedService {
  readonly name: string;
  readonly container: Docker.Container;
  readonly timeoutMs: number;
}

/** The services of one job, on a network of their own with it. */
export class JobServices {
  readonly #network: Docker.Network;
  readonly #services: StartedService[] = [];

  private constructor(network: Docker.Network) {
    this.#network = network;
  }

  /** Makes the network, which the job has to join. */
  static async open(
    { docker }: Engine,
    { jobId }: JobSpec,
    labels: Labels,
  ): Promise<Result<JobServices, EventError>> {
    try {
      const name = `${labels[RUN_LABEL] ?? ""}-${jobId}`.replaceAll(/[^a-zA-Z0-9_.-]/gu, "-");
      const network = await docker.createNetwork({ Name: name, Labels: { ...labels } });
      return ok(new JobServices(network));
    } catch (cause) {
      return err(engineError("make a network for the services of the job", cause));
    }
  }

  /** The id of the network. */
  get network(): string {
    return this.#network.id;
  }

  /** Starts all services and waits until they are ready, in the section `services`. */
  async start(
    { docker, env }: Engine,
    { job, labels }: { readonly job: JobSpec; readonly labels: Labels },
    { sections, stop }: { readonly sections: Sections; readonly stop: StopRequest },
  ): Promise<Result<void, EventError>> {
    return await inSection(sections, "services", async (section) => {
      for (const service of job.node.services ?? []) {
        const started = await this.#startOne(docker, service, { labels, section, stop, env });
        if (!started.ok) return started;
      }
      return await this.#waitForAll(section, stop);
    });
  }

  /** Puts what services printed into the section. */
  async handOver(section: SectionContext): Promise<void> {
    for (const service of this.#services) {
      section.log("info", `Printed by service ${service.name}`, { service: service.name });
      await this.#print(service, section, KEPT_LINES);
    }
  }

  /** Removes the services and the network. */
  async close(): Promise<Result<void, EventError>> {
    for (const { container } of this.#services) {
      const removed = await removeContainer(container);
      if (!removed.ok) return removed;
    }
    return await removeNetwork(this.#network);
  }

  async #startOne(
    docker: Docker,
    service: GraphService,
    {
      labels,
      section,
      stop,
      env,
    }: {
      readonly labels: Labels;
      readonly env: Environment;
      readonly section: SectionContext;
      readonly stop: StopRequest;
    },
  ): Promise<Result<void, EventError>> {
    const { name, variables = [], command, entrypoint, healthcheck, ready_timeout_ms } = service;
    const provided = await provideImage(docker, service, { section, stop: stop.terminate, env });
    if (!provided.ok) return provided;
    const alias = service.alias ?? serviceAlias(name);
    try {
      const container = await docker.createContainer({
        Image: name,
        Env: variables.map(({ key, value }) => `${key}=${value}`),
        Labels: { ...labels },
        ...(command !== undefined && { Cmd: [...command] }),
        ...(entrypoint !== undefined && { Entrypoint: [...entrypoint] }),
        ...(healthcheck !== undefined && { Healthcheck: healthConfig(healthcheck) }),
        HostConfig: { NetworkMode: this.network },
        NetworkingConfig: { EndpointsConfig: { [this.network]: { Aliases: [alias] } } },
      });
      this.#services.push({ name: alias, container, timeoutMs: ready_timeout_ms ?? READY_TIMEOUT_MS });
      await container.start();
      section.log("info", `Service ${alias} started, of image ${name}`, {
        service: alias,
        image: name,
        image_id: provided.value.id,
        ...(provided.value.digest !== undefined && { image_digest: provided.value.digest }),
        container: container.id,
      });
      return ok(undefined);
    } catch (cause) {
      return err(engineError(`start service ${alias}`, cause));
    }
  }

  async #waitForAll(section: SectionContext, stop: StopRequest): Promise<Result<void, EventError>> {
    const began = performance.now();
    for (const service of this.#services) {
      try {
        const readiness = await waitForService(service.container, {
          timeoutMs: Math.max(0, service.timeoutMs - (performance.now() - began)),
          stop: stop.terminate,
        });
        if (readiness.kind === "stopped")
          return err({
            code: "cancelled",
            message: "The services were not started: the run is being stopped",
          });
        if (readiness.kind !== "ready") {
          await this.#print(service, section, LAST_LINES);
          return err({ code: "service_not_ready", message: whyNot(service, readiness) });
        }
      } catch (cause) {
        return err(engineError(`wait for service ${service.name}`, cause));
      }
      const ms = Math.round(performance.now() - began);
      section.log("info", `Service ${service.name} is ready, ${formatSpan(ms)}`, {
        service: service.name,
        duration_ms: ms,
      });
    }
    return ok(undefined);
  }

  async #print({ container }: StartedService, { output }: SectionContext, lines: number): Promise<void> {
    try {
      const printed = await container.logs({ stdout: true, stderr: true, follow: false, tail: lines });
      await readFrames([printed], (stream, bytes) => output.write(stream, bytes));
    } catch (cause) {
      // It is gone, and what it printed with it.
      engineError("read what a service printed", cause);
    }
  }
}

function whyNot(
  { name, timeoutMs }: StartedService,
  readiness: Exclude<Readiness, { readonly kind: "ready" | "stopped" }>,
): string {
  switch (readiness.kind) {
    case "ended":
      return `Service ${name} ended with exit code ${readiness.exitCode} before it was ready`;
    case "unhealthy":
      return `Service ${name} is not healthy, as its healthcheck says`;
    case "late":
      return `Service ${name} was not ready within ${formatSpan(timeoutMs)}`;
  }
}
