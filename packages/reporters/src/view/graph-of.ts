import { readGraph, type GraphIr, type LogEvent } from "@loom/core";

/**
 * The compiled graph that a record of the run's stream announces, in the fact
 * `graph_ir`; `undefined` when it announces none that a run can have.
 */
export function graphOf(record: LogEvent): GraphIr | undefined {
  return "graph_ir" in record ? readGraph(record["graph_ir"]) : undefined;
}
