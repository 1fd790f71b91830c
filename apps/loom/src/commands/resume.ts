import { runDirectoryOf } from "@loom/artifacts";
import { EXIT_CODE } from "../exit-code.ts";
import type { ProcessIo } from "../process-io.ts";
import { runOnce, type RunFlags } from "./run.ts";

/** The flags of `loom resume`. */
export type ResumeFlags = Pick<RunFlags, "engine" | "var" | "tui" | "color">;

/**
 * Goes on with a run whose loom was killed while its jobs ran.
 *
 * @param run - A run's directory, its receipt, the id of a run of this repository or the beginning of one, `last`, `last~1`.
 * @returns The exit code of the run; 2 when there is no such run, or it cannot go on.
 */
export async function resumeCommand(run: string, flags: ResumeFlags, io: ProcessIo): Promise<number> {
  const found = await runDirectoryOf(run, io.cwd);
  if (!found.ok) {
    io.stderr.write(`loom: ${found.error.message}\n`);
    return EXIT_CODE.usage;
  }
  return (await runOnce({ ...flags, resume: found.value }, io)).exitCode;
}
