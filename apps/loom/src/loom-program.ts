import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** The command line of this program, to which a command is added; also for `loom-mcp`, which adds its own. */
export function loomProgram(): readonly [string, ...string[]] | undefined {
  const program = process.argv[1];
  if (program === undefined) return undefined;
  return [process.execPath, ...process.execArgv, ALIASES.has(basename(program)) ? beside(program) : program];
}

/** What `loom-mcp` is called, as a file and as a link in a folder of programs. */
const ALIASES: ReadonlySet<string> = new Set(["loom-mcp.cjs", "loom-mcp"]);

function beside(program: string): string {
  return join(dirname(realpathSync(program)), "loom.cjs");
}
