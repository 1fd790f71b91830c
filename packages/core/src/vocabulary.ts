/** Version word of every record in an event stream. */
export const EVENT_SCHEMA_VERSION = "loom.runtime.logs.v2";

/** Every {@link Scope}. */
export const SCOPES = ["run", "pipeline", "job", "step"] as const;

/** Where a phase lives. */
export type Scope = (typeof SCOPES)[number];

/** Every {@link PhaseStatus}. */
export const PHASE_STATUSES = ["success", "failed", "skipped", "cancelled"] as const;

/** How a phase, a section, a step or a job ended. */
export type PhaseStatus = (typeof PHASE_STATUSES)[number];

/** Every {@link RunStatus}. */
export const RUN_STATUSES = ["success", "failure", "cancelled"] as const;

/** How a pipeline, a run or a receipt ended. */
export type RunStatus = (typeof RUN_STATUSES)[number];

/** How a past run may stand: also `interrupted`, where nobody carries it out and it did not end, or `running`. */
export const PAST_RUN_STATUSES = ["success", "failure", "cancelled", "interrupted", "running"] as const;

/** Every {@link JobStatus}. */
export const JOB_STATUSES: readonly ["pending", "ready", "running", ...typeof PHASE_STATUSES] = [
  "pending",
  "ready",
  "running",
  ...PHASE_STATUSES,
];

/** What a job is at some moment of a run. The last four are terminal. */
export type JobStatus = (typeof JOB_STATUSES)[number];

/** Every {@link SkipReason}. */
export const SKIP_REASONS = [
  "upstream_failed",
  "stage_blocked",
  "condition_not_met",
  "bootstrap_failed",
  "not_selected",
  "manual",
] as const;

/**
 * Why a job was skipped.
 *
 * - `upstream_failed`: a job it needs failed, or was itself skipped because of a failure
 * - `stage_blocked`: a job of an earlier stage did, or `--fail-fast` closed the run
 * - `condition_not_met`: its `when` does not hold, or none of its rules lets it run
 * - `bootstrap_failed`: the run had no workspace to start in
 * - `not_selected`: left out on the command line
 * - `manual`: it runs only when somebody asks for it, and nobody did; or it needs such a job
 */
export type SkipReason = (typeof SKIP_REASONS)[number];

/** Every {@link When}. */
export const WHENS = ["on_success", "on_failure", "always"] as const;

/** When a job runs, depending on the jobs it waits for. */
export type When = (typeof WHENS)[number];

/** Why a job of a run does not take place, as was known before it began. */
export type WithheldReason = Extract<SkipReason, "condition_not_met" | "manual">;

/** The phases of the run scope, in their order in time. */
export type RunPhaseCode = "run.bootstrap" | "run.pipeline_execute" | "run.finalize";

/** The phases of an attempt that come before its steps, in their order in time. */
export const SET_UP_PHASES = ["job.provider_prepare", "job.cache_restore", "job.artifact_restore"] as const;

/** The phases of an attempt that come after its steps, in their order in time. */
export const SAVE_PHASES = ["job.artifact_save", "job.cache_save"] as const;

/** The phases of one attempt of a job, in their order in time. `job.cleanup` follows once, after the last attempt. */
export const JOB_PHASE_ORDER: readonly [
  ...typeof SET_UP_PHASES,
  "job.execution",
  ...typeof SAVE_PHASES,
  "job.cleanup",
] = [...SET_UP_PHASES, "job.execution", ...SAVE_PHASES, "job.cleanup"];

/** A phase of an attempt that comes before its steps. */
export type SetUpPhaseCode = (typeof SET_UP_PHASES)[number];

/** A phase of an attempt that comes after its steps. */
export type SavePhaseCode = (typeof SAVE_PHASES)[number];

/** The phases of the job scope. */
export type JobPhaseCode = (typeof JOB_PHASE_ORDER)[number];

/** The job phases that Loom itself carries out. */
export type SystemPhaseCode = Exclude<JobPhaseCode, "job.execution">;

/** The job phases that take place only where the plan of a job asks for them. */
export type OptionalPhaseCode = Exclude<
  JobPhaseCode,
  "job.provider_prepare" | "job.execution" | "job.cleanup"
>;

/** Every phase there is. */
export type PhaseCode = RunPhaseCode | "pipeline.execute" | JobPhaseCode | "step.script";

/** What kind of work a phase is. */
export type PhaseFamily =
  | "bootstrap"
  | "pipeline"
  | "finalize"
  | "provider"
  | "cache"
  | "artifact"
  | "execution"
  | "cleanup"
  | "step";

/** A part of a job that Loom itself does; also the name of its directory below `system/`. */
export type SectionName =
  | "provider"
  | "services"
  | "image_build"
  | "cache_restore"
  | "artifact_extract"
  | "artifact_save"
  | "cache_save"
  | "cleanup";

/** Scope and family of every phase. The rows of the job scope are in chronological order. */
export const PHASES: { readonly [C in PhaseCode]: { readonly scope: Scope; readonly family: PhaseFamily } } =
  {
    "run.bootstrap": { scope: "run", family: "bootstrap" },
    "run.pipeline_execute": { scope: "run", family: "pipeline" },
    "pipeline.execute": { scope: "pipeline", family: "pipeline" },
    "run.finalize": { scope: "run", family: "finalize" },
    "job.provider_prepare": { scope: "job", family: "provider" },
    "job.cache_restore": { scope: "job", family: "cache" },
    "job.artifact_restore": { scope: "job", family: "artifact" },
    "job.execution": { scope: "job", family: "execution" },
    "job.artifact_save": { scope: "job", family: "artifact" },
    "job.cache_save": { scope: "job", family: "cache" },
    "job.cleanup": { scope: "job", family: "cleanup" },
    "step.script": { scope: "step", family: "step" },
  };

/** The job phase that each section belongs to. */
export const SECTION_PHASES: { readonly [S in SectionName]: SystemPhaseCode } = {
  provider: "job.provider_prepare",
  services: "job.provider_prepare",
  image_build: "job.provider_prepare",
  cache_restore: "job.cache_restore",
  artifact_extract: "job.artifact_restore",
  artifact_save: "job.artifact_save",
  cache_save: "job.cache_save",
  cleanup: "job.cleanup",
};

/** Whether a word is the name of a section. */
export function isSectionName(word: string): word is SectionName {
  return Object.hasOwn(SECTION_PHASES, word);
}

/** Whether a job in this status has ended. */
export function isTerminal(status: JobStatus): status is PhaseStatus {
  return status !== "pending" && status !== "ready" && status !== "running";
}
