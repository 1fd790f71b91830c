import fc from "fast-check";
import type { JobShape, RunShape } from "./build-run.ts";

/** Any run that the rules allow. */
export function anyShape(): fc.Arbitrary<RunShape> {
  const stages = ["s0", "s1", "s2", "s3"];
  const job = fc.record({
    stage: fc.constantFrom(...stages),
    does: fc.oneof(
      { weight: 8, arbitrary: fc.constant("success" as const) },
      { weight: 3, arbitrary: fc.constantFrom("failed" as const, "prepare_failed" as const) },
      { weight: 1, arbitrary: fc.constant("cancelled" as const) },
    ),
    when: fc.oneof(
      { weight: 4, arbitrary: fc.constant("on_success" as const) },
      { weight: 1, arbitrary: fc.constantFrom("on_failure" as const, "always" as const) },
    ),
    allowFailure: fc.boolean(),
    attempts: fc.integer({ min: 1, max: 3 }),
    resumes: fc.boolean(),
    steps: fc.integer({ min: 1, max: 3 }),
    lines: fc.nat(3),
    optional: fc.boolean(),
    needs: fc.array(fc.nat(20), { maxLength: 3 }),
  });
  return fc
    .record({
      jobs: fc.array(job, { maxLength: 8 }),
      seed: fc.nat(),
      bootstrapFails: fc.constantFrom(false, false, false, true),
    })
    .map(({ jobs, seed, bootstrapFails }) => ({
      stages,
      seed,
      bootstrapFails,
      jobs: jobs.map((each, index): JobShape => {
        const earlier = jobs
          .map((other, at) => ({ other, at }))
          .filter(({ other, at }) => at < index && other.stage <= each.stage)
          .map(({ at }) => `j${at}`);
        const needs = earlier.length === 0 ? [] : each.needs.map((n) => earlier[n % earlier.length] ?? "");
        return { ...each, id: `j${index}`, needs: [...new Set(needs)] };
      }),
    }));
}
