import { err, ok, type LoomEvent, type Result } from "@loom/core";
import { findMismatch } from "../shape/find-mismatch.ts";
import type { Shape } from "../shape/shape.ts";
import { JOB_STATE, LOG, OUTPUT, PHASE_FINISH, PHASE_START } from "./event-shapes.ts";

/**
 * Why a line of a stream is not a record.
 *
 * - `malformed_line`: not a JSON object
 * - `unknown_event`: its `event` is not in the vocabulary
 * - `unknown_phase`: its `phase_code` is not in the vocabulary
 * - `invalid_field`: a field is missing or not what it must be; `path` points at it
 */
export interface DecodeError {
  readonly code: "malformed_line" | "unknown_event" | "unknown_phase" | "invalid_field";
  readonly message: string;
  /** JSON pointer to the field, where one field is the cause. */
  readonly path?: string;
}

const SHAPES: { readonly [E in LoomEvent["event"]]: Shape<Extract<LoomEvent, { readonly event: E }>> } = {
  phase_start: PHASE_START,
  phase_finish: PHASE_FINISH,
  job_state: JOB_STATE,
  log: LOG,
  output: OUTPUT,
};

/**
 * Reads one record.
 *
 * @param line - One line of a stream without its newline, or the value that it parses to.
 * @returns The record itself, including fields unknown to this version; or why it is not a record.
 */
export function decodeEvent(line: unknown): Result<LoomEvent, DecodeError> {
  let value = line;
  try {
    if (typeof line === "string") value = JSON.parse(line);
  } catch {
    // It stays a string, which is no record.
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return err({ code: "malformed_line", message: "Cannot read the line: it is not a JSON object" });
  }
  const kind: unknown = (value as { readonly event?: unknown }).event;
  if (typeof kind !== "string" || !Object.hasOwn(SHAPES, kind)) {
    const name = kind === undefined ? "missing" : JSON.stringify(kind);
    return err({
      code: "unknown_event",
      message: `Cannot read the record: its event is ${name}`,
      path: "/event",
    });
  }
  const mismatch = findMismatch(SHAPES[kind as LoomEvent["event"]], value);
  if (mismatch === undefined) return ok(value as LoomEvent);
  const { path, expected } = mismatch;
  return err({
    code: path === "/phase_code" ? "unknown_phase" : "invalid_field",
    message: `Cannot read the ${kind} record: "${path}" must be ${expected}`,
    path,
  });
}
