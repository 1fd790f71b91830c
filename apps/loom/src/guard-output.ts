import { systemErrorReason } from "@loom/system";

/** Why something could not be printed, and whether it matters. */
export interface OutputGuard {
  /**
   * Whether stdout refused what was printed for another reason than a reader
   * that went away. Known once the process has had a turn after the writing.
   */
  readonly lost: boolean;
}

/** What a stream says when whoever read it has gone. Windows reports EOF. */
const READER_GONE: ReadonlySet<unknown> = new Set(["EPIPE", "EOF", "ERR_STREAM_DESTROYED"]);

/**
 * Keeps a failing stdout or stderr from ending the program.
 *
 * A reader that went away (`| head`, a pager that was quit) has seen enough:
 * nothing is said, and what is printed from then on goes nowhere. Anything else
 * is one sentence on stderr. A stderr that fails has nowhere to say so.
 */
export function guardOutput(streams: {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}): OutputGuard {
  let lost = false;
  streams.stderr.on("error", () => undefined);
  streams.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (READER_GONE.has(error.code) || lost) return;
    lost = true;
    streams.stderr.write(`loom: Cannot write to standard output: ${systemErrorReason(error)}\n`);
  });
  return {
    get lost() {
      return lost;
    },
  };
}
