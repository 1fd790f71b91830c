import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { processesOf } from "../project.ts";
import type { FarProject } from "./far-project.ts";

/** A job that says on which worker it is, and goes on there once a file is there. */
export const GATED = `version: v1
stages: [a]
gated:
  stage: a
  runner_pool: POOL
  script:
    - echo begun
    - |
      on=$(printf %s "$PWD" | sed 's/.*-\\(w[0-9]\\)-.*/\\1/'); echo "on $on"
      while test ! -e "$GATES/$on"; do sleep 0.05; done
      echo "through on $on"
      while test -e "$GATES/stay-on-$on"; do sleep 0.05; done
`;

/** Lets the job go on, on this worker. */
export function openGate({ root }: FarProject, worker: string): void {
  writeFileSync(join(root, worker), "");
}

/** The processes of a run that work for a worker. */
export function processesOn(worker: string, runId: string): readonly string[] {
  return processesOf(runId).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`-${worker}-`);
    } catch {
      return false;
    }
  });
}

/** Id of the run under way. */
export function runIdOf(project: FarProject): string {
  const [, runId = ""] = /(loom-run-local-\d+)/u.exec(project.loom(["ctl", "state"]).stdout) ?? [];
  return runId;
}

/** Why the first attempt of the last run is lost. */
export function lossOf(project: FarProject): unknown {
  const { events } = project.lastRun();
  const end = events("jobs/gated/user/execution/attempts/1/script/02/events.jsonl").at(-1);
  expect(end).toMatchObject({ status: "failed", error: { code: "worker_lost" } });
  return (end as { readonly error?: { readonly message?: unknown } } | undefined)?.error?.message;
}
