import { err, ok, type EventError, type GraphImage, type Result } from "@loom/core";
import type { SectionContext } from "@loom/ports";
import type { Environment } from "@loom/system";
import type Docker from "dockerode";
import { codeOf, engineError, isNotThere } from "../engine/engine-error.ts";
import { followMessages } from "../engine/follow-messages.ts";
import { registryLogin, type RegistryLogin } from "./registry-login.ts";

/** An image that the engine has. */
export interface ProvidedImage {
  readonly id: string;
  /** Its digest in a registry; absent for one that never was in one. */
  readonly digest?: string;
}

/** Pulls the image of a job as its policy says: by default if the engine does not have it. What the engine says of that is output of the section. */
export async function provideImage(
  docker: Docker,
  { name, platform, pull_policy: policy = "if-not-present" }: Omit<GraphImage, "build">,
  {
    section,
    stop,
    env,
  }: { readonly section: SectionContext; readonly stop: AbortSignal; readonly env: Environment },
): Promise<Result<ProvidedImage, EventError>> {
  try {
    const present = await lookUp(docker, name);
    if (present !== undefined && policy !== "always") return ok(present);
    if (policy === "never")
      return err({
        code: "image_not_found",
        message: `The engine does not have image "${name}", and pull_policy is never. Pull or build it first`,
      });
    const pulled = await pull(
      docker,
      { name, platform, login: await registryLogin(name, env) },
      { section, stop },
    );
    if (!pulled.ok) return pulled;
    const found = await lookUp(docker, name);
    if (found !== undefined) return ok(found);
    return err({ code: "image_not_found", message: `Cannot find image "${name}" after it was pulled` });
  } catch (cause) {
    if (stop.aborted)
      return err({ code: "cancelled", message: "The image was not pulled: the run is being stopped" });
    return err(engineError(`get image "${name}"`, cause));
  }
}

async function lookUp(docker: Docker, name: string): Promise<ProvidedImage | undefined> {
  try {
    const { Id: id, RepoDigests: digests } = await docker.getImage(name).inspect();
    const digest = digests?.[0]?.split("@")[1];
    return { id, ...(digest !== undefined && { digest }) };
  } catch (cause) {
    if (isNotThere(cause)) return undefined;
    throw cause;
  }
}

/** One message of a pull. Source: the Engine API, `POST /images/create`. */
interface PullMessage {
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number };
}

async function pull(
  docker: Docker,
  {
    name,
    platform,
    login,
  }: {
    readonly name: string;
    readonly platform: string | undefined;
    readonly login: RegistryLogin | undefined;
  },
  { section, stop }: { readonly section: SectionContext; readonly stop: AbortSignal },
): Promise<Result<void, EventError>> {
  section.log("info", `Pulling ${name}`, { image: name });
  // Without a tag an engine would pull all of them.
  const reference = /[:@][^/]*$/u.test(name) ? name : `${name}:latest`;
  const stream = await docker.pull(reference, {
    ...(platform !== undefined && { platform }),
    ...(login !== undefined && { authconfig: login }),
    abortSignal: stop,
  });
  const failure = await followMessages<PullMessage>(docker, stream, ({ status, id, progressDetail }) => {
    // How far each layer is comes many times a second.
    if (status === undefined || progressDetail?.current !== undefined) return;
    void section.output.write("stdout", Buffer.from(`${id === undefined ? "" : `${id}: `}${status}\n`));
  });
  if (failure === undefined) return ok(undefined);
  const message = `Cannot pull image "${name}": ${failure}`;
  return err({ code: codeOf({ message: failure }), message });
}
