import { err, ok, type Result } from "@loom/core";

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
  | { readonly request: "play"; readonly job_id: string };

/** One line to a run. */
export type ControlRequest =
  /** The job table, as a document. */
  | { readonly request: "state" }
  /** The records from a `seq` on, then those that come. */
  | { readonly request: "events"; readonly from: number }
  | (ControlAction & { readonly by?: Requester });

/** All that a run can be asked, in the order in which help shows it. */
const REQUESTS = ["state", "events", "cancel", "cancel_job", "play"] as const;

/**
 * Why a run does not do what it was asked.
 *
 * - `BAD_REQUEST`: it does not understand the request
 * - `JOB_NOT_RUNNING`: there is no such job, or it is not running
 * - `JOB_NOT_WAITING`: there is no such job, or it does not wait for somebody to ask for it
 * - `RUN_ENDING`: the run is being stopped, or closes
 * - `REQUEST_FAILED`: it could not, by a bug or for want of files or memory
 * - `RUN_UNREACHABLE`: nobody listens, or the connection broke; of the client only
 */
export type ControlErrorCode =
  | "BAD_REQUEST"
  | "JOB_NOT_RUNNING"
  | "JOB_NOT_WAITING"
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
  const { request } = value;
  switch (request) {
    case "state":
      return ok({ request });
    case "events": {
      const { from = 1 } = value;
      if (!isWhole(from) || from < 1) return refuse('"from" is a whole number of 1 or more');
      return ok({ request, from });
    }
    case "cancel":
      return ok({ request, ...requesterIn(value) });
    case "cancel_job":
    case "play": {
      const { job_id: jobId } = value;
      if (typeof jobId !== "string")
        return refuse(`"job_id" names the job to ${request === "play" ? "run" : "cancel"}`);
      return ok({ request, job_id: jobId, ...requesterIn(value) });
    }
    default:
      return refuse(`"request" is one of ${REQUESTS.join(", ")}`);
  }
}

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
