import { err, ok, type EventError, type Result } from "@loom/core";
import type Docker from "dockerode";
import { engineError, isNotThere } from "./engine/engine-error.ts";
import type { EngineFilter } from "./labels.ts";

/** Removes a container with all that runs in it. One that is gone already is fine. */
export async function removeContainer(container: Docker.Container): Promise<Result<void, EventError>> {
  return await removed(`container ${container.id.slice(0, 12)}`, async () => {
    await container.remove({ force: true, v: true });
  });
}

/** Removes a volume that no container has. One that is gone already is fine. */
export async function removeVolume(volume: Docker.Volume): Promise<Result<void, EventError>> {
  return await removed(`volume ${volume.name.slice(0, 12)}`, async () => {
    await volume.remove();
  });
}

/** Removes a network. One that is gone already is fine. */
export async function removeNetwork(network: Docker.Network): Promise<Result<void, EventError>> {
  return await removed(`network ${network.id.slice(0, 12)}`, async () => {
    await network.remove();
  });
}

async function removed(what: string, remove: () => Promise<void>): Promise<Result<void, EventError>> {
  try {
    await remove();
    return ok(undefined);
  } catch (cause) {
    return isNotThere(cause) ? ok(undefined) : err(engineError(`remove ${what}`, cause));
  }
}

/** Containers that an engine has. */
export async function containersOf(
  docker: Docker,
  filters: EngineFilter,
): Promise<readonly Docker.ContainerInfo[]> {
  return await docker.listContainers({ all: true, filters: { ...filters } });
}

/** Networks that an engine has. */
export async function networksOf(
  docker: Docker,
  filters: EngineFilter,
): Promise<readonly Docker.NetworkInspectInfo[]> {
  return await docker.listNetworks({ filters: JSON.stringify(filters) });
}

/** Volumes that an engine has. */
export async function volumesOf(
  docker: Docker,
  filters: EngineFilter,
): Promise<readonly Docker.VolumeInspectInfo[]> {
  const { Volumes: volumes } = await docker.listVolumes({ filters: JSON.stringify(filters) });
  // Podman says null where there is none.
  return (volumes as readonly Docker.VolumeInspectInfo[] | null) ?? [];
}
