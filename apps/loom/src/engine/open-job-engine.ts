import { err, ok, type EventError, type Result } from "@loom/core";
import type { NatsExchange } from "@loom/remote/nats";
import { chooseEngine, ENGINE_VARIABLE } from "@loom/runner/settings";
import { projectAt } from "../project-at.ts";
import type { ProcessIo } from "../process-io.ts";

/** An engine that was reached. */
export interface JobEngine {
  /** To be closed by whoever asked for it. */
  readonly exchange: NatsExchange;
  /** Whether `env://` in secrets of jobs on workers means the environment of the run. */
  readonly forwardSecrets: boolean;
}

/**
 * Reaches the engine that a flag, the environment or a configuration names.
 *
 * @returns `undefined` when nothing names one. `CONFIG_INVALID` for what cannot be understood, `JOB_ENGINE_UNREACHABLE` for
 *   one that does not let anybody in.
 */
export async function openJobEngine(
  flag: string | undefined,
  { cwd, env }: Pick<ProcessIo, "cwd" | "env">,
): Promise<Result<JobEngine | undefined, EventError>> {
  const place = await chooseEngine(flag, { env, repoRoot: projectAt(cwd) });
  if (!place.ok || place.value === undefined) return place.ok ? ok(undefined) : place;
  const { openNatsExchange } = await import("@loom/remote/nats");
  try {
    const { forwardSecrets = false } = place.value;
    return ok({ exchange: await openNatsExchange(place.value), forwardSecrets });
  } catch (cause) {
    return err({
      code: "JOB_ENGINE_UNREACHABLE",
      message: cause instanceof Error ? cause.message : String(cause),
    });
  }
}

/** Why a command cannot do without an engine. */
export function noEngine(command: string): string {
  return `${command} needs an engine: name it with --engine nats://HOST, ${ENGINE_VARIABLE}, or engine.url in .loom/config.yml`;
}
