import { err, ok, type Result } from "@loom/core";
import type { Clock } from "@loom/ports";
import { createSystemClock, inheritableEnvironment } from "@loom/system";
import { cacheHomeOf, environmentOf } from "../option-defaults.ts";
import type { StartError } from "../start-error.ts";
import type { WorkflowLocation } from "../workflow/find-workflow.ts";
import { loadForRun } from "../workflow/load-for-run.ts";
import { loadPart } from "../workflow/load-part.ts";
import { currentCommit, currentTree } from "./current-files.ts";
import type { KeptResults, RetryTarget } from "./keep-results.ts";

/** What a run is asked to do, as far as it decides which results it may keep. */
export interface RetryRequest {
  /** Absolute path of the evidence of the run to retry. */
  readonly retry?: string | undefined;
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly workspace?: RetryTarget["workspace"] | undefined;
  readonly cacheHome?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly clock?: Clock | undefined;
}

/** What is kept of the run to retry; `undefined` for a run that retries none. */
export async function keptFor(
  location: WorkflowLocation,
  shownPath: string,
  request: RetryRequest,
): Promise<Result<KeptResults | undefined, StartError>> {
  const { retry, variables = {}, workspace = "isolated", clock = createSystemClock() } = request;
  if (retry === undefined) return ok(undefined);
  const cacheHome = cacheHomeOf(request);
  const loaded = await loadForRun(location, shownPath, cacheHome);
  if (!loaded.ok) return err({ code: "RETRY_REFUSED", message: loaded.error.message });
  const part = await loadPart("retries runs", async () => import("./keep-results.ts"));
  if (!part.ok) return err({ code: "RETRY_REFUSED", message: part.error.message });
  const checkout = {
    projectFolder: location.repoRoot,
    cacheHome,
    env: inheritableEnvironment(environmentOf(request)),
    clock,
  };
  return await part.value.keepResults({
    runDirectory: retry,
    repoRoot: location.repoRoot,
    graph: loaded.value.graph,
    variables: Object.keys(variables),
    workspace,
    files: async (kind) =>
      kind === "in-place" ? ok(await currentCommit(checkout)) : await currentTree(checkout),
  });
}
