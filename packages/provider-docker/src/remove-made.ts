import { err, ok, type EventError, type Result } from "@loom/core";
import type Docker from "dockerode";
import { engineError, isNotThere } from "./engine/engine-error.ts";
import type { EngineFilter } from "./labels.ts";

/** Removes a container with all that runs in it. One that is gone already is fine. */
export async function removeContainer(container: Docker.Container): Promise<Result<void, EventError>> {
  try {
    await container.remove({ force: true, v: true });
    return ok(undefined);
  } catch (cause) {
    if (isNotThere(cause)) return ok(undefined);
    return err(engineError(`remove container ${container.id.slice(0, 12)}`, cause));
  }
}

/** Removes a volume that no container has. One that is gone already is fine. */
export async function removeVolume(volume: Docker.Volume): Promise<Result<void, EventError>> {
  try {
    await volume.remove();
    return ok(undefined);
  } catch (cause) {
    if (isNotThere(cause)) return ok(undefined);
    return err(engineError(`remove volume ${volume.name.slice(0, 12)}`, cause));
  }
}

/** Removes a network. One that is gone already is fine. */
export async function removeNetwork(network: Docker.Network): Promise<Result<void, EventError>> {
  try {
    await network.remove();
    return ok(undefined);
  } catch (cause) {
    if (isNotThere(cause)) return ok(undefined);
    return err(engineError(`remove network ${network.id.slice(0, 12)}`, cause));
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
