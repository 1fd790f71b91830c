import type { PlainOutput, RecordFilter } from "@loom/artifacts";
import { LiteralFinder } from "./literal-finder.ts";
import type { LogQuery } from "./log-line.ts";

const PARTIAL = Buffer.from('"partial":true');
const OUTPUT = Buffer.from('"event":"output"');

/**
 * Tells by the bytes of the records of one stream which can be lines asked for,
 * or are needed to put their pieces together. Of plain lines it is exact.
 * `undefined`: all records may be.
 */
export function recordFilter(query: LogQuery): RecordFilter | undefined {
  const { streams, grep, since } = query;
  const wantsBoth = streams === undefined || (streams.includes("stdout") && streams.includes("stderr"));
  if (wantsBoth && grep === undefined && since === undefined) return undefined;
  return { plain: plainFilter(query), other: otherFilter(query) };
}

function plainFilter({ streams, grep, since }: LogQuery): (output: PlainOutput) => boolean {
  const wantsOut = streams === undefined || streams.includes("stdout");
  const wantsErr = streams === undefined || streams.includes("stderr");
  const literal = typeof grep === "string" ? grep : grep?.literal;
  const ignoresCase = typeof grep !== "string" && grep?.ignoresCase === true;
  const finder =
    literal === undefined || literal === "" ? undefined : new LiteralFinder(literal, ignoresCase);
  const pattern = typeof grep === "string" || grep?.isLiteral === true ? undefined : grep;
  return (output) => {
    if (output.stream === "stdout" ? !wantsOut : !wantsErr) return false;
    const { textStart, textEnd } = output;
    if (finder?.isWithin(output.source.bytes, textStart, textEnd) === false) return false;
    if (since !== undefined && output.ts < since) return false;
    return pattern === undefined || pattern.matches(output.text);
  };
}

function otherFilter({ streams, grep }: LogQuery): RecordFilter["other"] {
  const [stream, ...others] = streams ?? [];
  const only =
    stream === undefined || stream === "log" || others.length > 0
      ? undefined
      : Buffer.from(`"stream":"${stream}"`);
  const text = typeof grep === "string" ? grep : grep?.ignoresCase === true ? undefined : grep?.literal;
  const literal = text === undefined || !isAsItIs(text) ? undefined : Buffer.from(text);
  return (record, isPiece) => {
    // Whatever a piece of a line holds, the line may match.
    if (literal !== undefined && (isPiece || record.includes(PARTIAL))) return true;
    if (!record.includes(OUTPUT)) return true;
    return (
      (only === undefined || record.includes(only)) && (literal === undefined || record.includes(literal))
    );
  };
}

/** Whether JSON writes a text as it is. */
function isAsItIs(text: string): boolean {
  return /^[ !#-[\]-~]+$/.test(text);
}
