import { EXIT_CODE } from "./exit-code.ts";
import type { Surroundings } from "./surroundings.ts";

const surroundings: Surroundings = {
  argv: ["loom", ...process.argv.slice(2)],
  cwd: process.cwd(),
  env: process.env,
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return process.stdout;
  },
  get stderr() {
    return process.stderr;
  },
};

process.exitCode = await main(surroundings);

/** Carries out the command, and reports bugs as bugs. */
async function main(given: Surroundings): Promise<number> {
  try {
    const { runProgram } = await import("./program.ts");
    return await runProgram(given);
  } catch (error) {
    given.stderr.write(`loom: internal error, a bug in loom: ${describe(error)}\n`);
    if (given.env["LOOM_DEBUG_TRACE"] === "1" && error instanceof Error)
      given.stderr.write(`${error.stack}\n`);
    return EXIT_CODE.internal;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${describe(error.cause)}; ${error.message}`;
}
