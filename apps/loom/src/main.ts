import { EXIT_CODE } from "./exit-code.ts";
import { printable } from "./printable.ts";
import { guardOutput } from "./guard-output.ts";

const guard = guardOutput(process);
process.exitCode = await main();

/** Carries out the command, and reports bugs as bugs. */
async function main(): Promise<number> {
  const cwd = currentFolder();
  if (cwd === undefined) {
    process.stderr.write(
      "loom: Cannot tell which folder this is: it was removed or may not be read. Change to another folder\n",
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
    process.stderr.write(`loom: internal error, a bug in loom: ${describe(error)}\n`);
    if (process.env["LOOM_DEBUG_TRACE"] === "1" && error instanceof Error)
      process.stderr.write(`${error.stack}\n`);
    return EXIT_CODE.internal;
  }
}

/** The folder that the user stands in; undefined when it is gone. */
function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${describe(error.cause)}; ${error.message}`;
}
