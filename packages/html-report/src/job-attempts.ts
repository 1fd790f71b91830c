import type { RunSpan } from "@loom/record";
import type { ReportedAttempt } from "./report-data.ts";

/** The attempts at each job, from the spans of their sections and steps; in milliseconds from the start of the pipeline. */
export function jobAttempts(spans: readonly RunSpan[]): ReadonlyMap<string, readonly ReportedAttempt[]> {
  const began = spans.find(({ unit }) => unit.kind === "phase" && unit.phase === "pipeline.execute");
  const ends = new Map<string, RunSpan["status"]>();
  const bounds = new Map<string, Map<number, { from: number; to: number }>>();
  for (const { unit, startedAtMs, endedAtMs, status } of spans) {
    if (unit.kind === "job") ends.set(unit.jobId, status);
    if (unit.kind !== "section" && unit.kind !== "step") continue;
    const attempts = bounds.get(unit.jobId) ?? new Map<number, { from: number; to: number }>();
    bounds.set(unit.jobId, attempts);
    const bound = attempts.get(unit.attempt) ?? { from: Infinity, to: 0 };
    bound.from = Math.min(bound.from, startedAtMs);
    bound.to = Math.max(bound.to, endedAtMs);
    attempts.set(unit.attempt, bound);
  }
  const zeroMs = began?.startedAtMs ?? 0;
  return new Map(
    [...bounds].map(([job, attempts]) => {
      const inOrder = [...attempts].sort(([a], [b]) => a - b);
      const endMs = Math.max(...inOrder.map(([, { to }]) => to));
      const reported = inOrder.map(([attempt, { from }], index): ReportedAttempt => {
        // What follows all attempts is said to be of the first one, so each ends with the next.
        const next = inOrder[index + 1]?.[1].from;
        return {
          attempt,
          started_ms: Math.max(0, from - zeroMs),
          ended_ms: Math.max(0, (next ?? endMs) - zeroMs),
          // Only a failure makes room for another attempt.
          status: next === undefined ? (ends.get(job) ?? "running") : "failed",
        };
      });
      return [job, reported];
    }),
  );
}
