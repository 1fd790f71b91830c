import type { JobId } from "@loom/core";
import { jobDirectory } from "./stream-path.ts";

/** The run's summary, relative to its directory, as are all that follow. */
export const RUN_SUMMARY_PATH = "summary.json";

/** The report of the phase validator. */
export const PHASE_REPORT_PATH = "phase-report.json";

/** The pipeline's summary. */
export const PIPELINE_SUMMARY_PATH = "pipeline/summary.json";

/** The pipeline's manifest. */
export const PIPELINE_MANIFEST_PATH = "pipeline/manifest.json";

/** The summary of a job. */
export function jobSummaryPath(job: JobId): string {
  return `${jobDirectory(job)}summary.json`;
}

/** The manifest of a job. */
export function jobManifestPath(job: JobId): string {
  return `${jobDirectory(job)}manifest.json`;
}

/** Where the artifacts of a job are: as a tree and as an archive. While they are being saved, each ends in `.part`. */
export function jobArtifactPaths(job: JobId): { readonly directory: string; readonly archive: string } {
  const directory = `${jobDirectory(job)}artifacts`;
  return { directory, archive: `${directory}.tar.gz` };
}

/** Whether a path is inside a job's artifacts, finished or not: there, any name may be the user's. */
export function isInArtifacts(path: string): boolean {
  return /^jobs\/[^/]+\/artifacts(?:\.part)?\//.test(path);
}

/** Whether a path belongs to artifacts that are being saved, or whose saving was cut off. */
export function isPartOfArtifacts(path: string): boolean {
  return /^jobs\/[^/]+\/artifacts(?:\.tar\.gz)?\.part$/.test(path);
}
