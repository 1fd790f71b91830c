import type { ReadError } from "@loom/artifacts";
import { epochMs, type Result } from "@loom/core";
import { changesOptions, explainRun, readTimeline, type Explanation, type OpenedRun } from "@loom/diagnosis";
import type { McpServerOptions } from "../mcp-server-options.ts";

/** Explains a run as `loom explain` does: with what changed, and where the time went. */
export async function explainOpened(
  { run, isAlive }: OpenedRun,
  env: McpServerOptions["env"],
): Promise<Result<Explanation, ReadError>> {
  const timeline = await readTimeline(run);
  return await explainRun(run, {
    isAlive: isAlive(),
    nowMs: epochMs(Date.now()),
    changes: await changesOptions(run, env),
    ...(timeline.ok && { timeline: timeline.value }),
  });
}
