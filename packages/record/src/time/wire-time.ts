import { epochMs, type EpochMs } from "@loom/core";

/** A point in time as records and documents write it: RFC 3339, UTC, milliseconds. */
export function wireTime(atMs: EpochMs): string {
  // oxlint-disable-next-line no-restricted-globals -- Formats a given moment.
  return new Date(atMs).toISOString();
}

/** The point in time that a record or document names; `NaN` when it names none. */
export function fromWireTime(text: string): EpochMs {
  // oxlint-disable-next-line no-restricted-globals -- Reads a text; no clock is asked.
  return epochMs(Date.parse(text));
}

/** Milliseconds from one written time to another: 0 when the clock went backwards or a time is unreadable. */
export function millisecondsBetween(from: string, to: string): number {
  const elapsed = fromWireTime(to) - fromWireTime(from);
  return elapsed > 0 ? elapsed : 0;
}
