// Brands have a text as their key, not a symbol: an id from one copy of this package fits where another copy takes it.

/** Name of a job in the workflow, `^[a-z][a-z0-9_-]{0,63}$`; also its directory in the run. */
export type JobId = string & { readonly __brand: "JobId" };

/** `loom-run-local-<ns>`, where `<ns>` is the unix time in nanoseconds at which the run was named. */
export type RunId = string & { readonly __brand: "RunId" };

/** `loom-local-<ns>`, with the same `<ns>` as the run's id. */
export type PipelineId = string & { readonly __brand: "PipelineId" };

/** What the name of every run begins with. */
export const RUN_ID_PREFIX = "loom-run-local-";

/** What the name of every pipeline begins with. */
export const PIPELINE_ID_PREFIX = "loom-local-";

/** Milliseconds since 1970-01-01T00:00:00Z. Whole numbers. */
export type EpochMs = number & { readonly __brand: "EpochMs" };

/** Marks a string as a job's name. The workflow compiler has checked its form. */
export function jobId(name: string): JobId {
  return name as JobId;
}

/** Marks a number as a point in time. Fractions of a millisecond are dropped. */
export function epochMs(value: number): EpochMs {
  return Math.floor(value) as EpochMs;
}

/** Which run a record belongs to. */
export interface RunIdentity {
  readonly runId: RunId;
  readonly pipelineId: PipelineId;
}

/**
 * The two ids of a run, from the nanosecond it was named at.
 *
 * @param ns - Unix time in nanoseconds. Two runs of one repository must differ in it.
 */
export function runIdentity(ns: bigint): RunIdentity {
  return { runId: `${RUN_ID_PREFIX}${ns}` as RunId, pipelineId: `${PIPELINE_ID_PREFIX}${ns}` as PipelineId };
}

/** The nanosecond in the name of a run; `undefined` for a name that no run has. */
export function runNanoseconds(name: string): bigint | undefined {
  const digits = name.slice(RUN_ID_PREFIX.length);
  return name.startsWith(RUN_ID_PREFIX) && /^\d{1,20}$/u.test(digits) ? BigInt(digits) : undefined;
}

/**
 * The two ids of a run that has a name, such as that of its directory.
 *
 * @returns `undefined` for a name that no run has.
 */
export function identityOf(runId: string): RunIdentity | undefined {
  const ns = runNanoseconds(runId);
  return ns === undefined ? undefined : runIdentity(ns);
}
