import type { Clock, SharedLog } from "@loom/ports";
import type { EarlierCalls } from "./attempt-calls.ts";
import { decodeMessage, type Envelope } from "./message-codec.ts";
import { subjectsOf, type Offer, type Order } from "./messages.ts";

/** How long entries that are there may take to come. Milliseconds. */
const FOUND_WITHIN_MS = 10_000;

/**
 * What a coordinator that is gone has asked of the worker of an attempt, from a step on, if it did not ask to stop any of that.
 *
 * Its records may be behind its orders: it may have asked for more after that step.
 *
 * @param step - The number of that step.
 */
export async function findOpenStep(
  log: SharedLog,
  clock: Pick<Clock, "after">,
  { offer, step }: { readonly offer: Offer; readonly step: number },
): Promise<EarlierCalls | undefined> {
  const { orders: subject } = subjectsOf(offer);
  const entries = await log.count(subject);
  if (entries === 0) return undefined;
  const over = new AbortController();
  const cancel = clock.after(FOUND_WITHIN_MS, () => over.abort());
  const calls: (Order & { readonly kind: "call" })[] = [];
  try {
    for await (const { n, data } of log.read(subject, 1, over.signal)) {
      for (const order of decodeMessage<Envelope<Order>>(data).messages) {
        if (order.kind === "over" || (order.kind === "stop" && calls.length > 0)) return undefined;
        if (order.kind !== "call") continue;
        const isIt = order.what.kind === "run" && order.what.step.step === step;
        if (isIt || calls.length > 0) calls.push(order);
      }
      if (n < entries) continue;
      const [first, ...later] = calls;
      return first && { first: first.call, later: later.map(({ what }) => what), entries };
    }
    return undefined;
  } finally {
    cancel();
    over.abort();
  }
}
