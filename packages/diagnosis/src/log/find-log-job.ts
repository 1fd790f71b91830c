import { access } from "node:fs/promises";
import { join } from "node:path";
import type { ReadError, RunReader } from "@loom/artifacts";
import { err, ok, readGraph, type LogEvent, type LoomEvent, type Result } from "@loom/core";

/** Names in an error message; the rest is counted. */
const MAX_NAMED = 8;

/** Makes sure that a run has, or will have, a job. */
export async function findLogJob(run: RunReader, job: string): Promise<Result<void, ReadError>> {
  if (
    !job.includes("/") &&
    job !== ".." &&
    job !== "." &&
    job !== "" &&
    (await isThere(join(run.directory, "jobs", job)))
  ) {
    return ok(undefined);
  }
  const names = await jobNames(run);
  if (names.includes(job)) return ok(undefined);
  const named = names.slice(0, MAX_NAMED).join(", ");
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : "";
  const jobs = names.length === 0 ? "" : `; its jobs are ${named}${more}`;
  const message = `Cannot read the log of job "${job}": run "${run.runId}" has no such job${jobs}`;
  return err({ code: "ARTIFACTS_NOT_FOUND", message, path: run.directory });
}

/** The jobs that the run was compiled to, in declaration order. */
async function jobNames(run: RunReader): Promise<readonly string[]> {
  const compiled = await run.tailEvents("events.jsonl", 1, holdsGraph);
  const graph = compiled.ok ? readGraph(compiled.value[0]?.["graph_ir"]) : undefined;
  return (graph?.nodes ?? []).map((node) => node.id);
}

function holdsGraph(event: LoomEvent): event is LogEvent {
  return event.event === "log" && typeof event["graph_ir"] === "object";
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
