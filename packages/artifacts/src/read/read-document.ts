import { err, ok, type Result } from "@loom/core";
import { readRegularFile } from "@loom/system";
import { findMismatch } from "../shape/find-mismatch.ts";
import type { Shape } from "../shape/shape.ts";
import { readError, type ReadError } from "./read-error.ts";

/** Reads a document and makes sure that it is one of its kind. */
export async function readDocument<T>(path: string, shape: Shape<T>): Promise<Result<T, ReadError>> {
  let text: string;
  try {
    text = (await readRegularFile(path)).toString("utf8");
  } catch (cause) {
    return err(readError(path, cause));
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return err(invalid(path, `it is not JSON (${cause.message})`));
  }
  const mismatch = findMismatch(shape, value);
  if (mismatch === undefined) return ok(value as T);
  const { path: pointer, expected } = mismatch;
  return err(invalid(path, pointer === "" ? `it must be ${expected}` : `"${pointer}" must be ${expected}`));
}

function invalid(path: string, why: string): ReadError {
  return { code: "ARTIFACTS_INVALID_DOCUMENT", message: `Cannot read "${path}": ${why}`, path };
}
