import { relative } from "node:path";
import { runHome, runDirectoryOf } from "@loom/artifacts";
import { closeDeadRun, endLeftovers } from "@loom/runner/dead-runs";
import { EXIT_CODE } from "../exit-code.ts";
import { printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";

/** The flags of `loom recover`. */
export interface RecoverFlags {
  /** Closes a run of which it cannot be told whether it still goes on. */
  readonly force?: boolean;
}

/** Why there is nothing at the name that was given, as opposed to something that cannot be closed. */
const NO_SUCH_RUN = "ARTIFACTS_NOT_FOUND";

/**
 * Closes the evidence of a run that was interrupted, and ends what it left running.
 *
 * @param run - A run's directory, its receipt, the id of a run of this repository or the beginning of one, `last`, `last~1`.
 * @returns 0 closed, now or before; 1 it cannot be closed; 2 when there is no such run.
 */
export async function recoverCommand(run: string, flags: RecoverFlags, io: ProcessIo): Promise<number> {
  const { stdout, stderr, cwd, env } = io;
  const found = await runDirectoryOf(run, cwd);
  if (!found.ok) {
    stderr.write(`loom: ${found.error.message}\n`);
    return EXIT_CODE.usage;
  }
  const directory = found.value;
  const recovered = await closeDeadRun({ directory }, flags);
  if (!recovered.ok) {
    stderr.write(`loom: ${recovered.error.message}\n`);
    return recovered.error.code === NO_SUCH_RUN ? EXIT_CODE.usage : EXIT_CODE.failure;
  }
  const place = relative(cwd, directory) || ".";
  const { kind, verdict, receiptPath } = recovered.value;
  if (kind === "closed") {
    stdout.write(printable(`closed already  ${place}\n`));
    return EXIT_CODE.success;
  }
  // The processes of a run are those of its own repository; a copy of its directory has none.
  if (runHome(directory) !== undefined) await endLeftovers(directory, { env });
  stdout.write(printable(`${kind} (${verdict})  ${place}\n`));
  if (receiptPath !== undefined) stdout.write(printable(`receipt: ${receiptPath}\n`));
  return EXIT_CODE.success;
}
