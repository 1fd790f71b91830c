import type { Scope } from "@loom/core";
import type { Violation, ViolationCode } from "./violation.ts";

/**
 * How many violations of one code are kept.
 *
 * Enough to see the pattern, and a bound on memory whatever is read: 15 codes
 * of 500 short messages stay under 4 MB. A flood of one code hides no other.
 */
export const MAX_PER_CODE = 500;

/** Where a violation was found. */
export interface ViolationPlace {
  readonly streamPath: string;
  readonly line: number;
  readonly scope: Scope;
  readonly phaseCode?: string | undefined;
  readonly jobId?: string | undefined;
}

/** Collects violations, keeping the first `MAX_PER_CODE` of each code and the number of the rest. */
export class ViolationLog {
  readonly #kept: Violation[] = [];
  readonly #counts = new Map<ViolationCode, number>();

  /** Adds one. `message` is only asked for when it is kept. */
  add(code: ViolationCode, place: ViolationPlace, message: () => string): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count > MAX_PER_CODE) return;
    this.#kept.push({
      code,
      message: message(),
      stream_path: place.streamPath,
      line: place.line,
      scope: place.scope,
      ...(place.phaseCode !== undefined && { phase_code: place.phaseCode }),
      ...(place.jobId !== undefined && { job_id: place.jobId }),
    });
  }

  /** Whether further violations of this code would only be counted. */
  isFull(code: ViolationCode): boolean {
    return (this.#counts.get(code) ?? 0) >= MAX_PER_CODE;
  }

  /** A log that starts from what this one holds and leaves it as it is. */
  fork(): ViolationLog {
    const copy = new ViolationLog();
    copy.#kept.push(...this.#kept);
    for (const [code, count] of this.#counts) copy.#counts.set(code, count);
    return copy;
  }

  /** All that were kept, by stream, line and code; the last of a full code says how many were not. */
  sorted(): readonly Violation[] {
    const sorted = this.#kept.toSorted(byPlace);
    for (const [code, count] of this.#counts) {
      if (count <= MAX_PER_CODE) continue;
      const index = sorted.findLastIndex((violation) => violation.code === code);
      const last = sorted[index];
      // Stryker disable next-line ConditionalExpression: of a code that is full there is always a last one
      if (last === undefined) continue;
      const more = `${last.message} (and ${count - MAX_PER_CODE} more of this code, not listed)`;
      sorted[index] = { ...last, message: more };
    }
    return sorted;
  }
}

function byPlace(a: Violation, b: Violation): number {
  return (
    byText(a.stream_path, b.stream_path) ||
    a.line - b.line ||
    byText(a.code, b.code) ||
    byText(a.message, b.message)
  );
}

function byText(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}
