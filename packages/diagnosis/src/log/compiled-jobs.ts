import type { RunReader } from "@loom/artifacts";
import { readGraph, type GraphNode, type LogEvent, type LoomEvent } from "@loom/core";
import { streamPath } from "@loom/record";

/** The jobs that a run was compiled to, in declaration order; none where that is not known. */
export async function compiledJobs(run: RunReader): Promise<readonly GraphNode[]> {
  const compiled = await run.tailStream(streamPath({ kind: "run" }), {
    count: 1,
    wanted: holdsGraph,
    contains: '"graph_ir"',
  });
  const graph = compiled.ok ? readGraph(compiled.value.records[0]?.["graph_ir"]) : undefined;
  return graph?.nodes ?? [];
}

function holdsGraph(event: LoomEvent): event is LogEvent {
  return event.event === "log" && typeof event["graph_ir"] === "object";
}
