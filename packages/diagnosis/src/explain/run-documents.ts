import type { PipelineManifest, PipelineSummary, RunSummary } from "@loom/artifacts";
import type { UnfinishedJobs } from "./read-unfinished-jobs.ts";

/** What the small documents of a run say, as far as they can be read. */
export interface RunDocuments {
  readonly summary?: RunSummary;
  readonly pipeline?: PipelineSummary;
  readonly manifest?: PipelineManifest;
  readonly unfinished?: UnfinishedJobs;
}
