import { gzipSync } from "node:zlib";
import type { LogLine } from "@loom/diagnosis";
import { cleanLine } from "@loom/reporters";
import { packTimes } from "./line-times.ts";
import type { LogRun, ReportedLog } from "./report-data.ts";

/**
 * Characters of a line that a report shows. A screen shows some 200; minified sources and base64 do not end.
 */
export const LINE_CHARACTERS: number = 4000;

/** What a line costs beside its text, so that a million empty lines are no small log. */
const LINE_COST = 8;

/** The share of the room that the first lines get. The last ones get more: there, jobs say why they failed. */
const HEAD_SHARE = 0.25;

/** The log of a job for the page. */
export interface PackedLog {
  readonly about: ReportedLog;
  /**
   * When the lines were printed, as one line; then the lines, with the sign of their stream before each. Joined by
   * newlines, as gzip in base64.
   */
  readonly packed: string;
}

/** What stands before each line: where it was printed. */
export const STREAM_SIGNS: { readonly [K in LogLine["stream"]]: string } = {
  stdout: " ",
  stderr: "!",
  log: "#",
};

interface Kept {
  readonly number: number;
  readonly text: string;
  readonly line: LogLine;
}

/**
 * Packs what a job printed: all of it, or its first and last lines where it is longer.
 *
 * @param lines - In order.
 * @param maxBytes - How much room its text may take before it is compressed.
 * @returns `undefined` when it printed nothing.
 */
export async function packLog(
  lines: AsyncIterable<LogLine>,
  maxBytes: number,
): Promise<PackedLog | undefined> {
  const head: Kept[] = [];
  const tail = new Tail(maxBytes * (1 - HEAD_SHARE));
  let headRoom = maxBytes * HEAD_SHARE;
  let cut = 0;
  let count = 0;
  for await (const line of lines) {
    count += 1;
    const text = cleanLine(line.text, { color: false, maxCharacters: LINE_CHARACTERS });
    if (line.text.length > LINE_CHARACTERS && text.endsWith("…")) cut += 1;
    const kept = { number: count, text, line };
    headRoom -= costOf(kept);
    if (headRoom >= 0) head.push(kept);
    else tail.push(kept);
  }
  if (count === 0) return undefined;
  const shown = [...head, ...tail.rest()];
  const leftOut = count - shown.length;
  const times = packTimes(shown.map((kept) => Date.parse(kept.line.ts)));
  const text = [times, ...shown.map((kept) => `${STREAM_SIGNS[kept.line.stream]}${kept.text}`)].join("\n");
  return {
    about: {
      lines: count,
      runs: runsOf(shown),
      ...(leftOut > 0 && { left_out: { first: head.length + 1, lines: leftOut } }),
      ...(cut > 0 && { cut_lines: cut }),
    },
    packed: gzipSync(text).toString("base64"),
  };
}

/** The last lines that fit into a room. */
class Tail {
  readonly #room: number;
  #kept: Kept[] = [];
  #from = 0;
  #cost = 0;

  constructor(room: number) {
    this.#room = room;
  }

  push(kept: Kept): void {
    this.#kept.push(kept);
    this.#cost += costOf(kept);
    for (let first = this.#kept[this.#from]; first !== undefined && this.#cost > this.#room;) {
      this.#cost -= costOf(first);
      this.#from += 1;
      first = this.#kept[this.#from];
    }
    // Moving what is kept costs as much as it has grown since.
    if (this.#from > 1000 && this.#from * 2 > this.#kept.length) {
      this.#kept = this.#kept.slice(this.#from);
      this.#from = 0;
    }
  }

  rest(): readonly Kept[] {
    return this.#kept.slice(this.#from);
  }
}

function costOf({ text }: Kept): number {
  return Buffer.byteLength(text) + LINE_COST;
}

function runsOf(shown: readonly Kept[]): readonly LogRun[] {
  const runs: { -readonly [K in keyof LogRun]: LogRun[K] }[] = [];
  for (const { number, line } of shown) {
    const place: Pick<LogRun, "step" | "section" | "attempt"> =
      line.unit.kind === "step"
        ? {
            step: line.unit.step,
            ...(line.unit.attempt !== undefined && { attempt: line.unit.attempt }),
          }
        : { section: line.unit.section };
    const last = runs.at(-1);
    const goesOn =
      last !== undefined &&
      last.first + last.lines === number &&
      last.step === place.step &&
      last.section === place.section &&
      last.attempt === place.attempt;
    if (goesOn) last.lines += 1;
    else runs.push({ first: number, lines: 1, ...place });
  }
  return runs;
}
