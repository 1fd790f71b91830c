import { startOfLastState, unreachable, type StreamRef } from "@loom/core";
import type { LineBatch } from "@loom/ports";
import { decodeLines } from "../view/decode-lines.ts";

/**
 * How much of a line is held back until its end comes; one that is longer is
 * shown in pieces.
 *
 * Unit: UTF-16 units.
 */
const LONGEST_HELD = 1024 * 1024;

/** Puts the pieces of lines together, so that only whole lines are shown. */
export class BatchJoiner {
  readonly #open = new Map<string, string>();

  /** The lines that a batch completes, in order. */
  push(stream: StreamRef, batch: LineBatch): string[] {
    const lines = decodeLines(batch);
    const key = keyOf(stream, batch.stream);
    const held = this.#open.get(key);
    if (held !== undefined) {
      this.#open.delete(key);
      lines[0] = held + (lines[0] ?? "");
    }
    if (batch.partial) {
      let last = lines.pop() ?? "";
      if (last.length >= LONGEST_HELD) last = last.slice(startOfLastState(last));
      if (last.length < LONGEST_HELD) this.#open.set(key, last);
      else lines.push(last);
    }
    return lines;
  }

  /** What is left without an end, when the process has ended. */
  end(stream: StreamRef): string[] {
    const rest: string[] = [];
    for (const output of ["stdout", "stderr"] as const) {
      const key = keyOf(stream, output);
      const held = this.#open.get(key);
      if (held !== undefined && held !== "") rest.push(held);
      this.#open.delete(key);
    }
    return rest;
  }
}

function keyOf(stream: StreamRef, output: LineBatch["stream"]): string {
  switch (stream.kind) {
    case "step":
      return `${output} ${stream.jobId} ${stream.step}`;
    case "section":
      return `${output} ${stream.jobId} ${stream.section}`;
    case "run":
    case "pipeline":
    case "job":
      return `${output} ${stream.kind}`;
    default:
      return unreachable(stream);
  }
}
