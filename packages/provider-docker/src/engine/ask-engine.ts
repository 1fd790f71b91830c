import { ok, type EventError, type Result } from "@loom/core";
import type { Environment } from "@loom/system";
import type { EngineAddress } from "./find-engine.ts";
import { openEngine } from "./open-engine.ts";

/** An engine that answered. */
export interface AnsweringEngine {
  readonly address: EngineAddress;
  /** `Docker Engine 28.1.0`, for example. */
  readonly name: string;
}

/**
 * Finds the container engine as a run does, and asks what it is.
 *
 * @param withinMs - How long it may take to answer. Default: 10 s, as in a run.
 * @returns `provider_unavailable` when the client of engines is not installed; `engine_unreachable` when there is none, or it
 *   does not answer; `engine_failed` when it refuses.
 */
export async function askEngine(
  env: Environment,
  withinMs?: number,
): Promise<Result<AnsweringEngine, EventError>> {
  const opened = await openEngine(env, withinMs);
  return opened.ok ? ok({ address: opened.value.address, name: opened.value.name }) : opened;
}
