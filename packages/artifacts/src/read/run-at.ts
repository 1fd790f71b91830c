import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { err, ok, RUN_ID_PREFIX, type Result } from "@loom/core";
import { readRegularFile } from "@loom/system";
import { readError, type ReadError } from "./read-error.ts";

/** What is looked at of a receipt, whatever else may be in the file. */
interface ReceiptFacts {
  readonly logs_dir?: unknown;
  readonly run_id?: unknown;
  readonly status?: unknown;
  readonly exit_code?: unknown;
  readonly error?: unknown;
}

/**
 * The directory of the run that a path leads to.
 *
 * @param path - Absolute: a run's directory, any document or stream in it, or a receipt. What a receipt says counts,
 *   not how its file is called or where it lies.
 * @returns The path itself where it leads to no run; `ARTIFACTS_NOT_FOUND`, with what the receipt knows, where the
 *   directory that a receipt names is gone; or why the path cannot be read.
 */
export async function runAt(path: string): Promise<Result<string, ReadError>> {
  const within = runFolderOf(path);
  if (within !== undefined) return ok(within);
  try {
    const facts = await stat(path);
    if (!facts.isFile() || !path.endsWith(".json")) return ok(path);
    const receipt = parsed((await readRegularFile(path)).toString("utf8"));
    return receipt === undefined ? ok(path) : await ofReceipt(path, receipt);
  } catch (cause) {
    return err(readError(path, cause));
  }
}

/** The innermost folder of a path that is called as runs are. */
function runFolderOf(path: string): string | undefined {
  for (let folder = path; dirname(folder) !== folder; folder = dirname(folder)) {
    const name = basename(folder);
    if (name.startsWith(RUN_ID_PREFIX) && !name.endsWith(".json")) return folder;
  }
  return undefined;
}

function parsed(text: string): ReceiptFacts | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null && "logs_dir" in value ? value : undefined;
  } catch {
    return undefined;
  }
}

async function ofReceipt(path: string, receipt: ReceiptFacts): Promise<Result<string, ReadError>> {
  const named = typeof receipt.logs_dir === "string" ? receipt.logs_dir : "";
  const runId = typeof receipt.run_id === "string" ? receipt.run_id : basename(path, ".json");
  // A folder that was moved as a whole still has the run beside the receipt.
  for (const directory of [named, join(dirname(dirname(path)), "logs", runId)]) {
    if (directory !== "" && (await isThere(directory))) return ok(directory);
  }
  const { status, exit_code: code, error } = receipt;
  const known = [
    ...(typeof status === "string" ? [`it ended with ${status}`] : []),
    ...(typeof code === "number" ? [`exit code ${code}`] : []),
    ...(typeof error === "string" ? [error] : []),
  ].join(", ");
  const message = `The evidence of ${runId} is not at "${named}" any more${known === "" ? "" : `. Its receipt says: ${known}`}`;
  return err({ code: "ARTIFACTS_NOT_FOUND", message, path });
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
