import { replayRun, type RecordedEvent } from "@loom/core";
import { fromWireTime } from "@loom/record";
import { createSchedule } from "@loom/scheduler";
import type { Complain, SimulationRun } from "../simulated-run.ts";

/** ARCHITECTURE.md#principles: replaying the emitted events rebuilds the final state. */
export function checkReplay(run: SimulationRun, complain: Complain): void {
  const records = run.records.flatMap(({ stream, record }): RecordedEvent[] =>
    record.event === "output" ? [] : [{ stream, record, atMs: fromWireTime(record.ts) }],
  );
  const { plan } = run.world;
  const hasPlan = run.world.bootstrap.end !== "fails_without_plan";
  const replayed = replayRun(records, {
    identity: run.identity,
    plan: hasPlan ? plan : { ...plan, jobs: [] },
    schedule: createSchedule,
  });
  const rule = "a replay gives the same state";
  if (!replayed.ok)
    return complain(rule, `${replayed.error.message}; expected ${JSON.stringify(replayed.error.expected)}`);
  const { machine } = replayed.value;
  if (run.ending.kind !== "finished") return undefined;
  if (machine.stage !== "finished") complain(rule, `the run is ${machine.stage}`);
  const [said, again] = [run.ending.result, machine.result()].map((result) => JSON.stringify(result));
  if (said !== again) complain(rule, `${said} became ${again}`);
  const last = new Map(
    run.records.flatMap(({ record }): [string, string][] =>
      record.event === "job_state" ? [[record.job_id, record.to]] : [],
    ),
  );
  for (const [id, status] of last) {
    const job = machine.jobIds().find((each) => each === id);
    const state = job === undefined ? undefined : machine.jobState(job);
    const replayedStatus = state?.status === "settled" ? state.result.status : state?.status;
    if (replayedStatus !== status) complain(rule, `job ${id} is ${replayedStatus}, was ${status}`);
  }
  return undefined;
}
