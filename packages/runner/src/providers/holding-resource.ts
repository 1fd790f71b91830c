import { claimResource } from "@loom/artifacts";
import { err, ok, type EventError, type Result, type RunId } from "@loom/core";
import type { Clock, JobProvider, JobSpec, SectionLog, StopRequest } from "@loom/ports";
import { holding } from "./holding.ts";

/** How often somebody who waits for a resource looks whether it is free. Milliseconds. */
const LOOK_EVERY_MS = 200;

/** What holds resources for the jobs of one run. */
export interface ResourceOptions {
  /** The project folder. Absolute. */
  readonly repoRoot: string;
  readonly runId: RunId;
  readonly clock: Clock;
}

/**
 * A provider whose jobs have the resource that they name, from before they are set up until they are closed. They wait for
 * it in the first section that the provider opens.
 */
export function holdingResource(provider: JobProvider, options: ResourceOptions): JobProvider {
  return holding(
    provider,
    async (job, section, stop) => await waitForResource(job, section, { ...options, stop }),
  );
}

async function waitForResource(
  { jobId, node: { resource } }: JobSpec,
  section: SectionLog,
  { repoRoot, runId, clock, stop }: ResourceOptions & { readonly stop: StopRequest },
): Promise<Result<() => void, EventError>> {
  if (resource === undefined) return ok(() => undefined);
  const sinceMs = clock.now();
  let toldOf: string | undefined;
  while (!stop.terminate.aborted && !stop.kill.aborted) {
    const claim = claimResource(repoRoot, resource, { runId, jobId });
    if (!claim.ok) return claim;
    if (claim.value.kind === "claimed") {
      if (toldOf !== undefined)
        section.log("info", `The job has the resource "${resource}"`, { waited_ms: clock.now() - sinceMs });
      return ok(claim.value.release);
    }
    const { holder, path } = claim.value;
    if (holder !== toldOf)
      section.log("info", `The job waits for the resource "${resource}", which ${holder} has`, {
        resource,
        lock: path,
      });
    toldOf = holder;
    await pause(clock, stop);
  }
  const message = `The job was not set up: it was to end while it waited for the resource "${resource}"`;
  return err({ code: "cancelled", message });
}

async function pause(clock: Clock, { terminate, kill }: StopRequest): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      cancel();
      terminate.removeEventListener("abort", end);
      kill.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.after(LOOK_EVERY_MS, end);
    terminate.addEventListener("abort", end);
    kill.addEventListener("abort", end);
  });
}
