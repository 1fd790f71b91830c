import type { JobId } from "@loom/core";
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

/** Asks the visible run for a job that waits for that, and shows the result. */
export async function play(context: EffectContext, job: JobId): Promise<void> {
  const { host, run } = context;
  const { directory } = run;
  if (host?.play === undefined || directory === undefined)
    return context.say("no job of this run can be played from here");
  context.say((await host.play(directory, job)) ?? `asked for ${job}`);
}
