import type { JobId, JobResult, JobSchedule, ScheduleDecision } from "@loom/core";
import { CANCELLED, SUCCEEDED, skipped } from "./results.ts";

/** One thing a run did: what the schedule was told, and what it answered. */
export type Move =
  | { readonly move: "begin"; readonly answer: readonly ScheduleDecision[] }
  | { readonly move: "take"; readonly answer: JobId | undefined }
  | { readonly move: "play"; readonly jobId: JobId; readonly answer: readonly ScheduleDecision[] }
  | { readonly move: "close"; readonly answer: readonly ScheduleDecision[] }
  | {
      readonly move: "settle";
      readonly jobId: JobId;
      readonly result: JobResult;
      readonly answer: readonly ScheduleDecision[];
    };

/** How the world behaves in a run. */
export interface World {
  readonly concurrency: number;
  /** How each job ends once it runs. A job not named succeeds. */
  readonly results: ReadonlyMap<JobId, JobResult>;
  /** Picks what happens next, cyclically: `choice % options`. Default: always the first option. */
  readonly choices?: readonly number[];
  /** Whether somebody asks for jobs that wait for it. Default: nobody does. */
  readonly plays?: boolean;
  /** After how many moves the run is cancelled. Absent: never. */
  readonly cancelAfter?: number;
}

/**
 * Plays a run against a schedule and writes down every move.
 *
 * What happens next is any of: a free slot takes a job, a running job ends, a
 * skip is settled, somebody asks for a job that waits. Where nothing is left, those that wait are closed. After a cancel nothing is taken, and every job that has not
 * settled ends as cancelled, in the order of `jobIds`.
 *
 * @param jobIds - Every job of the plan, in declaration order.
 */
export function driveRun(schedule: JobSchedule, jobIds: readonly JobId[], world: World): readonly Move[] {
  const moves: Move[] = [];
  const running: JobId[] = [];
  const skips: (ScheduleDecision & { kind: "skip" })[] = [];
  const settled = new Set<JobId>();

  const note = (decisions: readonly ScheduleDecision[]): void => {
    for (const decision of decisions) if (decision.kind === "skip") skips.push(decision);
  };
  const settle = (jobId: JobId, result: JobResult): void => {
    const answer = schedule.settle(jobId, result);
    moves.push({ move: "settle", jobId, result, answer });
    settled.add(jobId);
    note(answer);
  };
  let isIdle = false;
  const take = (): void => {
    const answer = schedule.take();
    moves.push({ move: "take", answer });
    if (answer === undefined) isIdle = true;
    else running.push(answer);
  };
  const endOneOf = (options: JobId[], choice: number): void => {
    const [jobId] = options.splice(choice % options.length, 1);
    if (jobId !== undefined) settle(jobId, world.results.get(jobId) ?? SUCCEEDED);
  };
  const settleOneOf = (options: typeof skips, choice: number): void => {
    const [decision] = options.splice(choice % options.length, 1);
    if (decision !== undefined) settle(decision.jobId, skipped(decision));
  };

  const play = (jobId: JobId): void => {
    const answer = schedule.play(jobId);
    moves.push({ move: "play", jobId, answer });
    note(answer);
  };
  const close = (): void => {
    const answer = schedule.close();
    moves.push({ move: "close", answer });
    note(answer);
  };

  const begun = schedule.begin();
  moves.push({ move: "begin", answer: begun });
  note(begun);
  for (let turn = 0; ; turn += 1) {
    if (world.cancelAfter !== undefined && turn >= world.cancelAfter) {
      for (const jobId of jobIds) if (!settled.has(jobId)) settle(jobId, CANCELLED);
      return moves;
    }
    const choices = world.choices ?? [];
    const choice = choices[turn % choices.length] ?? 0;
    const options: (() => void)[] = [];
    const rest = Math.floor(choice / 3);
    if (skips.length > 0) options.push(() => settleOneOf(skips, rest));
    if (running.length < world.concurrency && !isIdle) options.push(take);
    if (running.length > 0) options.push(() => endOneOf(running, rest));
    const waiting = world.plays === true ? jobIds.filter((jobId) => schedule.waits(jobId)) : [];
    const wanted = waiting[rest % waiting.length];
    if (options.length > 0 && wanted !== undefined) options.push(() => play(wanted));
    if (options.length === 0 && schedule.waiting > 0) options.push(close);
    const next = options[choice % options.length];
    if (next === undefined) return moves;
    if (next !== take) isIdle = false;
    next();
  }
}
