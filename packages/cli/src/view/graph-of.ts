import { GRAPH_IR_SCHEMA, type GraphIr, type LogEvent } from "@loom/core";

/**
 * The compiled graph that a record of the run's stream announces, in the fact
 * `graph_ir`; `undefined` when it announces none, or one of another version.
 */
export function graphOf(record: LogEvent): GraphIr | undefined {
  const fact: unknown = record["graph_ir"];
  return isGraph(fact) ? fact : undefined;
}

/** The compiler writes the fact and the version word stands for its form: no second check of every node here. */
function isGraph(fact: unknown): fact is GraphIr {
  return typeof fact === "object" && fact !== null && "schema" in fact && fact.schema === GRAPH_IR_SCHEMA;
}
