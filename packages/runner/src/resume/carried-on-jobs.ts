import { existsSync } from "node:fs";
import type { JobId, RunMachine } from "@loom/core";
import type { CarriedOnJob } from "@loom/engine";
import type { Clock, PreparedRun } from "@loom/ports";
import type { FarJobs } from "@loom/remote";
import { toldOutput } from "./told-output.ts";

/** What a run has that is taken up. */
export interface RunToCarryOn {
  readonly machine: RunMachine;
  readonly prepared: PreparedRun;
  readonly far: FarJobs;
  /** The pool for jobs that name none. */
  readonly pool: string | undefined;
  /** Of its evidence; absolute. */
  readonly directory: string;
  readonly clock: Clock;
}

/** The jobs of a run that is taken up whose steps workers have gone on with. */
export async function carriedOnJobs(run: RunToCarryOn): Promise<ReadonlyMap<JobId, CarriedOnJob>> {
  const jobs = new Map<JobId, CarriedOnJob>();
  for (const jobId of run.machine.jobIds()) {
    const job = await carriedOnJob(jobId, run);
    if (job !== undefined) jobs.set(jobId, job);
  }
  return jobs;
}

async function carriedOnJob(
  jobId: JobId,
  { machine, prepared, far, pool: common, directory, clock }: RunToCarryOn,
): Promise<CarriedOnJob | undefined> {
  const command = machine.carryOn(jobId, clock.now())?.find(({ type }) => type === "run_step");
  if (command?.type !== "run_step") return undefined;
  const { attempt, step } = command;
  const { spec } = prepared.jobFor(jobId, attempt);
  const pool = spec.node.runner_pool ?? common;
  // What it holds of this machine is gone with the process that held it.
  const isWhole = spec.node.resource === undefined && existsSync(spec.workspaceRoot);
  if (pool === undefined || !isWhole) return undefined;
  const told = await toldOutput(directory, { jobId, attempt, step });
  const taken = told && (await far.carryOn(pool, spec, step).catch(() => undefined));
  if (told === undefined || taken === undefined) return undefined;
  const message = `Job "${jobId}" goes on: worker "${taken.worker}" has gone on with its step ${step}`;
  const facts = { carried_on: jobId, attempt, step, worker: taken.worker };
  return { attempt, session: taken.session, told, note: { message, facts } };
}
