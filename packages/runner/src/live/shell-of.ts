import { controlSocketPath } from "@loom/artifacts";
import { askRun, thisRequester, type ControlError } from "@loom/control";
import { err, ok, type Result } from "@loom/core";
import type { JobShell } from "@loom/ports";
import { SOON, UNREACHABLE } from "./request-action.ts";

/**
 * What starts a shell in the place of a job that is held, in the name of this process.
 *
 * @param directory - Absolute path of the run.
 * @param ask - Which job, and whether somebody sits at a terminal.
 * @returns Why there is none.
 */
export async function shellOfJob(
  directory: string,
  ask: { readonly jobId: string; readonly isTerminal: boolean },
): Promise<Result<JobShell, ControlError>> {
  const socket = controlSocketPath(directory);
  if (socket === undefined) return err(UNREACHABLE);
  const request = { request: "shell", job_id: ask.jobId, terminal: ask.isTerminal } as const;
  const asked = await askRun(socket, { ...request, by: thisRequester() }, SOON);
  // Both ends are this version of the program, or the run would have refused.
  return asked.ok ? ok(asked.value["shell"] as JobShell) : asked;
}
