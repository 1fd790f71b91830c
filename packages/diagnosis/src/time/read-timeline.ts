import type { ReadError, RunReader } from "@loom/artifacts";
import { err, ok, type LoomEvent, type OutputEvent, type Result } from "@loom/core";
import { createTimeline, type Timeline } from "./timeline.ts";

/**
 * Reads what happened when from the two small streams of a run: its own and the pipeline's.
 *
 * @returns `ARTIFACTS_NOT_FOUND` when the pipeline's stream is not there. A run that goes on gives what is known so far.
 */
export async function readTimeline(run: RunReader): Promise<Result<Timeline, ReadError>> {
  const builder = createTimeline();
  for (const path of ["events.jsonl", "pipeline/events.jsonl"]) {
    for await (const { line, result } of run.readEvents(path)) {
      if (result.ok) {
        if (isLifecycle(result.value)) builder.take(result.value);
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
