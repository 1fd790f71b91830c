import { err, type EventError } from "@loom/core";
import { inSection, type JobProvider } from "@loom/ports";

/**
 * Stands in for a provider that this program does not have: every job fails to
 * be set up, because running it elsewhere would not be what its workflow says.
 *
 * @param need - What the job asks for.
 */
export function unavailableProvider(need: string): JobProvider {
  return refusingProvider({
    code: "provider_unavailable",
    message: `Cannot set the job up: it asks for ${need}`,
  });
}

/** Fails to set up any job, with this error. */
export function refusingProvider(error: EventError): JobProvider {
  return {
    name: "none",
    prepare: async (_job, sections) => await inSection(sections, "provider", async () => err(error)),
  };
}
