import {
  isTerminal,
  MAX_ATTEMPTS,
  PHASE_STATUSES,
  PHASES,
  type PhaseCode,
  type PhaseStatus,
  type RunIdentity,
  type SectionName,
} from "@loom/core";
import type { ViolationCode } from "../report/violation.ts";
import { ViolationLog } from "../report/violation-log.ts";
import { spanTitle } from "../rules/span-place.ts";
import { isMirrorable } from "./is-mirrorable.ts";
import { isObject } from "./is-object.ts";
import { stringsOf } from "./json-lists.ts";
import { isJobStatus, mayFollow } from "./job-transition.ts";
import { MirrorLedger } from "./mirror-ledger.ts";
import { checkPlacement } from "./check-placement.ts";
import type { CountedLines } from "./output-lines.ts";
import { quote, shorten, toJson } from "./quote.ts";
import { readGateGraph } from "./read-gate-graph.ts";
import {
  jobFacts,
  type EnvelopeCode,
  type PhaseSpan,
  type JudgedRun,
  type StreamFacts,
} from "./run-facts.ts";
import { MAX_RANGE, SeqSet } from "./seq-set.ts";
import { jobOf, NO_STREAM, scopeOf, streamPlace } from "./stream-place.ts";
import { isPhaseCode, unknownWord } from "./unknown-word.ts";

type Json = { readonly [key: string]: unknown };

/** Where a record stands. */
interface RecordSource {
  readonly streamPath: string;
  readonly line: number;
  /** The text it was parsed from, where there is one. */
  readonly raw?: string | undefined;
}

/** A record while it is taken in. */
interface Incoming {
  readonly stream: StreamFacts;
  readonly line: number;
  readonly json: Json;
  readonly raw: string | undefined;
  /** NaN when it has none that can be used. */
  readonly seq: number;
  /** Whether no other record had this `seq`. */
  readonly fresh: boolean;
}

/** Of which section or step a stream is, if of any. */
interface UnitPlace {
  readonly kind: string;
  readonly section?: SectionName;
  readonly step?: number;
}

const STATUSES: ReadonlySet<unknown> = new Set(PHASE_STATUSES);

/**
 * Takes records in: judges each by itself and by those of its stream, and keeps
 * what the rules over the whole run need.
 */
export class RecordIntake {
  readonly facts: JudgedRun = {
    streams: new Map(),
    envelope: new Map(),
    jobs: new Map(),
    claims: [],
    documents: new Set(),
    pipelineClaims: {},
    pointers: [],
    skipClaims: [],
    stepClaims: [],
    graph: undefined,
    waiting: new Set(),
    last: undefined,
  };
  readonly violations: ViolationLog = new ViolationLog();
  /** Every `seq` outside the mirrors. */
  readonly seen: SeqSet = new SeqSet();
  readonly mirrors: MirrorLedger = new MirrorLedger();
  #runId: string | undefined;
  #pipelineId: string | undefined;
  #latest: StreamFacts | undefined;
  #latestTime: string | undefined;

  constructor(identity: RunIdentity | undefined) {
    this.#runId = identity?.runId;
    this.#pipelineId = identity?.pipelineId;
  }

  get runId(): string | undefined {
    return this.#runId;
  }

  get pipelineId(): string | undefined {
    return this.#pipelineId;
  }

  record(source: RecordSource, event: unknown): void {
    const stream = this.#stream(source.streamPath);
    stream.events += 1;
    const { line, raw } = source;
    if (!isObject(event)) return this.#refuse(stream, line, "is not a JSON object");
    const isMirror = stream.place.kind === "mirror" && isMirrorable(event);
    const { seq, fresh } = this.#takeSeq(stream, line, { seq: event["seq"], isMirror });
    const incoming: Incoming = { stream, line, json: event, raw, seq, fresh };
    if (stream.place.kind === "unknown") {
      return this.#report("outside_parent", incoming, () => NO_STREAM);
    }
    if (!isTime(event["ts"])) return this.#refuse(stream, line, `has the time ${quote(event["ts"])}`);
    switch (event["event"]) {
      case "phase_start":
      case "phase_finish":
        return this.#phase(incoming);
      case "output":
        if (!isOutput(event)) return this.#refuse(stream, line, 'lacks "stream" or "text"');
        this.#countLine(stream, event);
        return this.#output(stream, line);
      case "job_state":
        return this.#jobState(incoming);
      case "log":
        return this.#logged(incoming);
      default:
        return this.#report(
          "unknown_event",
          incoming,
          () => `The event ${quote(event["event"])} is not known`,
        );
    }
  }

  /** Called for every line where streams interleave, so it allocates nothing while all is well. */
  outputLines(streamPath: string, line: number, lines: CountedLines): void {
    const stream = this.#stream(streamPath);
    const { firstSeq, count } = lines;
    if (!isSeq(firstSeq) || !isSeq(count) || count > MAX_RANGE || !isSeq(firstSeq + count)) {
      stream.events += 1;
      this.#noSeq(stream, line, undefined);
      return;
    }
    stream.events += count;
    stream.outputLines += count;
    const increases = this.#advance(stream, line, lines);
    const repeated = this.seen.addRange(firstSeq, count);
    if (repeated !== undefined && increases) this.#repeated(stream, line + repeated - firstSeq, repeated);
    this.#output(stream, line);
  }

  malformed(streamPath: string, line: number, why: string): void {
    const isStream = streamPath.endsWith("events.jsonl");
    if (!isStream) this.facts.documents.add(streamPath);
    else if (line > 0) this.#stream(streamPath).events += 1;
    const place = streamPlace(streamPath);
    const subject = line > 0 && isStream ? "This line" : "This file";
    this.violations.add(
      "malformed_line",
      { streamPath, line, scope: scopeOf(place), jobId: jobOf(place) },
      () => `${subject} ${why}`,
    );
  }

  streamEnd(streamPath: string, bytes: number, truncatedLine: number | undefined): void {
    const stream = this.#stream(streamPath);
    if (Number.isFinite(bytes)) stream.bytes = bytes;
    if (truncatedLine === undefined) return;
    const { place } = stream;
    this.violations.add(
      "truncated_stream",
      { streamPath, line: truncatedLine, scope: scopeOf(place), jobId: jobOf(place) },
      () => "The last line has no newline, so its end may be lost",
    );
  }

  /** Holds the ids of a document against those of the run. */
  identify(path: string, json: Json): void {
    const wrong = this.#foreignId(json);
    if (wrong === undefined) return;
    this.violations.add("status_mismatch", { streamPath: path, line: 0, scope: "run" }, () => wrong);
  }

  #stream(path: string): StreamFacts {
    // Stryker disable next-line ConditionalExpression: saves most lines the look-up, and changes nothing else
    if (this.#latest?.path === path) return this.#latest;
    let stream = this.facts.streams.get(path);
    if (stream === undefined) {
      const place = streamPlace(path);
      stream = {
        path,
        place,
        lastSeq: 0,
        events: 0,
        outputLines: 0,
        unfinished: undefined,
        bytes: 0,
        entered: false,
      };
      this.facts.streams.set(path, stream);
      const job = jobOf(place);
      if (job !== undefined) jobFacts(this.facts, job);
    }
    this.#latest = stream;
    return stream;
  }

  #takeSeq(
    stream: StreamFacts,
    line: number,
    given: { readonly seq: unknown; readonly isMirror: boolean },
  ): { seq: number; fresh: boolean } {
    const { seq } = given;
    if (!isSeq(seq)) {
      this.#noSeq(stream, line, seq);
      return { seq: NaN, fresh: false };
    }
    const increases = this.#advance(stream, line, { firstSeq: seq, count: 1 });
    const fresh = given.isMirror ? this.mirrors.seen.add(seq) : this.seen.add(seq);
    if (!fresh && increases) {
      this.#repeated(stream, line, seq);
    }
    return { seq, fresh };
  }

  #noSeq(stream: StreamFacts, line: number, seq: unknown): void {
    this.#badSequence(stream, line, () => `The sequence number ${quote(seq)} is not a whole number from 1`);
  }

  #repeated(stream: StreamFacts, line: number, seq: number): void {
    this.#badSequence(stream, line, () => `The sequence number ${seq} is repeated`);
  }

  /** Holds the first `seq` against that of the record before it in the stream; returns whether it is higher. */
  #advance(stream: StreamFacts, line: number, lines: CountedLines): boolean {
    const increases = lines.firstSeq > stream.lastSeq;
    if (!increases) this.#decreasing(stream, line, lines.firstSeq);
    const seq = lines.firstSeq + lines.count - 1;
    stream.lastSeq = seq;
    const { last } = this.facts;
    if (last === undefined) {
      this.facts.last = { seq, stream, line: line + lines.count - 1 };
    } else if (seq > last.seq) {
      last.seq = seq;
      last.stream = stream;
      last.line = line + lines.count - 1;
    }
    return increases;
  }

  #decreasing(stream: StreamFacts, line: number, seq: number): void {
    const { lastSeq } = stream;
    this.#badSequence(
      stream,
      line,
      () => `The sequence number ${seq} does not come after ${lastSeq}, that of the record before it`,
    );
  }

  #countLine(stream: StreamFacts, { stream: name, partial }: Json): void {
    if (stream.unfinished?.has(name) !== true) stream.outputLines += 1;
    if (partial === true) (stream.unfinished ??= new Set()).add(name);
    else stream.unfinished?.delete(name);
  }

  #output(stream: StreamFacts, line: number): void {
    const { kind } = stream.place;
    if ((kind === "step" || kind === "section") && stream.entered) return;
    this.violations.add(
      "outside_parent",
      { streamPath: stream.path, line, scope: scopeOf(stream.place), jobId: jobOf(stream.place) },
      () => {
        if (kind === "unknown") return NO_STREAM;
        if (kind === "step" || kind === "section") return "Output comes before the start of its phase";
        return "Output belongs in a step's or section's stream";
      },
    );
  }

  #logged(incoming: Incoming): void {
    const { kind } = incoming.stream.place;
    if (kind !== "run" && kind !== "section") {
      return this.#report(
        "outside_parent",
        incoming,
        () => "A log belongs in the run's or a section's stream",
      );
    }
    if (kind === "run" && incoming.json["graph_ir"] !== undefined) {
      this.facts.graph ??= readGateGraph(incoming.json["graph_ir"]);
      this.facts.waiting = waitingIn(incoming.json["withheld"]);
    }
    return undefined;
  }

  #jobState(incoming: Incoming): void {
    const { stream, line, seq, json } = incoming;
    const { job_id: id, from, to, reason, blocked_by: blockedBy, kept_from: keptFrom } = json;
    if (typeof id !== "string" || !isJobStatus(from) || !isJobStatus(to)) {
      return this.#refuse(stream, line, 'lacks "job_id", "from" or "to", or has a status that is not known');
    }
    if (keptFrom !== undefined && !(to === "skipped" && reason === "not_selected")) {
      return this.#refuse(stream, line, 'has "kept_from", but the job was not left out');
    }
    if (stream.place.kind !== "pipeline") {
      return this.#report("outside_parent", incoming, () => "A job's state belongs in the pipeline's stream");
    }
    const job = jobFacts(this.facts, id);
    if (job.terminal !== undefined && isTerminal(to)) {
      this.#report("duplicate_finish", incoming, () => `The job "${id}" had already ended`);
    } else if ((job.state ?? from) !== from || !mayFollow(from, to)) {
      const before = job.state ?? from;
      this.#report("out_of_order", incoming, () => `The job "${id}" cannot go from ${before} to ${to} here`);
    } else if (job.state === undefined && from === "running") {
      this.#report("out_of_order", incoming, () => `The job "${id}" was never said to run`);
    }
    const place = { seq, stream, line };
    job.state = to;
    job.firstState ??= place;
    job.lastState = place;
    if (to === "running") job.running ??= place;
    if (isTerminal(to)) {
      job.terminal ??= {
        ...place,
        status: to,
        reason: typeof reason === "string" ? reason : undefined,
        blockedBy: stringsOf(blockedBy),
        keptFrom: typeof keptFrom === "string" ? keptFrom : undefined,
      };
    }
    return undefined;
  }

  #phase(incoming: Incoming): void {
    const { stream, line, json } = incoming;
    const { place } = stream;
    const unknown = unknownWord(json);
    if (unknown !== undefined) return this.#report(unknown.code, incoming, () => unknown.message);
    if (typeof json["run_id"] !== "string" || typeof json["pipeline_id"] !== "string") {
      return this.#refuse(stream, line, 'lacks "run_id" or "pipeline_id"');
    }
    const foreign = this.#foreignId(json);
    if (foreign !== undefined) return this.#refuse(stream, line, `belongs elsewhere: ${foreign}`);
    const code = json["phase_code"] as PhaseCode;
    const attempt = json["attempt"] ?? 1;
    if (!isSeq(attempt) || attempt > MAX_ATTEMPTS) {
      return this.#refuse(stream, line, `has the attempt ${quote(attempt)}, not a whole number from 2`);
    }
    const { from_step: fromStep } = json;
    if (fromStep !== undefined && (!isSeq(fromStep) || code !== "job.execution" || attempt === 1)) {
      const what = `"from_step" ${quote(fromStep)}, which only a later attempt at "job.execution" may have`;
      return this.#refuse(stream, line, `has ${what}`);
    }
    const misplaced = checkPlacement(place, code, json);
    if (misplaced !== undefined) return this.#report("outside_parent", incoming, () => misplaced);
    if (json["event"] === "phase_finish") {
      const { status, duration_ms: duration, exit_code: exitCode } = json;
      if (!STATUSES.has(status)) return this.#refuse(stream, line, `has the status ${quote(status)}`);
      if (typeof duration !== "number" || !(duration >= 0)) {
        return this.#refuse(stream, line, `has the duration ${quote(duration)}`);
      }
      if (exitCode !== undefined && !isExitCode(exitCode)) {
        const what = `the exit code ${quote(exitCode)}, not a whole number from 0 to 255`;
        return this.#refuse(stream, line, `has ${what}`);
      }
    }
    if (place.kind === "mirror") {
      jobFacts(this.facts, place.jobId).mirrored = true;
    } else {
      this.#boundary(incoming, code, code === "job.cleanup" ? 1 : attempt);
    }
    if (incoming.fresh && isMirrorable(json)) this.#mirror(incoming);
    return undefined;
  }

  #mirror(incoming: Incoming): void {
    const { stream, line, seq, json, raw } = incoming;
    const isMirror = stream.place.kind === "mirror";
    const differing = this.mirrors.take({ seq, stream, line, isMirror }, raw ?? toJson(json));
    if (differing === undefined) return;
    this.#badSequence(
      differing.stream,
      differing.line,
      () => `The record with the sequence number ${seq} differs from the one it mirrors`,
    );
  }

  #boundary(incoming: Incoming, code: PhaseCode, attempt: number): void {
    const { stream, line, seq, json } = incoming;
    const span = this.#span(stream, code, attempt);
    const ts = this.#shared(json["ts"] as string);
    if (json["event"] === "phase_start") {
      stream.entered = true;
      if (span.startLine !== 0) {
        return this.#report("duplicate_start", incoming, () => `${spanTitle(span)} has started before`);
      }
      span.startLine = line;
      span.startSeq = seq;
      span.startedAt = ts;
      span.fromStep = json["from_step"] as number | undefined;
      return undefined;
    }
    if (span.finishLine !== 0) {
      return this.#report("duplicate_finish", incoming, () => `${spanTitle(span)} has finished before`);
    }
    span.finishLine = line;
    span.finishSeq = seq;
    span.finishedAt = ts;
    span.status = json["status"] as PhaseStatus;
    span.durationMs = json["duration_ms"] as number;
    span.exitCode = json["exit_code"] as number | undefined;
    span.tolerated = json["tolerated"] === true;
    const { error } = json;
    span.isWorkerLost = isObject(error) && error["code"] === "worker_lost";
    return undefined;
  }

  /** A time; equal times of neighbouring records share one string. */
  #shared(ts: string): string {
    // Stryker disable next-line ConditionalExpression: to keep an equal time takes memory, and changes nothing else
    if (ts !== this.#latestTime) this.#latestTime = ts;
    return this.#latestTime;
  }

  #span(stream: StreamFacts, code: PhaseCode, attempt: number): PhaseSpan {
    const jobId = jobOf(stream.place);
    const { section, step }: UnitPlace = stream.place;
    const make = (): PhaseSpan => ({
      code,
      jobId,
      section,
      step,
      attempt,
      stream,
      startLine: 0,
      startSeq: NaN,
      startedAt: undefined,
      finishLine: 0,
      finishSeq: NaN,
      finishedAt: undefined,
      status: undefined,
      exitCode: undefined,
      fromStep: undefined,
      tolerated: false,
      isWorkerLost: false,
      durationMs: 0,
    });
    if (jobId === undefined) {
      const known = this.facts.envelope.get(code as EnvelopeCode);
      if (known !== undefined) return known;
      const span = make();
      this.facts.envelope.set(code as EnvelopeCode, span);
      return span;
    }
    const { spans } = jobFacts(this.facts, jobId);
    const known = spans.findLast(
      (span) =>
        span.code === code && span.attempt === attempt && span.section === section && span.step === step,
    );
    if (known !== undefined) return known;
    const span = make();
    spans.push(span);
    return span;
  }

  /** What is wrong with the ids of a record or document; the first that name a run decide which it is. */
  #foreignId(json: Json): string | undefined {
    const { run_id: runId, pipeline_id: pipelineId } = json;
    if (typeof runId === "string") this.#runId ??= runId;
    if (typeof pipelineId === "string") this.#pipelineId ??= pipelineId;
    if (runId !== undefined && runId !== this.#runId) {
      return `it names the run ${quote(runId)}, not "${this.#runId}"`;
    }
    if (pipelineId !== undefined && pipelineId !== this.#pipelineId) {
      return `it names the pipeline ${quote(pipelineId)}, not "${this.#pipelineId}"`;
    }
    return undefined;
  }

  #report(code: ViolationCode, incoming: Incoming, message: () => string): void {
    const { stream, line, json } = incoming;
    const phaseCode = json["phase_code"];
    const scope = isPhaseCode(phaseCode) ? PHASES[phaseCode].scope : undefined;
    const job = json["job_id"];
    this.violations.add(
      code,
      {
        streamPath: stream.path,
        line,
        scope: scope ?? (json["event"] === "job_state" ? "job" : scopeOf(stream.place)),
        phaseCode: typeof phaseCode === "string" ? shorten(phaseCode) : undefined,
        jobId: jobOf(stream.place) ?? (typeof job === "string" ? shorten(job) : undefined),
      },
      message,
    );
  }

  #refuse(stream: StreamFacts, line: number, why: string): void {
    const { place } = stream;
    this.violations.add(
      "malformed_line",
      { streamPath: stream.path, line, scope: scopeOf(place), jobId: jobOf(place) },
      () => `This line ${why}`,
    );
  }

  #badSequence(stream: StreamFacts, line: number, message: () => string): void {
    const { place } = stream;
    this.violations.add(
      "bad_sequence",
      { streamPath: stream.path, line, scope: scopeOf(place), jobId: jobOf(place) },
      message,
    );
  }
}

function isOutput(json: Json): boolean {
  return (json["stream"] === "stdout" || json["stream"] === "stderr") && typeof json["text"] === "string";
}

function isTime(value: unknown): value is string {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(value);
}

function isSeq(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

/** Exit codes are one byte. */
function isExitCode(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255;
}

/** Of the jobs that a plan withholds, those that wait for somebody to ask for them. */
function waitingIn(value: unknown): ReadonlySet<string> {
  if (!isObject(value)) return new Set();
  return new Set(Object.keys(value).filter((job) => value[job] === "manual"));
}
