import { err, type EventError, type PhaseOutcome, type Result } from "@loom/core";
import type { JobProvider, JobSpec, SectionContext, Sections, StopRequest } from "@loom/ports";

/** Leads out of a provider whose job lacks what had to be there first. */
class NotMade extends Error {
  readonly error: EventError;

  constructor(error: EventError) {
    super(error.message);
    this.error = error;
  }
}

/** What is done for a job before it is set up. */
export type FirstWork = (
  job: JobSpec,
  section: SectionContext,
  stop: StopRequest,
) => Promise<Result<undefined, EventError>>;

/** A provider for whose jobs something is done before they are set up, in the first section that it opens. */
export function preparingFirst(provider: JobProvider, first: FirstWork): JobProvider {
  return {
    ...provider,
    prepare: async (job, sections, stop) => {
      try {
        const make = (section: SectionContext): ReturnType<FirstWork> => first(job, section, stop);
        return await provider.prepare(job, makingFirst(sections, make, stop), stop);
      } catch (thrown) {
        if (!(thrown instanceof NotMade)) throw thrown;
        return err(thrown.error);
      }
    },
  };
}

/** Sections of which the first begins with some work, and is all there is when that fails. */
function makingFirst(
  sections: Sections,
  make: (section: SectionContext) => ReturnType<FirstWork>,
  stop: StopRequest,
): Sections {
  let made: Result<undefined, EventError> | undefined;
  return {
    run: async <T extends PhaseOutcome>(
      name: Parameters<Sections["run"]>[0],
      work: (section: SectionContext) => Promise<T>,
    ): Promise<T> => {
      let answer: T | undefined;
      await sections.run(name, async (section): Promise<PhaseOutcome> => {
        made ??= await make(section);
        if (!made.ok)
          return stop.terminate.aborted || stop.kill.aborted
            ? { status: "cancelled" }
            : { status: "failed", error: made.error };
        answer = await work(section);
        return answer;
      });
      if (made?.ok === false) throw new NotMade(made.error);
      if (answer === undefined) throw new Error(`The section ${name} ended without having been run`);
      return answer;
    },
  };
}
