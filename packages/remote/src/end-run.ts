import { err, ok, type EventError, type Result, type RunId } from "@loom/core";
import type { Clock, Exchange } from "@loom/ports";
import { fence } from "./fence.ts";
import { listWorkers } from "./leases.ts";
import { offerId, subjectsOf, type Offer, type Order } from "./messages.ts";
import { SubjectWriter } from "./subject-writer.ts";
import { pause } from "./pause.ts";

/** How long workers may take to end what they were told to. Milliseconds. */
const ENDED_WITHIN_MS = 30_000;

/** How often they are looked at meanwhile. Milliseconds. */
const LOOK_EVERY_MS = 100;

/**
 * Has workers end what they carry out for a run whose coordinator is gone. Safe to repeat.
 *
 * @param spared - Attempts that go on. Default: none.
 * @returns Why something still runs.
 */
export async function endRunOnWorkers(
  { log, leases }: Pick<Exchange, "log" | "leases">,
  runId: RunId,
  clock: Clock,
  spared: readonly Pick<Offer, "jobId" | "attempt">[] = [],
): Promise<Result<void, EventError>> {
  const signal = AbortSignal.timeout(ENDED_WITHIN_MS);
  const goesOn = ({ jobId, attempt }: Offer): boolean =>
    spared.some((one) => one.jobId === jobId && one.attempt === attempt);
  try {
    const told = new Set<string>();
    while (!signal.aborted) {
      const running = (await runningOf(runId, leases)).filter((offer) => !goesOn(offer));
      if (running.length === 0) return ok(undefined);
      for (const offer of running) {
        if (told.has(offerId(offer))) continue;
        told.add(offerId(offer));
        const { orders, happenings: subject } = subjectsOf(offer);
        const by = `end-of-${runId}`;
        const place = { log, by, clock, signal };
        await fence({ ...place, subject, why: "its run is over" }, await log.count(subject));
        const after = await log.count(orders);
        const writer = new SubjectWriter<Order>({ ...place, subject: orders, writer: by, after });
        writer.add({ kind: "over" });
        await writer.settled();
      }
      await pause(clock, LOOK_EVERY_MS);
    }
    return err({ code: "processes_left", message: `Workers did not end the jobs of ${runId} in time` });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return err({
      code: "processes_left",
      message: `Workers could not be told to end the jobs of ${runId}: ${why}`,
    });
  }
}

async function runningOf(runId: RunId, leases: Exchange["leases"]): Promise<readonly Offer[]> {
  const workers = await listWorkers(leases);
  return workers.flatMap(({ running }) => running).filter((offer) => offer.runId === runId);
}
