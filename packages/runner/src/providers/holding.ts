import { ok, type EventError, type Result } from "@loom/core";
import type { JobProvider, JobSpec, ProviderSession, SectionLog, StopRequest } from "@loom/ports";
import { preparingFirst } from "./preparing-first.ts";

/** Waits for something that a job is to have. @returns What gives it back, or why the job does not have it. */
export type TakeForJob = (
  job: JobSpec,
  section: SectionLog,
  stop: StopRequest,
) => Promise<Result<() => void, EventError>>;

/**
 * A provider whose jobs have something from before they are set up until they are closed. They wait for it in the first section
 * that the provider opens.
 */
export function holding(provider: JobProvider, take: TakeForJob): JobProvider {
  return {
    ...provider,
    prepare: async (job, sections, stop) => {
      let release: (() => void) | undefined;
      const waiting = preparingFirst(provider, async (_job, section) => {
        const taken = await take(job, section, stop);
        if (!taken.ok) return taken;
        release = taken.value;
        return ok(undefined);
      });
      let session: ProviderSession | undefined;
      try {
        const prepared = await waiting.prepare(job, sections, stop);
        if (!prepared.ok) return prepared;
        session = prepared.value;
        return ok(releasing(session, () => release?.()));
      } finally {
        if (session === undefined) release?.();
      }
    },
  };
}

function releasing(session: ProviderSession, release: () => void): ProviderSession {
  return {
    get copy() {
      return session.copy;
    },
    run: (...step) => session.run(...step),
    ...(session.shell !== undefined && { shell: session.shell.bind(session) }),
    close: async (section) => {
      try {
        return await session.close(section);
      } finally {
        release();
      }
    },
  };
}
