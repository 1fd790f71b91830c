import type { Complain, SimulationRun } from "../simulated-run.ts";
import { trueStreams, type TrueStream } from "../evidence/true-streams.ts";

/**
 * docs/contract.md#events: the streams on disk are the records, line by line.
 *
 * Complete if the disk accepted everything; a prefix, perhaps with a torn last line, if the process died or the
 * disk kept failing.
 */
export function checkStreams(run: SimulationRun, complain: Complain): void {
  const streams = trueStreams(run.records);
  const known = new Set(
    streams.flatMap(({ path, before }) => (before === undefined ? [path] : [path, before])),
  );
  for (const path of run.image.keys()) {
    if (path.endsWith("events.jsonl") && !known.has(path))
      complain("streams hold the records", `${path} is nobody's`);
  }
  // If a directory could not be moved, two attempts share one stream.
  const couldNotMove = run.disk.incidents.some(
    ({ what }) => what.includes("in rename") || what.includes("in mkdir"),
  );
  if (couldNotMove && run.disk.hasRefused) return checkNumbers(run, complain);
  const mayMiss = run.ending.kind === "crashed" || run.disk.isRefusing || run.disk.hasRefused;
  const mustBeWhole = run.ending.kind !== "crashed" && !run.disk.isRefusing;
  for (const stream of streams) {
    const found = contentOf(run, stream);
    const expected = stream.lines.map(({ text }) => text);
    const difference = compare(found, expected, mayMiss);
    if (difference !== undefined) complain("streams hold the records", `${stream.path}: ${difference}`);
    else if (mustBeWhole && found.length < expected.length + 1 - openEnd(stream, run))
      complain("nothing is lost", `${stream.path} has ${found.length - 1} of ${expected.length} records`);
  }
  return undefined;
}

/**
 * If not all documents could be written, the last record is not on disk: the run stays open until recovery
 * completes them.
 */
function openEnd({ path, lines }: TrueStream, run: SimulationRun): 0 | 1 {
  const last = lines.at(-1)?.text ?? "";
  const failedToFinalize = last.includes('"phase_code":"run.finalize"') && last.includes('"status":"failed"');
  return path === "events.jsonl" && run.disk.hasRefused && failedToFinalize ? 1 : 0;
}

/**
 * The lines of a stream; the last is whatever follows the last newline. A process that dies before it has moved the
 * steps of a replaced attempt leaves them where those of the next would be.
 */
function contentOf(run: SimulationRun, stream: TrueStream): readonly string[] {
  const { path, before } = stream;
  const place = run.image.has(path) || before === undefined ? path : before;
  const text = Buffer.from(run.image.get(place) ?? new Uint8Array(0)).toString("utf8");
  return (isOf(text, stream) ? text : "").split("\n");
}

/** Whether a text begins with a record of this stream, as far as it says so. */
function isOf(text: string, { lines }: TrueStream): boolean {
  const seq = /^\{"seq":(\d+),/u.exec(text)?.[1];
  return seq === undefined || lines.some((line) => line.seq === Number(seq));
}

function compare(
  found: readonly string[],
  expected: readonly string[],
  mayBeTorn: boolean,
): string | undefined {
  const torn = found.at(-1) ?? "";
  if (torn !== "" && !mayBeTorn) return "its last line has no newline";
  if (found.length - 1 > expected.length)
    return `it has ${found.length - 1} lines, ${expected.length} were recorded`;
  for (const [index, line] of found.slice(0, -1).entries()) {
    const wanted = expected[index] ?? "";
    if (line !== wanted && !isSameRecord(line, wanted))
      return `line ${index + 1} is ${line.slice(0, 200)}, not ${wanted.slice(0, 200)}`;
  }
  return undefined;
}

/** Whether two lines have the same fields, in any order. */
function isSameRecord(line: string, wanted: string): boolean {
  try {
    return sorted(JSON.parse(line)) === sorted(JSON.parse(wanted));
  } catch {
    return false;
  }
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** For a directory that could not be moved: no duplicate and no invented records. */
function checkNumbers(run: SimulationRun, complain: Complain): void {
  const seen = new Set<number>();
  for (const [path, bytes] of run.image) {
    if (!path.endsWith("events.jsonl") || path.endsWith("user/execution/events.jsonl")) continue;
    for (const line of Buffer.from(bytes).toString("utf8").split("\n").slice(0, -1)) {
      const seq = Number(/^\{"seq":(\d+)/.exec(line)?.[1]);
      if (seen.has(seq) || !(seq <= run.records.length))
        complain("streams hold the records", `${path}: record ${seq} is one too many`);
      seen.add(seq);
    }
  }
}
