import { err, ok, type EventError, type Result } from "@loom/core";
import type { NatsExchange } from "@loom/remote/nats";
import { chooseEngine, ENGINE_VARIABLE } from "@loom/runner/settings";
import { loadInstalled } from "@loom/system";
import { EXIT_CODE } from "../exit-code.ts";
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
 *   one that does not let anybody in, and when the part of Loom that talks to it is not installed.
 */
export async function openJobEngine(
  flag: string | undefined,
  { cwd, env }: Pick<ProcessIo, "cwd" | "env">,
): Promise<Result<JobEngine | undefined, EventError>> {
  const place = await chooseEngine(flag, { env, repoRoot: projectAt(cwd) });
  if (!place.ok || place.value === undefined) return place.ok ? ok(undefined) : place;
  const nats = await loadInstalled(async () => import("@loom/remote/nats"));
  if (!nats.ok)
    return err({ code: "JOB_ENGINE_UNREACHABLE", message: `Cannot reach an engine: ${nats.error}` });
  try {
    const { forwardSecrets = false } = place.value;
    return ok({ exchange: await nats.value.openNatsExchange(place.value), forwardSecrets });
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

/**
 * Reaches the engine for a command that cannot do without one.
 *
 * @returns The exit code, once it was said what is wrong: 1 when it cannot be reached, 2 when none is named.
 */
export async function requireJobEngine(
  command: string,
  flag: string | undefined,
  io: Pick<ProcessIo, "cwd" | "env" | "stderr">,
): Promise<Result<JobEngine, number>> {
  const opened = await openJobEngine(flag, io);
  if (opened.ok && opened.value !== undefined) return ok(opened.value);
  io.stderr.write(`loom: ${opened.ok ? noEngine(command) : opened.error.message}\n`);
  return err(opened.ok ? EXIT_CODE.usage : engineExitCode(opened.error));
}

/** The exit code for an engine that cannot be had. */
export function engineExitCode({ code }: EventError): number {
  return code === "CONFIG_INVALID" ? EXIT_CODE.usage : EXIT_CODE.failure;
}
