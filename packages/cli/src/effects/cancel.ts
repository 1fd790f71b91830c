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
