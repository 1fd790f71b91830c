import type { MirrorLedger, MirrorRecord } from "../intake/mirror-ledger.ts";
import type { JudgedRun, PhaseSpan, RecordPlace } from "../intake/run-facts.ts";
import type { SeqRange, SeqSet } from "../intake/seq-set.ts";
import { jobOf, scopeOf } from "../intake/stream-place.ts";
import type { ViolationLog, ViolationPlace } from "../report/violation-log.ts";

/** A gap longer than this is not held against the mirrors number by number. */
const MAX_ORPHAN_GAP = 64;

/** What the rules on sequence numbers need. */
interface SequenceFacts {
  readonly facts: JudgedRun;
  readonly seen: SeqSet;
  readonly mirrors: MirrorLedger;
}

/** Finds numbers that no record has, and mirrors that do not fit. */
export function judgeSequence(run: SequenceFacts, mirrorsAreRead: boolean, log: ViolationLog): void {
  judgeGaps(run, log);
  for (const record of run.mirrors.unpaired()) {
    if (record.isMirror) {
      const message = (): string =>
        `No stream has the record with the sequence number ${record.seq} mirrored here`;
      log.add("bad_sequence", placeOf(record), message);
    } else if (isMirrorExpected(run.facts, record, mirrorsAreRead)) {
      log.add(
        "bad_sequence",
        placeOf(record),
        () => `The record with the sequence number ${record.seq} is missing in the mirror of its job`,
      );
    }
  }
}

function judgeGaps(run: SequenceFacts, log: ViolationLog): void {
  if (run.seen.overflowed) {
    log.add(
      "bad_sequence",
      { streamPath: "events.jsonl", line: 0, scope: "run" },
      () => "The sequence numbers are too scattered to be those of one run",
    );
    return;
  }
  let places: readonly RecordPlace[] | undefined;
  for (const gap of run.seen.gaps()) {
    if (isOrphaned(run.mirrors, gap)) continue;
    places ??= knownPlaces(run.facts);
    const next = firstAfter(places, gap.last);
    // Stryker disable next-line ConditionalExpression: no gap comes after the highest number, which is among the places
    if (next === undefined) return;
    log.add("bad_sequence", placeOf(next), () => describeGap(gap, next));
    // Gaps are many when numbers are scattered; past the limit their number says nothing more.
    if (log.isFull("bad_sequence")) return;
  }
}

function describeGap(gap: SeqRange, next: RecordPlace): string {
  const before = `; the next boundary or state has ${next.seq}`;
  if (gap.first === gap.last) return `No record has the sequence number ${gap.first}${before}`;
  return `No record has a sequence number from ${gap.first} to ${gap.last}${before}`;
}

/** Whether the gap is only there because the originals of mirrors are gone, which is said of each mirror. */
function isOrphaned(mirrors: MirrorLedger, gap: SeqRange): boolean {
  if (gap.last - gap.first >= MAX_ORPHAN_GAP) return false;
  for (let seq = gap.first; seq <= gap.last; seq++) {
    if (!mirrors.isOrphan(seq)) return false;
  }
  return true;
}

function isMirrorExpected(run: JudgedRun, record: MirrorRecord, mirrorsAreRead: boolean): boolean {
  const job = run.jobs.get(jobOf(record.stream.place) as string);
  // Stryker disable next-line ConditionalExpression: what has a mirror is a record of a job, which is known by its stream
  if (job === undefined) return false;
  return job.mirrored || (mirrorsAreRead && job.spans.some((span) => span.step !== undefined));
}

/** The boundaries and states, by `seq`: the landmarks near which a gap can be pointed at. */
function knownPlaces(run: JudgedRun): readonly RecordPlace[] {
  const jobs = [...run.jobs.values()];
  const spans = [...run.envelope.values(), ...jobs.flatMap((job) => job.spans)];
  return [
    ...spans.flatMap(boundariesOf),
    ...jobs.flatMap(({ firstState, running, lastState }) => [firstState, running, lastState]),
    run.last,
  ]
    .filter((place) => place !== undefined)
    .filter(({ seq }) => !Number.isNaN(seq))
    .toSorted((a, b) => a.seq - b.seq);
}

function boundariesOf(span: PhaseSpan): readonly RecordPlace[] {
  const { stream, startSeq, startLine, finishSeq, finishLine } = span;
  return [
    { seq: startSeq, line: startLine, stream },
    { seq: finishSeq, line: finishLine, stream },
  ];
}

function firstAfter(places: readonly RecordPlace[], seq: number): RecordPlace | undefined {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    // Stryker disable next-line EqualityOperator,OptionalChaining: the middle is there, and no place has the number itself
    if ((places[middle]?.seq ?? 0) > seq) high = middle;
    else low = middle + 1;
  }
  return places[low];
}

function placeOf(record: RecordPlace): ViolationPlace {
  const { stream, line } = record;
  return {
    streamPath: stream.path,
    line,
    scope: scopeOf(stream.place),
    jobId: jobOf(stream.place),
  };
}
