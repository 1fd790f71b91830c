import { beginsAttempt } from "../evidence/begins-attempt.ts";
import type { OutputStream, StreamRef } from "@loom/core";
import { LINE_LIMIT_BYTES, PARTIAL_LINE_DELAY_MS } from "@loom/engine";
import type { TrueLine } from "../evidence/truth.ts";
import type { Complain, SimulationRun } from "../simulated-run.ts";
import type { PrintedOutput } from "../virtual/activity.ts";

const NEWLINE = 0x0a;
/** An incomplete UTF-8 character has at most three bytes. */
const UNFINISHED_BYTES = 3;

/** docs/contract.md#events: every printed byte is recorded once, in order and in time. */
export function checkOutput(run: SimulationRun, complain: Complain): void {
  const lines = collectLines(run);
  const isOver = run.ending.kind === "finished";
  for (const printed of run.provider.printed) {
    const key = keyOf(printed);
    compare(printed, { key, lines: lines.get(key) ?? [], isOver }, complain);
    lines.delete(key);
  }
  for (const [key, left] of lines) {
    if (left.length > 0) complain("output is what was printed", `${key} has lines that nobody printed`);
  }
}

interface TimedLine {
  readonly line: TrueLine;
  readonly atMs: number;
  /** Whether it is the last line: the end of a process ends its line, even one recorded as partial. */
  isLast: boolean;
}

function collectLines(run: SimulationRun): Map<string, TimedLine[]> {
  const attempts = new Map<string, number>();
  const found = new Map<string, TimedLine[]>();
  for (const { stream, record, atMs } of run.records) {
    if (beginsAttempt(record)) attempts.set(record.job_id ?? "", record.attempt ?? 1);
    if (record.event === "phase_finish" && (stream.kind === "step" || stream.kind === "section")) {
      for (const output of ["stdout", "stderr"] as const) {
        const last = found.get(keyIn(stream, attempts, output))?.at(-1);
        if (last !== undefined) last.isLast = true;
      }
    }
    if (record.event !== "output" || (stream.kind !== "step" && stream.kind !== "section")) continue;
    const key = keyIn(stream, attempts, record.stream);
    const list = found.get(key) ?? [];
    list.push({ line: record, atMs, isLast: false });
    found.set(key, list);
  }
  return found;
}

function keyIn(
  stream: StreamRef & { readonly kind: "step" | "section" },
  attempts: ReadonlyMap<string, number>,
  output: OutputStream,
): string {
  const unit =
    stream.kind === "step"
      ? { step: stream.step, attempt: attempts.get(stream.jobId) ?? 1 }
      : { section: stream.section };
  return JSON.stringify([stream.jobId, unit, output]);
}

function keyOf(printed: PrintedOutput): string {
  return JSON.stringify([printed.jobId, printed.unit, printed.stream]);
}

function compare(
  printed: PrintedOutput,
  recorded: { readonly key: string; readonly lines: readonly TimedLine[]; readonly isOver: boolean },
  complain: Complain,
): void {
  const { key, isOver } = recorded;
  const expected = printedBytes(printed);
  const found = recordedBytes(recorded.lines);
  const length = Math.min(expected.length, found.length);
  if (found.length > expected.length || (isOver && found.length < expected.length))
    complain(
      "output is what was printed",
      `${key}: ${found.length} of ${expected.length} bytes are recorded`,
    );
  else if (Buffer.compare(expected.subarray(0, length), found.subarray(0, length)) !== 0)
    complain("output is what was printed", `${key}: the bytes differ`);
  for (const { line } of recorded.lines) {
    if (line.bytes.length > LINE_LIMIT_BYTES || (line.bytes.includes(NEWLINE) && line.bytes.length > 0))
      complain("a record holds one line at most", `record ${line.seq} of ${key}`);
  }
  const late = firstLate(printed, recorded.lines);
  if (late !== undefined) complain("output shows up in time", `${key}: what was printed at ${late} ms`);
}

/** What was printed, with the newline implied by the end of a process. */
function printedBytes(printed: PrintedOutput): Buffer {
  const parts: Uint8Array[] = [];
  let last = NEWLINE;
  for (const [index, { bytes }] of printed.pieces.entries()) {
    if (printed.endsAt.includes(index) && last !== NEWLINE) parts.push(Uint8Array.of(NEWLINE));
    parts.push(bytes);
    last = bytes.at(-1) ?? last;
  }
  if (printed.endsAt.at(-1) === printed.pieces.length && last !== NEWLINE) parts.push(Uint8Array.of(NEWLINE));
  return Buffer.concat(parts);
}

function recordedBytes(lines: readonly TimedLine[]): Buffer {
  return Buffer.concat(
    lines.flatMap(({ line, isLast }) =>
      line.partial && !isLast ? [line.bytes] : [line.bytes, Uint8Array.of(NEWLINE)],
    ),
  );
}

/** The time of the first chunk that was not recorded within the delay for partial lines. */
function firstLate(printed: PrintedOutput, lines: readonly TimedLine[]): number | undefined {
  let printedLength = 0;
  let recordedLength = 0;
  let next = 0;
  for (const [index, { bytes, atMs }] of printed.pieces.entries()) {
    if (printed.endsAt.includes(index)) return undefined;
    printedLength += bytes.length;
    while (recordedLength < printedLength - UNFINISHED_BYTES) {
      const line = lines[next];
      // Not recorded: lost at the end of a truncated run, or already reported.
      if (line === undefined) return undefined;
      next += 1;
      recordedLength += line.line.bytes.length + (line.line.partial ? 0 : 1);
      if (line.atMs - atMs > PARTIAL_LINE_DELAY_MS) return atMs;
    }
  }
  return undefined;
}
