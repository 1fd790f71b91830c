import { randomBytes } from "node:crypto";

/**
 * The variable that identifies a job's processes, wherever they moved.
 *
 * A comma-separated list of tokens: a run within a job appends its own, so that its processes also belong to
 * the outer job.
 */
export const MARK_NAME = "LOOM_PROCESS_MARK";

/** A random token. */
export function newToken(): string {
  return randomBytes(16).toString("hex");
}

/** What to look for in an environment. */
export interface WantedMark {
  readonly name: string;
  /** Whether that variable's value matches. */
  readonly accepts: (value: string) => boolean;
}

/** Matches the processes of a token; for a run's token, those of its jobs too. */
export function wantToken(token: string): WantedMark {
  return {
    name: MARK_NAME,
    accepts: (value) => value.split(",").some((mark) => mark === token || mark.startsWith(`${token}.`)),
  };
}

/** Matches the processes with exactly this value. */
export function wantValue(name: string, wanted: string): WantedMark {
  return { name, accepts: (value) => value === wanted };
}
