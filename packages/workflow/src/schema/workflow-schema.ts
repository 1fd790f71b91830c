import * as z from "zod/mini";
import { TEMPLATE_PATH } from "../include/template-path.ts";
import { withEditorRule } from "./editor-rules.ts";
import { lazySchemas, type LazySchemas } from "./lazy-schemas.ts";
import { STAGE_NAME } from "./name-patterns.ts";
import { fix, mappingFix, textFix } from "./schema-fix.ts";
import { variablesSchema } from "./variables-schema.ts";

/** The keys of the root that are not jobs. */
export const ROOT_KEYS = ["version", "stages", "include", "workflow", "variables", "default"] as const;

/** The root keys that an included file may hold as well. */
export const INCLUDED_ROOT_KEYS = ["include", "variables", "default"] as const;

/** A root key with a schema of its own; `default` is judged key by key, as a job is. */
export type RootKey = Exclude<(typeof ROOT_KEYS)[number], "default">;

let memoised: LazySchemas<RootKey> | undefined;

/** The schemas of the root keys that are not jobs. `version` and `stages` refuse undefined. */
export function rootKeySchemas(): LazySchemas<RootKey> {
  memoised ??= lazySchemas({
    version: () => z.literal("v1", { error: fix("add version: v1", "set version to v1") }),
    stages: stagesSchema,
    include: () => orNull(includeSchema()),
    workflow: () => z.optional(workflowKeySchema()),
    variables: () => orNull(variablesSchema("fragment")),
  });
  return memoised;
}

function orNull(schema: z.ZodMiniType): z.ZodMiniType {
  return z.optional(z.nullable(schema));
}

function stagesSchema(): z.ZodMiniType {
  const name = "name stages with a lower-case letter, then a-z, 0-9, _ or -, at most 32 characters";
  const wrong = fix("add stages: the list of stages in the order they run", "make stages a list of names");
  const stages = z
    .array(z.string({ error: name }).check(z.regex(STAGE_NAME, { error: name })), { error: wrong })
    .check(z.minLength(1, { error: "add at least one stage" }));
  return withEditorRule(stages, { uniqueItems: true });
}

function workflowKeySchema(): z.ZodMiniType {
  const list = "make rules a list of {if: CONDITION}";
  const rule = z.strictObject(
    {
      if: withEditorRule(
        z.string({ error: textFix("add if: the condition of this rule", "write the condition as a text") }),
        { pattern: "\\S" },
      ),
      when: z.optional(z.enum(["always", "never"], { error: "set when to always or never" })),
    },
    { error: mappingFix("rule", ["if", "when"], { missing: list, wrong: list }) },
  );
  const rules = z
    .array(rule, { error: fix("add rules: a list of {if: CONDITION}", list) })
    .check(z.minLength(1, { error: "add at least one rule, or remove workflow" }));
  const wrong = "make workflow a mapping with rules";
  return z.strictObject({ rules }, { error: mappingFix("workflow", ["rules"], { missing: wrong, wrong }) });
}

function includeSchema(): z.ZodMiniType {
  // The published wording of v1, kept to the letter.
  const local = "set include.local to .loom/templates/<name>.yml or .yaml";
  const one = z.strictObject(
    { local: z.string({ error: local }).check(z.regex(TEMPLATE_PATH, { error: local })) },
    { error: mappingFix("include", ["local"], { missing: local, wrong: local }) },
  );
  return z.array(one, { error: "make include a list of {local: PATH}" });
}
