import type { RunReader } from "@loom/artifacts";
import type { LogEvent, LoomEvent, OutputEvent } from "@loom/core";
import { plainLine } from "../errors/plain-line.ts";

/** Lines from the end that are looked at. */
const LINES = 1000;

/** How far back from the end of a stream to go: what an explanation costs does not depend on how much was printed. */
const MAX_BYTES = 256 * 1024;

/** The end of what a unit printed. */
export interface FailingOutput {
  /** Oldest first, without control characters; pieces of a cut line are joined. */
  readonly lines: readonly string[];
  /** Whether these are all. */
  readonly complete: boolean;
}

/** Reads the end of a stream: what was printed, and what Loom itself warned of there. */
export async function readFailingOutput(
  run: RunReader,
  streamPath: string,
): Promise<FailingOutput | { readonly problem: string }> {
  const tail = await run.tailStream(streamPath, {
    count: LINES,
    wanted: isTelling,
    maxBytes: MAX_BYTES,
    join: {},
  });
  if (!tail.ok) return { problem: tail.error.message };
  const lines = tail.value.records.map((record) =>
    plainLine(record.event === "log" ? record.message : record.text),
  );
  return { lines, complete: tail.value.complete };
}

function isTelling(event: LoomEvent): event is OutputEvent | LogEvent {
  return (
    event.event === "output" || (event.event === "log" && (event.level === "warn" || event.level === "error"))
  );
}
