import type { JobId } from "./ids.ts";
import type { JobSchedule } from "./job-schedule.ts";
import type { RecordedEvent } from "./replay-run.ts";

/**
 * A schedule that starts jobs in the order in which a past run started them.
 *
 * Which of several ready jobs came first may have rested on what the records do
 * not hold, such as durations of an earlier run; everything else follows from
 * the plan. After the last recorded start it starts nothing, until the run is taken up once more than its records say.
 *
 * @param schedule - Decides what is ready or skipped; a new one for the plan of that run.
 * @param records - As for `replayRun`; only the `job_state` records matter, and those that say that the run was taken up.
 */
export function recordedSchedule(schedule: JobSchedule, records: Iterable<RecordedEvent>): JobSchedule {
  const recorded: (JobId | typeof RESUMED)[] = [];
  for (const { record } of records) {
    if (record.event === "job_state" && record.to === "running") recorded.push(record.job_id);
    else if (record.event === "log" && record["resumed"] === true) recorded.push(RESUMED);
  }
  let next = 0;
  let isLive = false;
  return {
    begin: () => schedule.begin(),
    settle: (jobId, result) => schedule.settle(jobId, result),
    get waiting() {
      return schedule.waiting;
    },
    waits: (jobId) => schedule.waits(jobId),
    play: (jobId) => schedule.play(jobId),
    close: () => schedule.close(),
    resume() {
      if (recorded[next] === RESUMED) next += 1;
      else isLive = true;
    },
    take() {
      if (isLive) return schedule.take();
      const wanted = recorded[next];
      // What started then could have started before.
      if (wanted === RESUMED) return undefined;
      const taken = wanted === undefined ? undefined : schedule.take(wanted);
      if (taken !== undefined) next += 1;
      return taken;
    },
  };
}

/** Stands for the moment at which a run was taken up. No job has such a name. */
const RESUMED = Symbol("resumed");
