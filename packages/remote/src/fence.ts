import type { Clock, SharedLog } from "@loom/ports";
import { encodeMessage } from "./message-codec.ts";
import type { Happening } from "./messages.ts";
import { pause } from "./pause.ts";

/** How long to wait before a log that does not answer is asked again. Milliseconds. */
const AGAIN_AFTER_MS = 250;

/** What an attempt is told on, and who ends it. */
export interface FencedPlace {
  readonly log: SharedLog;
  /** Where its worker tells what happens. */
  readonly subject: string;
  /** Name of who ends it. */
  readonly by: string;
  /** Why, as a clause. */
  readonly why: string;
  readonly clock: Pick<Clock, "after">;
  /** Aborting it gives up. */
  readonly signal: AbortSignal;
}

/**
 * Ends an attempt whatever its worker does: from now on nothing that the worker says counts.
 *
 * It is an entry like any other, so there is one answer to whether something came before it. Tried again until it is there.
 *
 * @param after - How many entries there are, as far as is known.
 */
export async function fence(
  { log, subject, by, why, clock, signal }: FencedPlace,
  after: number,
): Promise<void> {
  const messages: readonly Happening[] = [{ kind: "fenced", why }];
  const data = encodeMessage({ writer: by, messages });
  for (let n = after + 1; !signal.aborted;)
    try {
      // `taken`: by an entry of the worker, or by this one, whose answer got lost. A second one does no harm.
      if ((await log.append(subject, n, data)) !== "taken") return;
      n += 1;
    } catch {
      await pause(clock, AGAIN_AFTER_MS);
    }
}
