import type { JobId } from "./ids.ts";
import type { JobSchedule } from "./job-schedule.ts";
import type { RecordedEvent } from "./replay-run.ts";

/**
 * A schedule that starts jobs in the order in which a past run started them.
 *
 * Which of several ready jobs came first may have rested on what the records do
 * not hold, such as durations of an earlier run; everything else follows from
 * the plan. After the last recorded start it starts nothing.
 *
 * @param schedule - Decides what is ready or skipped; a new one for the plan of that run.
 * @param records - As for `replayRun`; only the `job_state` records matter.
 */
export function recordedSchedule(schedule: JobSchedule, records: Iterable<RecordedEvent>): JobSchedule {
  const started: JobId[] = [];
  for (const { record } of records) {
    if (record.event === "job_state" && record.to === "running") started.push(record.job_id);
  }
  let next = 0;
  return {
    begin: () => schedule.begin(),
    settle: (jobId, result) => schedule.settle(jobId, result),
    get waiting() {
      return schedule.waiting;
    },
    waits: (jobId) => schedule.waits(jobId),
    play: (jobId) => schedule.play(jobId),
    close: () => schedule.close(),
    take() {
      const wanted = started[next];
      const taken = wanted === undefined ? undefined : schedule.take(wanted);
      if (taken !== undefined) next += 1;
      return taken;
    },
  };
}
