import type {
  EventError,
  GraphNode,
  JobId,
  OutputStream,
  PhaseCode,
  PhaseStatus,
  RunId,
  SectionName,
  SkipReason,
} from "@loom/core";
import type { CacheFacts } from "../documents/cache-facts.ts";
import type { JobArtifacts, JobTests } from "../documents/job-manifest.ts";

/** What is known of one step of the attempt under way. */
export interface StepRecord {
  readonly step: number;
  readonly startedAt: string;
  /** The earlier attempt that it is from, where the one under way began at a later step. */
  keptFrom?: number;
  outputLines: number;
  outputBytes: number;
  /** The outputs whose last line is unfinished. */
  readonly unfinished: Set<OutputStream>;
  end?: StepRecordEnd;
}

/** How a step ended. */
export interface StepRecordEnd {
  readonly status: PhaseStatus;
  readonly finishedAt: string;
  readonly durationMs: number;
  readonly exitCode?: number;
  readonly signal?: string;
  /** Whether the job went on though it failed. */
  readonly isTolerated?: boolean;
}

/** What is known of one section, the last time it ran. */
export interface SectionRecord {
  readonly section: SectionName;
  readonly phaseCode: PhaseCode;
  readonly startedAt: string;
  provider?: string;
  key?: string;
  hit?: boolean;
  bytes?: number;
  caches?: CacheFacts[];
  end?: SectionRecordEnd;
}

/** How a section ended. */
export interface SectionRecordEnd {
  readonly status: PhaseStatus;
  readonly finishedAt: string;
  readonly durationMs: number;
  readonly error?: EventError;
}

/** What made a job fail. */
export interface JobFailure {
  readonly section?: SectionName | "execution";
  readonly step?: number;
  readonly exitCode?: number;
  readonly error?: EventError;
  readonly eventsPath: string;
}

/** How a job ended. */
export interface JobEnd {
  readonly status: PhaseStatus;
  readonly finishedAt: string;
  readonly durationMs: number;
  readonly exitCode?: number;
  readonly skipReason?: SkipReason;
  readonly blockedBy?: readonly JobId[];
  readonly keptFrom?: RunId;
}

/** Everything the documents of one job are made from. Owned by the projection that fills it. */
export interface JobRecord {
  readonly jobId: JobId;
  readonly node: GraphNode;
  /** How often it was started. */
  attempts: number;
  /** Start of the first phase of the first attempt; absent while it never started. */
  startedAt?: string;
  provider?: string;
  /** By number minus one, of the last attempt. A hole where the start of a step is lost. */
  steps: StepRecord[];
  /** In the order in which they last began. */
  sections: Map<SectionName, SectionRecord>;
  artifacts?: JobArtifacts;
  tests?: JobTests;
  failure?: JobFailure;
  end?: JobEnd;
}
