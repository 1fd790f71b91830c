import { err, type EventError, type PhaseOutcome, type Result } from "@loom/core";
import type { JobProvider, JobSpec, SectionContext, Sections, StopRequest } from "@loom/ports";
import type { OwnWorkspaces } from "./own-workspaces.ts";

/** Leads out of a provider whose job has no workspace. */
class NotMade extends Error {
  readonly error: EventError;

  constructor(error: EventError) {
    super(error.message);
    this.error = error;
  }
}

/** A provider whose jobs get their own workspaces before they are set up, in the first section that it opens. */
export function inOwnWorkspace(provider: JobProvider, own: OwnWorkspaces): JobProvider {
  return {
    ...provider,
    prepare: async (job, sections, stop) => {
      try {
        return await provider.prepare(job, makingFirst(sections, { job, own, stop }), stop);
      } catch (thrown) {
        if (!(thrown instanceof NotMade)) throw thrown;
        return err(thrown.error);
      }
    },
  };
}

interface Making {
  readonly job: JobSpec;
  readonly own: OwnWorkspaces;
  readonly stop: StopRequest;
}

/** Sections of which the first begins with the making of a workspace, and is all there is when that fails. */
function makingFirst(sections: Sections, { job, own, stop }: Making): Sections {
  let made: Result<undefined, EventError> | undefined;
  const make = async (section: SectionContext): Promise<Result<undefined, EventError>> => {
    const result = await own.make(job.jobId, stop.terminate);
    const { projectDir, snapshotPath } = own.placeOf(job.jobId);
    if (result.ok)
      section.log("info", "The job works in a workspace of its own", {
        workspace: projectDir,
        snapshot_path: snapshotPath,
      });
    return result;
  };
  return {
    run: async <T extends PhaseOutcome>(
      name: Parameters<Sections["run"]>[0],
      work: (section: SectionContext) => Promise<T>,
    ): Promise<T> => {
      let answer: T | undefined;
      await sections.run(name, async (section): Promise<PhaseOutcome> => {
        made ??= await make(section);
        if (!made.ok)
          return stop.terminate.aborted ? { status: "cancelled" } : { status: "failed", error: made.error };
        answer = await work(section);
        return answer;
      });
      if (made?.ok === false) throw new NotMade(made.error);
      if (answer === undefined) throw new Error(`The section ${name} ended without having been run`);
      return answer;
    },
  };
}
