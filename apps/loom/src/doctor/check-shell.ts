import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findShell } from "@loom/provider-host";
import { systemErrorReason } from "@loom/system";
import type { DoctorPlace } from "./doctor-place.ts";
import type { DoctorFinding } from "./doctor-finding.ts";

/** How long the shell may take to do nothing. Milliseconds. */
const TIMEOUT_MS = 4000;

/** Whether jobs on this machine have a shell, and it does what it is asked. */
export async function checkShell({ env }: DoctorPlace): Promise<DoctorFinding> {
  const advice = "Install a POSIX shell as sh, or add its folder to PATH";
  const shell = findShell("sh", env["PATH"]);
  if (!shell.ok)
    return {
      state: "failure",
      found: `There is no executable sh on PATH (${env["PATH"] ?? "not set"})`,
      advice,
    };
  try {
    await promisify(execFile)(shell.value, ["-ec", "true"], {
      env,
      timeout: TIMEOUT_MS,
      killSignal: "SIGKILL",
    });
    return { state: "ok", found: `Steps run with ${shell.value}, which works` };
  } catch (cause) {
    return {
      state: "failure",
      found: `${shell.value} -ec true does not work: ${reasonOf(cause)}`,
      advice: `Repair ${shell.value}, or put the folder of another sh before it in PATH`,
    };
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error) || !("killed" in cause)) return systemErrorReason(cause);
  if (cause.killed === true) return `it took longer than ${TIMEOUT_MS / 1000} s`;
  if ("code" in cause && typeof cause.code === "number") return `it ended with code ${cause.code}`;
  return systemErrorReason(cause);
}
