import { randomBytes } from "node:crypto";

/**
 * The variable by which a process is known to be of a job, wherever it moved.
 *
 * A list of tokens with a comma between: a run within a job adds its own, so
 * that its processes are the outer job's as well.
 */
export const MARK_NAME = "LOOM_PROCESS_MARK";

/** A token that nobody has by accident. */
export function newToken(): string {
  return randomBytes(16).toString("hex");
}

/** What of an environment is looked for. */
export interface WantedMark {
  readonly name: string;
  /** Whether the value of that variable is that of a process looked for. */
  readonly accepts: (value: string) => boolean;
}

/** The processes of a token: of a run, those of its jobs too. */
export function wantToken(token: string): WantedMark {
  return {
    name: MARK_NAME,
    accepts: (value) => value.split(",").some((mark) => mark === token || mark.startsWith(`${token}.`)),
  };
}

/** The processes that have a variable of just that value. */
export function wantValue(name: string, wanted: string): WantedMark {
  return { name, accepts: (value) => value === wanted };
}
