import { randomBytes } from "node:crypto";
import { RunCgroup } from "./run-cgroup.ts";

/** Whether a run of this user can have control groups (version 2) for its jobs: makes one, enters it and removes it. */
export async function canUseCgroups(): Promise<boolean> {
  const run = RunCgroup.create(randomBytes(16).toString("hex"));
  if (run === undefined) return false;
  await run.tryToEnter();
  const isUsable = run.take() !== undefined;
  run.remove();
  return isUsable;
}
