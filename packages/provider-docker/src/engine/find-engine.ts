import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { err, ok, type EventError, type Result } from "@loom/core";
import type { Environment } from "@loom/system";
import { dockerConfigFolder, readDockerConfig, readJsonFile } from "./docker-config.ts";

/** Where a container engine listens. */
export interface EngineAddress {
  /** `unix:///var/run/docker.sock` or `tcp://host:port`, for example. */
  readonly url: string;
  /** What named it: `DOCKER_HOST`, `context NAME`, or `usual socket`. */
  readonly from: string;
}

/**
 * Finds the container engine: by `DOCKER_HOST`, else by the docker context in use, else at the usual sockets of Docker,
 * rootless Docker, Podman and Docker Desktop, the first that exists.
 *
 * Looks at files only; whether the engine answers is another question.
 *
 * @returns `engine_unreachable` when there is none, or its address is of a kind that is not supported.
 */
export function findEngine(env: Environment): Result<EngineAddress, EventError> {
  const host = env["DOCKER_HOST"];
  if (host !== undefined && host !== "") return supported({ url: host, from: "DOCKER_HOST" });
  const context = contextInUse(env);
  if (context !== undefined && context !== "default") return ofContext(context, env);
  const sockets = usualSockets(env);
  const found = sockets.find(isSocket);
  if (found !== undefined) return ok({ url: `unix://${found}`, from: "usual socket" });
  const message = `No container engine was found: DOCKER_HOST is not set, and there is no socket at ${sockets.join(", ")}. Start Docker or Podman, or set DOCKER_HOST`;
  return err({ code: "engine_unreachable", message });
}

function usualSockets(env: Environment): readonly string[] {
  const runtime = env["XDG_RUNTIME_DIR"];
  const own = runtime === undefined || runtime === "" ? [] : [runtime];
  const home = env["HOME"];
  return [
    "/var/run/docker.sock",
    ...own.map((folder) => join(folder, "docker.sock")),
    ...own.map((folder) => join(folder, "podman/podman.sock")),
    "/run/podman/podman.sock",
    // Docker Desktop on macOS, where the first one is made only if its settings say so. Source: its release notes, 4.13.
    ...(home === undefined || home === "" ? [] : [join(home, ".docker/run/docker.sock")]),
  ];
}

function isSocket(path: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    return false;
  }
}

/** Source: the docker command, whose contexts are files below its configuration. */
function contextInUse(env: Environment): string | undefined {
  const named = env["DOCKER_CONTEXT"];
  if (named !== undefined && named !== "") return named;
  const current = readDockerConfig(env)?.["currentContext"];
  return typeof current === "string" && current !== "" ? current : undefined;
}

function ofContext(name: string, env: Environment): Result<EngineAddress, EventError> {
  const folder = createHash("sha256").update(name).digest("hex");
  const meta = readJsonFile(join(dockerConfigFolder(env), "contexts/meta", folder, "meta.json"));
  const endpoints = meta?.["Endpoints"] as { readonly docker?: { readonly Host?: unknown } } | undefined;
  const url = endpoints?.docker?.Host;
  if (typeof url === "string" && url !== "") return supported({ url, from: `context ${name}` });
  const message = `The docker context "${name}" does not say where its engine is. Choose another one with "docker context use", or set DOCKER_HOST`;
  return err({ code: "engine_unreachable", message });
}

function supported(address: EngineAddress): Result<EngineAddress, EventError> {
  if (address.url.startsWith("unix:///")) return ok(address);
  if (/^(?:tcp|https?):\/\/./u.test(address.url) && URL.canParse(address.url.replace(/^tcp:/u, "http:")))
    return ok(address);
  const message = `The address of the container engine is not supported: "${address.url}" (${address.from}). Use unix:///path or tcp://host:port; for ssh, forward the socket: ssh -L`;
  return err({ code: "engine_unreachable", message });
}
