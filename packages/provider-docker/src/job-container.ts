import { err, ok, type EventError, type GraphImage, type Result, imageOf } from "@loom/core";
import { stepPrograms, type JobSpec, type SectionContext, type StopRequest } from "@loom/ports";
import { formatBytes } from "@loom/system";
import type Docker from "dockerode";
import { engineError } from "./engine/engine-error.ts";
import type { Engine } from "./engine/open-engine.ts";
import { provideImage } from "./image/provide-image.ts";
import type { Labels } from "./labels.ts";
import { removeContainer, removeVolume } from "./remove-made.ts";
import { readExec } from "./run-exec.ts";
import { ContainerCopy } from "./workspace/container-copy.ts";
import { sharedObjects } from "./workspace/shared-objects.ts";

/** Where a job sees its workspace. */
export const WORKSPACE = "/workspace";

/** The first process waits for an input that never comes. It needs nothing but the shell, which steps need, too. */
const WAIT_FOREVER = ["-c", "while read -r line; do :; done"];

/** The container of a job, in which steps can run. */
export interface JobContainer {
  readonly container: Docker.Container;
  /** The copy of the workspace that it has; absent where the workspace is mounted. */
  readonly copy: ContainerCopy | undefined;
  readonly volume: Docker.Volume | undefined;
}

/** Makes and starts the container of a job. Whatever fails, nothing of it is left. */
export async function startJobContainer(
  { docker, address, env, name: engineName }: Engine,
  {
    job,
    image,
    labels,
    network,
  }: {
    readonly job: JobSpec;
    readonly image: GraphImage;
    readonly labels: Labels;
    /** The network of its services. Default: the engine's usual one. */
    readonly network: string | undefined;
  },
  { section, stop }: { readonly section: SectionContext; readonly stop: StopRequest },
): Promise<Result<JobContainer, EventError>> {
  const { name, build, entrypoint, user, platform } = image;
  // One that was built here may be in no registry.
  const policy = build === undefined ? image.pull_policy : "never";
  const wanted = {
    name,
    ...(platform !== undefined && { platform }),
    ...(policy !== undefined && { pull_policy: policy }),
  };
  const provided = await provideImage(docker, wanted, { section, stop: stop.terminate, env });
  if (!provided.ok) return provided;
  let container: Docker.Container | undefined;
  let volume: Docker.Volume | undefined;
  try {
    if (job.copiesWorkspace === true) volume = await docker.createVolume({ Labels: { ...labels } });
    container = await docker.createContainer({
      Image: name,
      Entrypoint: entrypoint === undefined ? ["sh"] : [...entrypoint],
      Cmd: entrypoint === undefined ? WAIT_FOREVER : ["sh", ...WAIT_FOREVER],
      ...(user !== undefined && { User: user }),
      ...(platform !== undefined && { platform }),
      OpenStdin: true,
      Env: Object.entries(job.env).map(([name, value]) => `${name}=${value}`),
      WorkingDir: WORKSPACE,
      Labels: { ...labels },
      HostConfig: { Mounts: mountsOf(job, volume), ...(network !== undefined && { NetworkMode: network }) },
    });
    await container.start();
  } catch (cause) {
    await removeJobContainer({ container, volume });
    return err(engineError(`start a container of image "${name}"`, cause));
  }
  const missing = await missingShell(container, job);
  if (missing !== undefined) {
    await removeJobContainer({ container, volume });
    return err(missing);
  }
  section.log("info", `Steps run in a container of ${name}`, {
    provider: "docker",
    image: name,
    image_id: provided.value.id,
    ...(provided.value.digest !== undefined && { image_digest: provided.value.digest }),
    container: container.id,
    engine: engineName,
    engine_address: address.url,
    cwd: WORKSPACE,
  });
  if (volume === undefined) return ok({ container, copy: undefined, volume });
  const copy = new ContainerCopy(container, job.workspaceRoot, WORKSPACE);
  const copied = await copy.copyIn(["."], stop.terminate);
  if (!copied.ok) {
    await removeJobContainer({ container, volume });
    return copied;
  }
  const { files, bytes } = copied.value;
  section.log("info", `Copied the workspace into a volume: ${files} files, ${formatBytes(bytes)}`, {
    volume: volume.name,
    files,
    bytes,
  });
  return ok({ container, copy, volume });
}

/** Says that the image does not have what is named to run steps; without that, its `sh` has started already. */
async function missingShell(container: Docker.Container, { node }: JobSpec): Promise<EventError | undefined> {
  for (const { program, whose } of stepPrograms(node)) {
    if (program === "sh") continue;
    try {
      const command = ["sh", "-c", 'command -v -- "$1"', "sh", program];
      if ((await readExec(container, { command })) !== "") continue;
      const message = `The image "${imageOf(node)?.name ?? ""}" has no "${program}", which ${whose} names as its shell: use another image, or another shell`;
      return { code: "shell_not_found", message };
    } catch (cause) {
      return engineError(`look for "${program}" in the container`, cause);
    }
  }
  return undefined;
}

function mountsOf(
  { workspaceRoot, readFolders = [] }: JobSpec,
  volume: Docker.Volume | undefined,
): Docker.MountSettings[] {
  return [
    volume === undefined
      ? { Type: "bind", Source: workspaceRoot, Target: WORKSPACE }
      : { Type: "volume", Source: volume.name, Target: WORKSPACE },
    ...[...readFolders, ...sharedObjects(workspaceRoot)].map((folder): Docker.MountSettings => ({
      Type: "bind",
      Source: folder,
      Target: folder,
      ReadOnly: true,
    })),
  ];
}

/** Removes what a job had. What is gone already, or was never made, is fine. */
export async function removeJobContainer({
  container,
  volume,
}: {
  readonly container: Docker.Container | undefined;
  readonly volume: Docker.Volume | undefined;
}): Promise<Result<void, EventError>> {
  const removed = container === undefined ? ok(undefined) : await removeContainer(container);
  if (!removed.ok || volume === undefined) return removed;
  return await removeVolume(volume);
}
