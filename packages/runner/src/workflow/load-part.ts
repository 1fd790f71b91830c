import { err, ok, type EventError, type Result } from "@loom/core";
import { errnoCode, systemErrorReason } from "@loom/system";

/**
 * Loads a part of the program that not every run needs.
 *
 * @param what - What it does, as in "Cannot load what ...".
 * @returns Why a machine that is short of file handles or memory cannot load it.
 */
export async function loadPart<T>(what: string, load: () => Promise<T>): Promise<Result<T, EventError>> {
  try {
    return ok(await load());
  } catch (cause) {
    if (errnoCode(cause) === undefined) throw cause;
    const message = `Cannot load what ${what}: ${systemErrorReason(cause)}. Raise the limit (ulimit -n)`;
    return err({ code: "machine_exhausted", message });
  }
}
