import type { Writable } from "node:stream";
import type { TextOutput } from "@loom/reporters/table";

/** Output that waits in memory for a slow reader before the run is asked to wait too. Unit: bytes. */
const QUEUE_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * Writes text to a stream.
 *
 * A reader that has gone (`| head`) ends the writing, not the run. One that is
 * slow makes `drained` wait, so that nothing is dropped and memory is bounded.
 */
export function streamOutput(stream: Writable): TextOutput {
  let gone = false;
  let waiting: Promise<void> | undefined;
  stream.on("error", () => {
    gone = true;
  });
  return {
    write: (text) => {
      if (!gone) stream.write(text);
    },
    drained: () => {
      if (gone || stream.writableLength <= QUEUE_LIMIT_BYTES) return undefined;
      waiting ??= new Promise<void>((resolve) => {
        const done = (): void => {
          stream.off("drain", done);
          stream.off("close", done);
          stream.off("error", done);
          waiting = undefined;
          resolve();
        };
        stream.on("drain", done).on("close", done).on("error", done);
      });
      return waiting;
    },
  };
}
