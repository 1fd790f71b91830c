import type { JobId } from "@loom/core";
import type { EffectContext } from "./effect-context.ts";

/** Opens a shell in the place of a job that is held. The run continues. */
export async function openShell(context: EffectContext, job: JobId): Promise<void> {
  const { host, run } = context;
  const { directory } = run;
  const open = host?.openShell?.bind(host);
  if (open === undefined || directory === undefined)
    return context.say("no shell can be opened in a job of this run from here");
  let problem: string | undefined;
  await context.lend(async () => {
    problem = await open(directory, job);
  });
  context.say(problem);
}
