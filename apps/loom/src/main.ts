import { statSync } from "node:fs";
import { errnoCode, systemErrorReason } from "@loom/system";
import { EXIT_CODE } from "./exit-code.ts";
import { printable } from "./printable.ts";
import { guardOutput } from "./guard-output.ts";

const guard = guardOutput(process);
process.exitCode = await main();

/** Carries out the command, and reports bugs as bugs. */
async function main(): Promise<number> {
  const cwd = currentFolder();
  if (cwd !== undefined && !isHere(cwd)) {
    process.stderr.write(
      `loom: Cannot tell which folder this is: its path is not in UTF-8, or it was moved: "${printable(cwd)}". Change to another folder\n`,
    );
    return EXIT_CODE.usage;
  }
  if (cwd === undefined) {
    process.stderr.write(
      "loom: Cannot tell which folder this is: it was removed or cannot be read. Change to another folder\n",
    );
    return EXIT_CODE.usage;
  }
  try {
    const { runProgram } = await import("./program.ts");
    return await runProgram({
      argv: ["loom", ...process.argv.slice(2)],
      cwd,
      env: process.env,
      get stdin() {
        return process.stdin;
      },
      stdout: process.stdout,
      stderr: { write: (text) => process.stderr.write(printable(text)) },
      guard,
    });
  } catch (error) {
    const exhausted = tooManyFiles(error);
    if (exhausted !== undefined) {
      // Before anything of a run is on disk, as a part of the program could not be loaded.
      process.stderr.write(
        `loom: Cannot continue: ${systemErrorReason(exhausted)}. Raise the limit (ulimit -n)\n`,
      );
      return EXIT_CODE.failure;
    }
    process.stderr.write(`loom: internal error, a bug in loom: ${describe(error)}\n`);
    if (process.env["LOOM_DEBUG_TRACE"] === "1" && error instanceof Error)
      process.stderr.write(`${error.stack}\n`);
    return EXIT_CODE.internal;
  }
}

/** That no more files can be opened, in an error or behind it: whoever met it may have said where. */
function tooManyFiles(error: unknown): Error | undefined {
  for (let cause = error; cause instanceof Error; { cause } = cause) {
    const code = errnoCode(cause);
    if (code === "EMFILE" || code === "ENFILE") return cause;
  }
  return undefined;
}

/** The folder that the user stands in; undefined when it is gone. */
function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/**
 * Whether a path leads to the folder that the user stands in. Node takes names for UTF-8: of one that is not it makes
 * another one, from which the next workflow above would be taken for the one that is meant.
 */
function isHere(path: string): boolean {
  try {
    const [named, here] = [path, "."].map((folder) => statSync(folder, { throwIfNoEntry: false }));
    return named !== undefined && named.ino === here?.ino && named.dev === here.dev;
  } catch {
    // It may not be looked at: who uses it says so.
    return true;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${describe(error.cause)}; ${error.message}`;
}
