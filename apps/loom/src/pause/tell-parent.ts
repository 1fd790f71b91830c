import type { Reporter } from "@loom/ports";
import { HeldWatch } from "@loom/reporters";

/** What a run says to the program that waits for it. */
export interface HeldMessage {
  readonly held: readonly string[];
}

/** Says to the program that started this one when only held jobs are left. */
export function tellParent(): Reporter {
  return new HeldWatch((held) => {
    const message: HeldMessage = { held };
    // It may be gone, which is its business.
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  });
}
