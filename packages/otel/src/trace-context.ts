import { createHash, randomBytes } from "node:crypto";

/** Where in a trace something takes place, as W3C Trace Context has it. */
export interface TraceContext {
  /** 32 hexadecimal digits in lower case, not all of them 0. */
  readonly traceId: string;
  /** 16 of them: the span that is around it; absent where a trace begins. */
  readonly parentSpanId?: string;
}

/** Reads a `TRACEPARENT`; `undefined` for one that is none. */
export function readTraceparent(text: string | undefined): Required<TraceContext> | undefined {
  const [, version, traceId, parentSpanId, rest] =
    /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}(-.*)?$/u.exec(text?.trim() ?? "") ?? [];
  if (traceId === undefined || parentSpanId === undefined) return undefined;
  // Later versions may add something, this one may not, and there is no version ff.
  if (version === "ff" || (version === "00" && rest !== undefined)) return undefined;
  return /^0+$/u.test(traceId) || /^0+$/u.test(parentSpanId) ? undefined : { traceId, parentSpanId };
}

/** Writes a `TRACEPARENT` of a span that is recorded. */
export function traceparent({ traceId, parentSpanId }: Required<TraceContext>): string {
  return `00-${traceId}-${parentSpanId}-01`;
}

/** The trace that a run is part of: the one around it, or a new one. */
export function traceAround(text: string | undefined): TraceContext {
  return readTraceparent(text) ?? { traceId: randomBytes(16).toString("hex") };
}

/** The id of a span of a run: known before it begins, so that steps can be told of it. */
export function spanIdOf({ traceId }: TraceContext, runId: string, span: string): string {
  const digest = createHash("sha256").update(`${traceId}\n${runId}\n${span}`).digest("hex");
  // All zeros would be no id; nobody will see that.
  return digest.slice(0, 16).replace(/^0{16}$/u, "0000000000000001");
}
