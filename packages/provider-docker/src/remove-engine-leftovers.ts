import { err, ok, type EventError, type Result } from "@loom/core";
import type { Environment } from "@loom/system";
import type Docker from "dockerode";
import { engineError, isConflict, isNotThere } from "./engine/engine-error.ts";
import { openEngine } from "./engine/open-engine.ts";
import { PROJECT_LABEL, RUN_LABEL, type EngineFilter } from "./labels.ts";
import {
  containersOf,
  networksOf,
  removeContainer,
  removeNetwork,
  removeVolume,
  volumesOf,
} from "./remove-made.ts";

/** How much was removed of an engine. */
export interface RemovedEngineLeftovers {
  readonly containers: number;
  readonly volumes: number;
  readonly networks: number;
  readonly images: number;
}

/** What to remove. */
export interface RemoveEngineLeftoversOptions {
  /** Absolute path of the project whose runs left it. Default: all projects. */
  readonly project?: string | undefined;
  /** Whether a run is over, so that nobody needs what is left of it; without `runId`, whether all runs of the project are. */
  readonly isOver: (of: { readonly project: string; readonly runId?: string }) => boolean;
}

/** How long an engine may take to answer. Milliseconds. */
const ANSWER_WITHIN_MS = 2_000;

/**
 * Removes what runs that are over have left in the engine, and the images that were built for their jobs. An image that a
 * container still uses stays.
 *
 * @returns `provider_unavailable` when the client of engines is not installed; `engine_unreachable` when there is no engine;
 *   `engine_failed` when it refuses.
 */
export async function removeEngineLeftovers(
  env: Environment,
  { project, isOver }: RemoveEngineLeftoversOptions,
): Promise<Result<RemovedEngineLeftovers, EventError>> {
  const engine = await openEngine(env, ANSWER_WITHIN_MS);
  if (!engine.ok) return engine;
  const { docker } = engine.value;
  const ofProject = project === undefined ? PROJECT_LABEL : `${PROJECT_LABEL}=${project}`;
  const made: EngineFilter = { label: [RUN_LABEL, ofProject] };
  const isLeft = (labels: LabelsOf): boolean => {
    const { [PROJECT_LABEL]: of, [RUN_LABEL]: runId } = labels ?? {};
    return of !== undefined && isOver({ project: of, ...(runId !== undefined && { runId }) });
  };
  try {
    // In this order: a container holds its volume, its network and its image.
    const containers = (await containersOf(docker, made)).filter(({ Labels: labels }) => isLeft(labels));
    for (const { Id: id } of containers) throwIfFailed(await removeContainer(docker.getContainer(id)));
    const volumes = (await volumesOf(docker, made)).filter(({ Labels: labels }) => isLeft(labels));
    for (const { Name: name } of volumes) throwIfFailed(await removeVolume(docker.getVolume(name)));
    const networks = (await networksOf(docker, made)).filter(({ Labels: labels }) => isLeft(labels));
    for (const { Id: id } of networks) throwIfFailed(await removeNetwork(docker.getNetwork(id)));
    const built = (await docker.listImages({ filters: JSON.stringify({ label: [ofProject] }) })).filter(
      ({ Labels: labels }) => isLeft(labels),
    );
    let images = 0;
    for (const { Id: id } of built) if (await removeImage(docker, id)) images += 1;
    return ok({ containers: containers.length, volumes: volumes.length, networks: networks.length, images });
  } catch (cause) {
    if (cause instanceof Refusal) return err(cause.error);
    return err(engineError("remove what runs have left in the container engine", cause));
  }
}

type LabelsOf = Readonly<Record<string, string>> | null | undefined;

class Refusal extends Error {
  readonly error: EventError;

  constructor(error: EventError) {
    super(error.message);
    this.error = error;
  }
}

function throwIfFailed(removed: Result<void, EventError>): void {
  if (!removed.ok) throw new Refusal(removed.error);
}

/** @returns Whether it is gone by this. */
async function removeImage(docker: Docker, id: string): Promise<boolean> {
  try {
    await docker.getImage(id).remove({ force: false });
    return true;
  } catch (cause) {
    // Somebody uses it, or has given it more names.
    if (isNotThere(cause) || isConflict(cause)) return false;
    throw cause;
  }
}
