import type { Clock, SharedLog } from "@loom/ports";
import { decodeMessage, type Envelope } from "./message-codec.ts";

/** How long an entry that is there may take to come. Milliseconds. */
const FOUND_WITHIN_MS = 5_000;

/** An entry of a subject; `undefined` when it does not come, as where the subject was forgotten. */
export async function findMessages<T>(
  log: SharedLog,
  clock: Pick<Clock, "after">,
  { subject, n }: { readonly subject: string; readonly n: number },
): Promise<Envelope<T> | undefined> {
  const over = new AbortController();
  const cancel = clock.after(FOUND_WITHIN_MS, () => over.abort());
  try {
    for await (const { data } of log.read(subject, n, over.signal)) return decodeMessage<Envelope<T>>(data);
    return undefined;
  } finally {
    cancel();
    over.abort();
  }
}
