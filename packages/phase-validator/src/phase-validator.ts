import type { GraphIr, RunIdentity } from "@loom/core";
import { isObject } from "./intake/is-object.ts";
import type { CountedLines } from "./intake/output-lines.ts";
import { parseDocument } from "./intake/read-document.ts";
import { readLadder } from "./intake/read-ladder.ts";
import { readGateGraph } from "./intake/read-gate-graph.ts";
import { RecordIntake } from "./intake/record-intake.ts";
import { judgeCoverage } from "./rules/judge-coverage.ts";
import { judgeDocuments } from "./rules/judge-documents.ts";
import { judgeGates } from "./rules/judge-gates.ts";
import { judgeJobStates } from "./rules/judge-job-states.ts";
import { judgeLadder } from "./rules/judge-ladder.ts";
import { judgeLostWorkers } from "./rules/judge-lost-workers.ts";
import { judgeNesting } from "./rules/judge-nesting.ts";
import { judgeOrder } from "./rules/judge-order.ts";
import { judgePairs } from "./rules/judge-pairs.ts";
import { judgePresence } from "./rules/judge-presence.ts";
import { judgeSequence } from "./rules/judge-sequence.ts";
import { judgeStatuses } from "./rules/judge-statuses.ts";
import type { PhaseReport } from "./report/phase-report.ts";
import { reportPhases } from "./report/report-phases.ts";

/** What is known of a run before its records are read. */
export interface PhaseValidatorOptions {
  /** The run that every record must belong to. Default: that of the first record that names one. */
  readonly identity?: RunIdentity | undefined;
  /**
   * The compiled workflow, for `started_before_gate`, for failures that are
   * tolerated and for jobs that left no trace. Default: the fact `graph_ir` of a
   * `log` record in the run's own stream, or that of the receipt; without any,
   * gates are not judged.
   */
  readonly graph?: GraphIr | undefined;
  /** Whether sections and steps are among the reported phases. Default false. */
  readonly full?: boolean | undefined;
  /**
   * Whether the mirror streams are read too, so that a step that is not
   * mirrored is a violation. Default: only jobs whose mirror held a record.
   */
  readonly mirrors?: boolean | undefined;
  /**
   * Whether all documents that there are are given too, so that one which is
   * absent though `run.finalize` succeeded is a violation, and so is a pointer
   * in one that leads elsewhere than to what it names. Default false.
   */
  readonly documents?: boolean | undefined;
}

/**
 * Judges one run by the lifecycle contract, record by record.
 *
 * Streams may come one after another in any order, or interleaved as they are
 * written; only the lines of one stream must be in order. What comes in is
 * never trusted: no input makes it throw. Memory grows with the phases of the
 * run, hardly with its output.
 */
export class PhaseValidator {
  readonly #options: PhaseValidatorOptions;
  readonly #intake: RecordIntake;

  constructor(options: PhaseValidatorOptions = {}) {
    this.#options = options;
    this.#intake = new RecordIntake(options.identity);
    this.#intake.facts.graph = readGateGraph(options.graph);
  }

  /**
   * Takes one record.
   *
   * @param streamPath - Relative to the run's directory, with `/`.
   * @param line - From 1.
   * @param event - The parsed record.
   * @param raw - The line it was parsed from, to compare mirrors byte for byte. Default: the record as JSON.
   */
  record(streamPath: string, line: number, event: unknown, raw?: string): void {
    this.#intake.record({ streamPath, line, raw }, event);
  }

  /** Takes lines of output, the first of which is `line`, without their text. Keeps nothing of `lines`. */
  outputLines(streamPath: string, line: number, lines: CountedLines): void {
    this.#intake.outputLines(streamPath, line, lines);
  }

  /** Takes a line, or with line 0 a whole file, that is not what it should be. `why` follows "This line". */
  malformed(streamPath: string, line: number, why: string): void {
    this.#intake.malformed(streamPath, line, why);
  }

  /** Takes the end of a stream: its size in bytes and, when its last line has no newline, that line's number. */
  streamEnd(streamPath: string, bytes: number, truncatedLine?: number): void {
    this.#intake.streamEnd(streamPath, bytes, truncatedLine);
  }

  /**
   * Takes a document, to be held against the streams.
   *
   * @param path - Relative to the run's directory; `receipts/<name>.json` for the receipt.
   * @param json - The parsed document.
   */
  document(path: string, json: unknown): void {
    if (!isObject(json)) return this.#intake.malformed(path, 1, "is not a JSON object");
    this.present(path);
    this.#intake.identify(path, json);
    parseDocument(this.#intake.facts, path, json);
    if (this.#options.documents === true) readLadder(this.#intake.facts, path, json);
  }

  /** Takes that a document is there, whatever it says. */
  present(path: string): void {
    this.#intake.facts.documents.add(path);
  }

  /**
   * The verdict over what was taken so far.
   *
   * At the end of a live run, take the finish of `run.finalize` first, though
   * it is written only after the report.
   *
   * @param checkedAt - RFC 3339, UTC, milliseconds.
   */
  report(checkedAt: string): PhaseReport {
    const { facts } = this.#intake;
    const log = this.#intake.violations.fork();
    const coverage = judgeCoverage(facts, log);
    judgePairs(facts, log);
    judgeOrder(facts, log);
    judgeNesting(facts, log);
    judgeJobStates(facts, log);
    judgeGates(facts, log);
    judgeStatuses(facts, log);
    judgeLostWorkers(facts, log);
    judgeDocuments(facts, log);
    if (this.#options.documents === true) {
      judgePresence(facts, log);
      judgeLadder(facts, log);
    }
    judgeSequence(this.#intake, this.#options.mirrors ?? false, log);
    const violations = log.sorted();
    const streams = [...facts.streams.values()];
    return {
      schema_version: "v1",
      kind: "loom-run-local-phase-report",
      run_id: this.#intake.runId ?? "unknown",
      pipeline_id: this.#intake.pipelineId ?? "unknown",
      status: violations.length === 0 ? "valid" : "invalid",
      checked_at: checkedAt,
      streams: {
        count: streams.length,
        events: streams.reduce((sum, stream) => sum + stream.events, 0),
        bytes: streams.reduce((sum, stream) => sum + stream.bytes, 0),
      },
      coverage,
      phases: reportPhases(facts, this.#options.full ?? false),
      violations,
    };
  }
}

/** Starts to judge a run. */
export function createPhaseValidator(options: PhaseValidatorOptions = {}): PhaseValidator {
  return new PhaseValidator(options);
}
