import { isAbsolute, join, relative } from "node:path";
import { err, ok, type EventError, type GraphBuild, type Result } from "@loom/core";
import type { JobSpec, SectionContext } from "@loom/ports";
import type { Environment } from "@loom/system";
import type Docker from "dockerode";
import { contextEntries } from "./build-context.ts";
import { codeOf, engineError } from "../engine/engine-error.ts";
import { followMessages } from "../engine/follow-messages.ts";
import type { Labels } from "../labels.ts";
import { registryLogins } from "./registry-login.ts";

/** One message of a build. Source: the Engine API, `POST /build`. */
interface BuildMessage {
  readonly stream?: string;
}

/**
 * Builds the image of a job from its workspace, by the classic builder of the engine. What that prints is output of the
 * section. The image keeps its name, so the next build has the layers of this one.
 */
export async function buildImage(
  docker: Docker,
  { name, build, labels }: { readonly name: string; readonly build: GraphBuild; readonly labels: Labels },
  {
    job,
    section,
    stop,
    env,
  }: {
    readonly job: JobSpec;
    readonly section: SectionContext;
    readonly stop: AbortSignal;
    readonly env: Environment;
  },
): Promise<Result<void, EventError>> {
  const context = join(job.workspaceRoot, build.context);
  const dockerfile = relative(context, join(job.workspaceRoot, build.dockerfile));
  if (dockerfile.startsWith("..") || isAbsolute(dockerfile)) {
    const message = `The Dockerfile "${build.dockerfile}" is not in the context "${build.context}": an engine gets the context only`;
    return err({ code: "image_build_failed", message });
  }
  try {
    const stream = await docker.buildImage(
      { context, src: await contextEntries(context, dockerfile) },
      {
        t: name,
        dockerfile,
        buildargs: Object.fromEntries((build.args ?? []).map(({ key, value }) => [key, value])),
        ...(build.target !== undefined && { target: build.target }),
        labels,
        registryconfig: await buildLogins(env),
        // Containers of the build are removed whatever comes of it.
        forcerm: true,
        abortSignal: stop,
      },
    );
    const failure = await followMessages<BuildMessage>(docker, stream, ({ stream: text }) => {
      if (text !== undefined) void section.output.write("stdout", Buffer.from(text));
    });
    if (failure === undefined) return ok(undefined);
    const code = codeOf({ message: failure });
    const message = `Cannot build image "${name}": ${failure}`;
    return err({ code: code === "engine_failed" ? "image_build_failed" : code, message });
  } catch (cause) {
    if (stop.aborted)
      return err({ code: "cancelled", message: "The image was not built: the run is being stopped" });
    const error = engineError(`build image "${name}"`, cause);
    return err(error.code === "engine_failed" ? { ...error, code: "image_build_failed" } : error);
  }
}

/** Its types want empty fields where there is nothing. */
async function buildLogins(env: Environment): Promise<Docker.RegistryConfig> {
  const logins = Object.entries(await registryLogins(env));
  return Object.fromEntries(
    logins.map(([registry, login]) => [registry, { username: "", password: "", ...login }]),
  );
}
