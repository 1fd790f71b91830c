import type { ReadError, RunReader } from "@loom/artifacts";
import { err, ok, type LoomEvent, type OutputEvent, type Result } from "@loom/core";
import { streamPath } from "@loom/record";
import { createTimeline, type Timeline } from "./timeline.ts";

/**
 * Reads what happened when from the two small streams of a run: its own and the pipeline's.
 *
 * @returns `ARTIFACTS_NOT_FOUND` when the pipeline's stream is not there. A run that goes on gives what is known so far.
 */
export async function readTimeline(run: RunReader): Promise<Result<Timeline, ReadError>> {
  const builder = createTimeline();
  for (const stream of [{ kind: "run" }, { kind: "pipeline" }] as const) {
    for await (const { line, result } of run.readEvents(streamPath(stream))) {
      if (result.ok) {
        if (isLifecycle(result.value)) builder.take(stream, result.value);
      } else if (line === 0) {
        return err(result.error as ReadError);
      }
    }
  }
  return ok(builder.timeline());
}

function isLifecycle(event: LoomEvent): event is Exclude<LoomEvent, OutputEvent> {
  return event.event !== "output";
}
