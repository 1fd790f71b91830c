import { ok, type Result } from "@loom/core";
import { runDirectoryOf } from "@loom/artifacts";

/** The value of `--retry-failed`: a run, or `true` for the last one. */
export type RetryFlag = string | true;

/**
 * Absolute path of the evidence of the run to retry; `undefined` for none.
 *
 * @param cwd - Absolute.
 */
export async function retriedRun(
  flag: RetryFlag | undefined,
  cwd: string,
): Promise<Result<string | undefined, { readonly message: string }>> {
  if (flag === undefined) return ok(undefined);
  return await runDirectoryOf(flag === true ? "last" : flag, cwd);
}
