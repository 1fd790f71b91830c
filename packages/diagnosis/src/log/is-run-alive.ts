import { hostname } from "node:os";
import type { RunReader } from "@loom/artifacts";
import type { LogEvent, LoomEvent } from "@loom/core";

/** How far into the run's stream the facts about its process stand: in its first records. */
const FIRST_RECORDS = 10;

/**
 * Whether the process that runs a run is alive, for `ExplainOptions` and `FollowOptions`.
 *
 * Asks the system for the process that the run noted in its first `log` records: the facts `pid` (a number) and `host`
 * (the machine's name). A run that was over before its process number was given to another process may look alive; a
 * run that has its end on disk is not asked about.
 *
 * @returns `undefined` when the run noted no process, or one of another machine.
 */
export async function isRunAlive(run: RunReader): Promise<boolean | undefined> {
  let seen = 0;
  for await (const { result } of run.readEvents("events.jsonl")) {
    if (result.ok && namesProcess(result.value)) {
      const { pid, host } = result.value;
      return host === hostname() && Number.isSafeInteger(pid) && pid > 0 ? isThere(pid) : undefined;
    }
    seen += 1;
    if (seen >= FIRST_RECORDS) return undefined;
  }
  return undefined;
}

function namesProcess(event: LoomEvent): event is LogEvent & { readonly pid: number; readonly host: string } {
  return event.event === "log" && typeof event["pid"] === "number" && typeof event["host"] === "string";
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    // Somebody else's process is one that is there.
    return cause instanceof Error && "code" in cause && cause.code === "EPERM";
  }
}
