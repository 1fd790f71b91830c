import type { JobId, ResumeHow } from "@loom/core";
import type { EffectContext } from "./effect-context.ts";

/** Asks the visible run to cancel a job, or itself, and shows the result. */
export async function cancel(context: EffectContext, job: JobId | undefined): Promise<void> {
  const { host, run } = context;
  const { directory } = run;
  if (host?.cancel === undefined || directory === undefined)
    return context.say("this run cannot be cancelled from here");
  const problem = await host.cancel(directory, job);
  context.say(problem ?? `asked ${job ?? "the run"} to end`);
}

/** Says how a job of the visible run goes on that is held, and shows the result. */
export async function resume(context: EffectContext, job: JobId, how: ResumeHow): Promise<void> {
  const { host, run } = context;
  const { directory } = run;
  if (host?.resume === undefined || directory === undefined)
    return context.say("no job of this run can be continued from here");
  const done = how === "retry_step" ? `the step of ${job} runs again` : `${job} fails as it did`;
  context.say((await host.resume(directory, job, how)) ?? done);
}

/** Asks the visible run for a job that waits for that, and shows the result. */
export async function play(context: EffectContext, job: JobId): Promise<void> {
  const { host, run } = context;
  const { directory } = run;
  if (host?.play === undefined || directory === undefined)
    return context.say("no job of this run can be played from here");
  context.say((await host.play(directory, job)) ?? `asked for ${job}`);
}
