import { err, ok, type EventError, type Result } from "@loom/core";
import { loadInstalled, type Environment } from "@loom/system";
import type Docker from "dockerode";
import { engineError } from "./engine-error.ts";
import { findEngine, type EngineAddress } from "./find-engine.ts";

/** An engine that answers. */
export interface Engine {
  readonly docker: Docker;
  readonly address: EngineAddress;
  /** The environment that it was found by. */
  readonly env: Environment;
  /** `Docker 28.1.0`, for example. */
  readonly name: string;
}

/** How long an engine may take to say that it is there. Milliseconds. */
const ANSWER_WITHIN_MS = 10_000;

/**
 * Finds the engine and asks whether it is there.
 *
 * @param withinMs - How long it may take to answer.
 * @returns `provider_unavailable` when the client of engines is not installed, `engine_unreachable` when there is no engine or it
 *   does not answer, `engine_failed` when it refuses.
 */
export async function openEngine(
  env: Environment,
  withinMs: number = ANSWER_WITHIN_MS,
): Promise<Result<Engine, EventError>> {
  const found = findEngine(env);
  if (!found.ok) return found;
  const address = found.value;
  const what = `ask the container engine at ${address.url} (${address.from})`;
  try {
    const client = await loadInstalled(async () => import("dockerode"));
    if (!client.ok)
      return err({
        code: "provider_unavailable",
        message: `Cannot use containers: ${client.error}`,
      });
    const docker = clientOf(client.value.default, address);
    const version = await versionOf(docker, withinMs);
    if (version === undefined)
      return err({ code: "engine_unreachable", message: `Cannot ${what}: it does not answer` });
    return ok({ docker, address, env, name: nameOf(version) });
  } catch (cause) {
    return err(engineError(what, cause));
  }
}

/** Docker calls itself `Engine` only. */
function nameOf({ Version: number, Components: [component] }: Docker.DockerVersion): string {
  const name = component?.Name ?? "Engine";
  return `${name === "Engine" ? "Docker Engine" : name} ${number}`;
}

/** Its types leave out that it takes options. */
type AskVersion = (options: { readonly abortSignal: AbortSignal }) => Promise<Docker.DockerVersion>;

/** What the engine says in time, else `undefined`; then nothing waits for it any longer. */
async function versionOf(docker: Docker, withinMs: number): Promise<Docker.DockerVersion | undefined> {
  const giveUp = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
      giveUp.abort();
    }, withinMs);
  });
  const ask = docker.version.bind(docker) as AskVersion;
  return await Promise.race([ask({ abortSignal: giveUp.signal }), late]).finally(() => clearTimeout(timer));
}

function clientOf(Client: typeof Docker, { url }: EngineAddress): Docker {
  if (url.startsWith("unix://")) return new Client({ socketPath: url.slice("unix://".length) });
  const { protocol, hostname, port } = new URL(url.replace(/^tcp:/u, "http:"));
  return new Client({
    protocol: protocol === "https:" ? "https" : "http",
    host: hostname,
    port: port === "" ? 2375 : Number(port),
  });
}
