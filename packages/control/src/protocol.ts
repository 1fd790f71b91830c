import { err, MAX_DURATION_MS, ok, PAUSE_TIMEOUT_MS, type Result } from "@loom/core";

/** Who asks something of a run, by the word of the one who asks: the socket is open to its owner alone. */
export interface Requester {
  /** Number of the process. */
  readonly pid: number;
  /** Name of the user. */
  readonly user: string;
}

/** What changes a run. Each that is accepted becomes a record of it. */
export type ControlAction =
  /** Stop the run as SIGTERM does: nothing new starts, what runs is asked to end. */
  | { readonly request: "cancel" }
  /** Stop one job that is running. It has failed then, and what needs it is blocked. */
  | { readonly request: "cancel_job"; readonly job_id: string }
  /** Run a manual job that nobody asked for yet, with the manual ones that it needs. */
  | { readonly request: "play"; readonly job_id: string }
  /** From now on, hold a job after a step that failed, for so many milliseconds. */
  | { readonly request: "pause"; readonly timeout_ms: number }
  /** Try the step again after which a job is held: an attempt that begins there. */
  | { readonly request: "retry_step"; readonly job_id: string }
  /** Let a job fail that is held, as it did. */
  | { readonly request: "continue"; readonly job_id: string };

/** Asks for a shell in the place of a job. A record of the run says who did. */
export interface ShellRequest {
  readonly request: "shell";
  readonly job_id: string;
  readonly terminal: boolean;
  readonly by?: Requester;
}

/** The version of the protocol. It goes up when a request or a reply changes its meaning; what is new alone does not count. */
export const CONTROL_VERSION = 1;

/** One line to a run. */
export type ControlRequest =
  /** Which version it speaks, and what it can be asked. */
  | { readonly request: "hello" }
  /** The job table, as a document. */
  | { readonly request: "state" }
  /** What starts a shell in the place of a job that is held. `terminal`: whether somebody sits at one. */
  | ShellRequest
  /** The records from a `seq` on, then those that come. */
  | { readonly request: "events"; readonly from: number }
  | (ControlAction & { readonly by?: Requester });

/** All that a run can be asked, in the order in which help shows it. */
export const REQUESTS = [
  "hello",
  "state",
  "events",
  "cancel",
  "cancel_job",
  "play",
  "pause",
  "retry_step",
  "continue",
  "shell",
] as const;

/**
 * Why a run does not do what it was asked.
 *
 * - `BAD_REQUEST`: it does not understand the request
 * - `UNSUPPORTED_VERSION`: the request is of a version of the protocol that it does not speak
 * - `JOB_NOT_RUNNING`: there is no such job, or it is not running
 * - `JOB_NOT_WAITING`: there is no such job, or it does not wait for somebody to ask for it
 * - `JOB_NOT_HELD`: there is no such job, or it is not held after a step that failed
 * - `NO_SHELL`: where the job runs, nobody can look around
 * - `RUN_ENDING`: the run is being stopped, or closes
 * - `REQUEST_FAILED`: it could not, by a bug or for want of files or memory
 * - `RUN_UNREACHABLE`: nobody listens, or the connection broke; of the client only
 */
export type ControlErrorCode =
  | "BAD_REQUEST"
  | "UNSUPPORTED_VERSION"
  | "JOB_NOT_RUNNING"
  | "JOB_NOT_WAITING"
  | "JOB_NOT_HELD"
  | "NO_SHELL"
  | "RUN_ENDING"
  | "REQUEST_FAILED"
  | "RUN_UNREACHABLE";

/** A refusal, with a sentence for people. */
export interface ControlError {
  readonly code: ControlErrorCode;
  readonly message: string;
}

/** Longest line that is taken for a request. Unit: UTF-16 units. */
export const MAX_REQUEST = 65_536;

/** Understands one line to a run; keys that it does not know are ignored. */
export function parseRequest(line: string): Result<ControlRequest, ControlError> {
  const value = objectOf(line);
  if (value === undefined) return refuse("a request is one JSON object on a line");
  const { request, version = CONTROL_VERSION } = value;
  if (version !== CONTROL_VERSION) {
    const message = `this run speaks version ${CONTROL_VERSION} of the protocol`;
    return err({ code: "UNSUPPORTED_VERSION", message });
  }
  switch (request) {
    case "hello":
    case "state":
      return ok({ request });
    case "events": {
      const { from = 1 } = value;
      if (!isWhole(from) || from < 1) return refuse('"from" is a whole number of 1 or more');
      return ok({ request, from });
    }
    case "cancel":
      return ok({ request, ...requesterIn(value) });
    case "pause": {
      const { timeout_ms: timeoutMs = PAUSE_TIMEOUT_MS } = value;
      if (!isWhole(timeoutMs) || timeoutMs < 1 || timeoutMs > MAX_DURATION_MS)
        return refuse(`"timeout_ms" is a whole number from 1 to ${MAX_DURATION_MS}`);
      return ok({ request, timeout_ms: timeoutMs, ...requesterIn(value) });
    }
    case "shell": {
      const { job_id: jobId, terminal = false } = value;
      if (typeof jobId !== "string") return refuse('"job_id" names the job to look at');
      if (typeof terminal !== "boolean") return refuse('"terminal" is true or false');
      return ok({ request, job_id: jobId, terminal, ...requesterIn(value) });
    }
    case "cancel_job":
    case "play":
    case "retry_step":
    case "continue": {
      const { job_id: jobId } = value;
      if (typeof jobId !== "string") return refuse(`"job_id" names the job to ${JOB_VERBS[request]}`);
      return ok({ request, job_id: jobId, ...requesterIn(value) });
    }
    default:
      return refuse(`"request" is one of ${REQUESTS.join(", ")}`);
  }
}

const JOB_VERBS = {
  cancel_job: "cancel",
  play: "run",
  retry_step: "try again",
  continue: "let fail",
} as const;

function objectOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function requesterIn(value: Readonly<Record<string, unknown>>): { readonly by?: Requester } {
  const { by } = value;
  if (typeof by !== "object" || by === null || !("pid" in by) || !("user" in by)) return {};
  const { pid, user } = by;
  return isWhole(pid) && typeof user === "string" ? { by: { pid, user } } : {};
}

function isWhole(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}

function refuse(message: string): Result<never, ControlError> {
  return err({ code: "BAD_REQUEST", message });
}
