import type { GraphCache } from "@loom/core";
import type { KeyContext } from "../src/key/expand-template.ts";
import { planCaches, type PlannedCache } from "../src/key/plan-caches.ts";

/** The context of a job called `build`. */
export const CONTEXT: KeyContext = {
  jobName: "build",
  jobId: "build",
  runId: "run-1",
  pipelineId: "pipeline-1",
  headSha: "abc123",
  variables: { NODE: "24" },
};

/** One cache of a job, planned. */
export async function planCache(workspace: string, cache: Partial<GraphCache> = {}): Promise<PlannedCache> {
  const whole: GraphCache = {
    paths: ["deps"],
    key: "deps",
    policy: "pull-push",
    when: "on_success",
    ...cache,
  };
  const planned = await planCaches([whole], { workspace, scope: "/project", context: CONTEXT });
  if (!planned.ok) throw new Error(planned.error.message);
  const [one] = planned.value;
  if (one === undefined) throw new Error("Nothing was planned");
  return one;
}
