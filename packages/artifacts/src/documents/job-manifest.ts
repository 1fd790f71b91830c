import {
  SECTION_PHASES,
  type JobId,
  type RunId,
  type PhaseCode,
  type PhaseStatus,
  type SectionName,
  type SkipReason,
  type StepPart,
} from "@loom/core";
import { EXIT_CODE_SHAPE, PHASE_CODE, PHASE_STATUS, SECTION_NAME } from "../codec/event-shapes.ts";
import { fields, listOf, oneOf, optional, text, whole, type Shape } from "../shape/shape.ts";
import { CACHE_FACTS, type CacheFacts } from "./cache-facts.ts";
import { JOB_IDENTITY, type JobIdentity } from "./identity.ts";
import { SKIP_REASON } from "./status-words.ts";

/** One script entry of a job, in its last attempt. */
export interface ManifestStep {
  /** From 1, through all lists of the job. */
  readonly step: number;
  /** Which list it is from; absent where the job has one only. */
  readonly part?: StepPart;
  /** What it is for, in words, where the workflow says so. */
  readonly name?: string;
  readonly command: string;
  /** `skipped` for an entry that was never reached. */
  readonly status: PhaseStatus;
  /** The earlier attempt that it is from: the last one began at a later step. */
  readonly kept_from_attempt?: number;
  /** Why it was left out, where the workflow says so; absent where the job did not get to it. */
  readonly skip_reason?: "condition_not_met";
  /** Present where it failed and the job went on, as the step may fail. */
  readonly tolerated?: true;
  readonly exit_code?: number;
  readonly duration_ms?: number;
  /** How many lines it printed, on both outputs; a line that was recorded in pieces is one. */
  readonly output_lines?: number;
  readonly summary_path?: string;
  readonly events_path?: string;
}

/** One system section of a job. */
export interface ManifestSection {
  readonly section: SectionName;
  readonly phase_code: PhaseCode;
  readonly status: PhaseStatus;
  readonly duration_ms: number;
  /** What happened to each cache, in order; `cache_restore` and `cache_save` only. */
  readonly caches?: readonly CacheFacts[];
  readonly summary_path: string;
  readonly events_path: string;
}

/** One collected file. */
export interface ArtifactFile {
  /** Relative to the job's `artifacts/`, with `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** What a job left behind on purpose. */
export interface JobArtifacts {
  readonly archive_path: string;
  readonly files: readonly ArtifactFile[];
}

/** A test that failed. */
export interface FailedTest {
  readonly name: string;
  /** Its class or suite, as the report has it. */
  readonly suite?: string;
  /** Relative to the project where it is inside. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  readonly message?: string;
}

/** What the test reports of a job say. */
export interface JobTests {
  /** The reports that were read: paths below the job's `artifacts/`. */
  readonly reports: readonly string[];
  readonly total: number;
  readonly failed: number;
  readonly skipped: number;
  /** The first of those that failed, in the order of the reports: 50 at most. */
  readonly failures: readonly FailedTest[];
}

/** `jobs/<job_id>/manifest.json`: which step or section failed, and the one stream that shows it. */
export interface JobManifest extends JobIdentity {
  readonly status: PhaseStatus;
  /** Word of the provider that it ran on. */
  readonly provider?: string;
  /** `execution` for a user step, else the name of the section. */
  readonly failing_section?: SectionName | "execution";
  /** Number of the failing user step, from 1. */
  readonly failing_step?: number;
  readonly failing_step_events_path?: string;
  /** The one file to open, whatever failed. */
  readonly failing_events_path?: string;
  readonly skip_reason?: SkipReason;
  readonly blocked_by?: readonly JobId[];
  /** The earlier run in which it succeeded, and whose result it keeps. */
  readonly kept_from?: RunId;
  /** Every script entry, in order. */
  readonly steps: readonly ManifestStep[];
  /** In the order in which they last began. */
  readonly system_sections: readonly ManifestSection[];
  readonly artifacts?: JobArtifacts;
  readonly tests?: JobTests;
  readonly events_path: string;
}

/** Shape of {@link JobArtifacts}. */
export const JOB_ARTIFACTS: Shape<JobArtifacts> = fields<JobArtifacts>({
  archive_path: text(),
  files: listOf(fields<ArtifactFile>({ path: text(), size: whole(), sha256: text() })),
});

/** Shape of {@link JobTests}. */
export const JOB_TESTS: Shape<JobTests> = fields<JobTests>({
  reports: listOf(text()),
  total: whole(),
  failed: whole(),
  skipped: whole(),
  failures: listOf(
    fields<FailedTest>({
      name: text(),
      suite: optional(text()),
      file: optional(text()),
      line: optional(whole(1)),
      message: optional(text()),
    }),
  ),
});

/** Shape of {@link JobManifest}. */
export const JOB_MANIFEST: Shape<JobManifest> = fields<JobManifest>({
  ...JOB_IDENTITY,
  status: PHASE_STATUS,
  provider: optional(text()),
  failing_section: optional(
    oneOf<SectionName | "execution">("execution", ...(Object.keys(SECTION_PHASES) as SectionName[])),
  ),
  failing_step: optional(whole(1)),
  failing_step_events_path: optional(text()),
  failing_events_path: optional(text()),
  skip_reason: optional(SKIP_REASON),
  blocked_by: optional(listOf(text<JobId>())),
  kept_from: optional(text<RunId>()),
  steps: listOf(
    fields<ManifestStep>({
      step: whole(1),
      part: optional(oneOf<StepPart>("before", "script", "after")),
      name: optional(text()),
      command: text(),
      status: PHASE_STATUS,
      kept_from_attempt: optional(whole(1)),
      skip_reason: optional(oneOf("condition_not_met")),
      tolerated: optional(oneOf(true)),
      exit_code: optional(EXIT_CODE_SHAPE),
      duration_ms: optional(whole()),
      output_lines: optional(whole()),
      summary_path: optional(text()),
      events_path: optional(text()),
    }),
  ),
  system_sections: listOf(
    fields<ManifestSection>({
      section: SECTION_NAME,
      phase_code: PHASE_CODE,
      status: PHASE_STATUS,
      duration_ms: whole(),
      caches: optional(listOf(CACHE_FACTS)),
      summary_path: text(),
      events_path: text(),
    }),
  ),
  artifacts: optional(JOB_ARTIFACTS),
  tests: optional(JOB_TESTS),
  events_path: text(),
});
