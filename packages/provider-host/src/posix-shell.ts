import { realpathSync } from "node:fs";
import { basename } from "node:path";

/** The POSIX shell that runs steps. */
export interface Shell {
  /** Absolute path. */
  readonly path: string;
  /** Whether its messages may quote lines of the script, so that nothing may be put before it. */
  readonly quotesScript: boolean;
}

/** Shells whose messages have the number of a line, but not its text. bash quotes the line of a syntax error. */
const QUOTE_NOTHING: ReadonlySet<string> = new Set(["busybox", "dash"]);

/** Looks at which program a shell is: `sh` is often a link to another one. */
export function posixShell(path: string): Shell {
  let program = path;
  try {
    program = realpathSync(path);
  } catch {
    // Gone meanwhile: its start says so.
  }
  return { path, quotesScript: !QUOTE_NOTHING.has(basename(program)) };
}
