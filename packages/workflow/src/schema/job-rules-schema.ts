import { WHENS } from "@loom/core";
import * as z from "zod/mini";
import { choiceSchema } from "./choice-schema.ts";
import { allowFailureSchema } from "./exit-codes-schema.ts";
import type { JobRuleDefinition } from "./job-definition.ts";
import { mappingSchema } from "./mapping-schema.ts";
import { WHOLE } from "./merge-rules.ts";
import { pathListSchema, textSchema } from "./text-schema.ts";
import { variablesSchema } from "./variables-schema.ts";

/** What a rule may ask for. */
const ASKED = ["if", "changes", "exists"] as const;

/** `rules` of a job: the first entry that applies decides. */
export function jobRulesSchema(): z.ZodMiniType {
  const { optional } = WHOLE;
  const list = "make rules a list of {if: CONDITION}, {changes: [GLOB]} or {exists: [GLOB]}";
  const rule = mappingSchema<JobRuleDefinition>(
    "rule",
    {
      if: optional(textSchema("add the condition", "write the condition as a text")),
      changes: optional(pathListSchema("changes")),
      exists: optional(pathListSchema("exists")),
      when: optional(choiceSchema("when", [...WHENS, "manual", "never"])),
      variables: optional(variablesSchema("complete")),
      allow_failure: optional(allowFailureSchema("complete")),
    },
    list,
  );
  return z
    .array(rule, { error: list })
    .check(
      z.minLength(1, { error: "add at least one rule, or remove rules" }),
      z.superRefine(reportUnreached),
    );
}

/** A rule that asks for nothing applies to every run, so none behind it is looked at. */
function reportUnreached(rules: unknown, context: z.core.$RefinementCtx): void {
  const list: readonly unknown[] = Array.isArray(rules) ? rules : [];
  const open = list.findIndex(
    (rule) => typeof rule === "object" && rule !== null && !ASKED.some((key) => key in rule),
  );
  if (open === -1 || open === list.length - 1) return;
  const message = "add if, changes or exists to this rule, or make it the last one: it always applies";
  context.addIssue({ code: "custom", path: [open], message });
}
