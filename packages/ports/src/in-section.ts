import { err, type EventError, type PhaseOutcome, type Result, type SectionName } from "@loom/core";
import type { SectionContext, Sections } from "./provider.ts";
import type { StopRequest } from "./stop-request.ts";

/**
 * Does work in a section that ends as the work does. An error with the code `cancelled` ends it as cancelled.
 *
 * @returns What the work returned. Rejects when it does.
 */
export async function inSection<T>(
  sections: Sections,
  name: SectionName,
  work: (section: SectionContext) => Promise<Result<T, EventError>>,
): Promise<Result<T, EventError>> {
  let result: Result<T, EventError> | undefined;
  await sections.run(name, async (section): Promise<PhaseOutcome> => {
    result = await work(section);
    if (result.ok) return { status: "success" };
    const { error } = result;
    return error.code === "cancelled" ? { status: "cancelled" } : { status: "failed", error };
  });
  if (result === undefined) throw new Error(`The section ${name} ended without having been run`);
  return result;
}

/** What `prepare` returns when the run is being stopped already; `undefined` when it is not. */
export function stoppedBefore({ terminate, kill }: StopRequest): Result<never, EventError> | undefined {
  if (!terminate.aborted && !kill.aborted) return undefined;
  return err({ code: "cancelled", message: "The job was not set up: the run is being stopped" });
}
