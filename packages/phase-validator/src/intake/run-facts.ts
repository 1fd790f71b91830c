import type { PhaseCode, PhaseStatus, SectionName } from "@loom/core";
import type { JudgedPlace } from "./stream-place.ts";

/** What is kept of one stream. */
export interface StreamFacts {
  readonly path: string;
  readonly place: JudgedPlace;
  /** `seq` of the last record, 0 before the first. */
  lastSeq: number;
  events: number;
  /** How many lines of output they are: the pieces of a line are one. */
  outputLines: number;
  /** Which of `stdout` and `stderr` are in the middle of a line. */
  unfinished: Set<unknown> | undefined;
  bytes: number;
  /** Whether a phase has started in it. */
  entered: boolean;
}

/** What is kept of one phase, section or step. A boundary that was not seen has line 0. */
export interface PhaseSpan {
  readonly code: PhaseCode;
  readonly jobId: string | undefined;
  readonly section: SectionName | undefined;
  readonly step: number | undefined;
  /** From 1. Always 1 for `job.cleanup`, which comes once for all attempts. */
  readonly attempt: number;
  readonly stream: StreamFacts;
  startLine: number;
  /** NaN when the record has no usable `seq`: no rule on order can then fire. */
  startSeq: number;
  startedAt: string | undefined;
  finishLine: number;
  finishSeq: number;
  finishedAt: string | undefined;
  status: PhaseStatus | undefined;
  /** That of the finish; only a step's is compared with documents. */
  exitCode: number | undefined;
  /** Of `job.execution`: the step that an attempt begins at which goes on with what the one before it has. */
  fromStep: number | undefined;
  /** Whether the finish says that the job goes on though this failed. */
  tolerated: boolean;
  /** Whether the finish says that what carried out the attempt was lost. */
  isWorkerLost: boolean;
  durationMs: number;
}

/** A record's place, to point at. */
export interface RecordPlace {
  readonly seq: number;
  readonly stream: StreamFacts;
  readonly line: number;
}

/** What is kept of one job. */
export interface JudgedJob {
  readonly id: string;
  /** The job's phases, sections and steps, in the order in which their records were read. */
  readonly spans: PhaseSpan[];
  /** The status of the last `job_state`. */
  state: string | undefined;
  firstState: RecordPlace | undefined;
  lastState: RecordPlace | undefined;
  /** The `job_state` that said it runs. */
  running: RecordPlace | undefined;
  terminal: JobTerminal | undefined;
  /** Whether its mirror stream held a record. */
  mirrored: boolean;
  /** What a document says about a failure: whether it counts against the pipeline. */
  documentedBlocking: boolean | undefined;
  /** What its manifest says beyond statuses. */
  manifest: JobManifestClaims | undefined;
}

/** The `job_state` that ended a job. */
export interface JobTerminal extends RecordPlace {
  readonly status: PhaseStatus;
  readonly reason: string | undefined;
  readonly blockedBy: readonly string[];
  readonly keptFrom: string | undefined;
}

/** What the manifest of a job says of its failure, and which of its parts it lists. */
export interface JobManifestClaims {
  readonly path: string;
  readonly failingSection: unknown;
  readonly failingStep: unknown;
  readonly failingStepEventsPath: unknown;
  readonly failingEventsPath: unknown;
  /** The steps, each with the earlier attempt that it says it is from. */
  readonly steps: ReadonlyMap<number, unknown>;
  readonly sections: ReadonlySet<string>;
}

/** A path in a document that leads to another file of the run. */
export interface Pointer {
  /** The document that it stands in. */
  readonly path: string;
  /** Where in it, as `jobs[0].events_path`. */
  readonly field: string;
  readonly value: unknown;
  /** Where the layout of a run has what it names. */
  readonly target: string;
  readonly jobId?: string;
}

/** Why a document says that a job did not run. */
export interface SkipClaim {
  readonly path: string;
  readonly jobId: string;
  readonly reason: unknown;
  readonly blockedBy: unknown;
  readonly keptFrom: unknown;
}

/** What a document says of a step beside how it ended. */
export interface StepClaim {
  readonly path: string;
  readonly jobId: string;
  readonly step: number;
  readonly command: unknown;
  readonly outputLines: unknown;
  /** The stream it speaks of; absent for a step that was never reached. */
  readonly streamPath?: string;
}

/** A phase of the envelope around all jobs. */
export type EnvelopeCode = "run.bootstrap" | "run.pipeline_execute" | "pipeline.execute" | "run.finalize";

/** What a document says of how something ended. */
export type Claim = {
  readonly path: string;
  readonly status: string;
  /** Its exit code, as it is in the document; absent for what has none there. */
  readonly exit?: { readonly code: unknown };
} & (
  | { readonly about: "run" }
  | { readonly about: "job"; readonly jobId: string }
  | {
      readonly about: "step";
      readonly jobId: string;
      readonly step: number;
      readonly attempt?: number | undefined;
    }
  | {
      readonly about: "section";
      readonly jobId: string;
      readonly section: string;
      readonly attempt?: number | undefined;
    }
);

/** What `pipeline/manifest.json` and `pipeline/summary.json` say beyond statuses. */
export interface PipelineClaims {
  /** How many jobs ended in which status. */
  counts?: { readonly path: string; readonly byStatus: ReadonlyMap<string, number> };
  /** The blocking failures in the order in which they finished. */
  failed?: { readonly path: string; readonly jobIds: readonly string[] };
  /** The jobs that the manifest lists. */
  roster?: { readonly path: string; readonly jobIds: ReadonlySet<string> };
}

/** The part of a graph that gates depend on. */
export interface GateGraph {
  /** In execution order. */
  readonly stages: readonly string[];
  readonly jobs: readonly GateJob[];
}

/** One job of a graph. */
export interface GateJob {
  readonly id: string;
  readonly stage: string;
  readonly needs: readonly string[];
  /** Whether it waits for its needs only. */
  readonly isUngated?: true;
  /** Whether a failure is tolerated, or for which exit codes of a step. */
  readonly allowFailure: boolean | readonly number[];
  readonly when: string;
  /** The commands of its steps; empty where the graph has none that can be read. */
  readonly commands: readonly string[];
  /** How many of its steps decide how it ends; those that follow may fail. */
  readonly deciding: number;
  /** Which failures of single steps the job goes on after, by their numbers. Absent: none. */
  readonly tolerated?: ReadonlyMap<number, boolean | readonly number[]>;
  /** The numbers of the steps that are left out. Absent: none. */
  readonly withheld?: ReadonlySet<number>;
}

/** Everything the rules judge. */
export interface JudgedRun {
  /** In the order in which they were first read. */
  readonly streams: Map<string, StreamFacts>;
  readonly envelope: Map<EnvelopeCode, PhaseSpan>;
  /** In the order in which they became known. */
  readonly jobs: Map<string, JudgedJob>;
  readonly claims: Claim[];
  /** Paths of the documents that there are, whether or not they could be read. */
  readonly documents: Set<string>;
  readonly pipelineClaims: PipelineClaims;
  readonly pointers: Pointer[];
  readonly skipClaims: SkipClaim[];
  readonly stepClaims: StepClaim[];
  graph: GateGraph | undefined;
  /** Jobs that waited for somebody to ask for them when the run began. They keep no stage closed. */
  waiting: ReadonlySet<string>;
  /** The record with the highest `seq`; changed in place, since it may change with every line. */
  last: { -readonly [K in keyof RecordPlace]: RecordPlace[K] } | undefined;
}

/** The facts of one job, made when it was not known yet. */
export function jobFacts(run: JudgedRun, id: string): JudgedJob {
  const known = run.jobs.get(id);
  if (known !== undefined) return known;
  const job = noFacts(id);
  run.jobs.set(id, job);
  return job;
}

/** The facts of a job that no record has spoken of. */
export function noFacts(id: string): JudgedJob {
  return {
    id,
    spans: [],
    state: undefined,
    firstState: undefined,
    lastState: undefined,
    running: undefined,
    terminal: undefined,
    mirrored: false,
    documentedBlocking: undefined,
    manifest: undefined,
  };
}
