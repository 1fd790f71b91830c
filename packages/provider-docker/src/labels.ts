import type { JobId } from "@loom/core";
import type { ProviderRun } from "@loom/ports";

/** By what everything that a run makes is found again, whoever looks for it. */
export const RUN_LABEL = "loom.run";
export const PROJECT_LABEL = "loom.project";
const JOB_LABEL = "loom.job";

/** Labels by their names. */
export type Labels = Record<string, string>;

/** The labels of what is made for a job. */
export function labelsOf({ runId, project }: ProviderRun, jobId: JobId): Labels {
  return { [RUN_LABEL]: runId, [JOB_LABEL]: jobId, ...projectLabel(project) };
}

/** The labels of an image, which stays for the next runs. */
export function projectLabel(project: string | undefined): Labels {
  return project === undefined ? {} : { [PROJECT_LABEL]: project };
}

/** A filter for lists of the engine: only what is of this run. */
export function ofRun({ runId }: Pick<ProviderRun, "runId">): EngineFilter {
  return { label: [`${RUN_LABEL}=${runId}`] };
}

/** What is listed: everything that has each of the labels. */
export interface EngineFilter {
  readonly label: string[];
}
