import * as z from "zod/mini";
import { withEditorRule } from "./editor-rules.ts";
import type { NeedDefinition } from "./job-definition.ts";
import { mappingSchema } from "./mapping-schema.ts";
import { matrixEntrySchema } from "./matrix-schema.ts";
import { WHOLE } from "./merge-rules.ts";
import { fix, textFix } from "./schema-fix.ts";
import { textSchema } from "./text-schema.ts";

/** `needs`: names of jobs, or mappings that say more. Lists are never merged, so every entry is whole. */
export function needsSchema(): z.ZodMiniType {
  const { optional } = WHOLE;
  const list = "make needs a list of job names";
  const wrong = "write the name of a job here, or a mapping with job, or remove this entry of needs";
  const long = mappingSchema<NeedDefinition>(
    "need",
    {
      job: textSchema("add job: the name of a job", "set job to the name of a job"),
      optional: optional(z.boolean({ error: "set optional to true or false" })),
      artifacts: optional(z.boolean({ error: "set artifacts to true or false" })),
      matrix: optional(matrixEntrySchema('make matrix a mapping such as {NODE: "22"}')),
    },
    wrong,
  );
  const need = z.union([textSchema(wrong, wrong), long], { error: textFix(wrong, wrong) });
  return withEditorRule(z.array(need, { error: fix("add needs: a list of job names", list) }), {
    uniqueItems: true,
  });
}
