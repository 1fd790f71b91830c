import * as z from "zod/mini";
import { TEMPLATE_PATH } from "../include/template-path.ts";
import { type JobKeySchemas, jobKeySchemas } from "./job-keys.ts";
import { NOT_IN_DEFAULT, STAGE_NAME } from "./name-patterns.ts";
import { fix, mappingFix, textFix } from "./schema-fix.ts";
import { variablesSchema } from "./variables-schema.ts";

/** The keys of the root that are not jobs. */
export const ROOT_KEYS = ["version", "stages", "include", "workflow", "variables", "default"] as const;

/** The root keys that an included file may hold as well. */
export const INCLUDED_ROOT_KEYS = ["include", "variables", "default"] as const;

/** What to do about a job that is no mapping. */
export const JOB_FIX = "make this job a mapping";

/** The zod schemas that everything in a workflow file is judged by, made from one definition. */
export interface WorkflowSchemas {
  /** The main file as it is written. */
  readonly main: z.ZodMiniType;
  /** An included file as it is written. */
  readonly included: z.ZodMiniType;
  /** Every job key, after inheritance. */
  readonly jobKeys: JobKeySchemas;
}

let memoised: WorkflowSchemas | undefined;

/** The schemas of workflow v1. Made on first use, so that importing this package costs nothing. */
export function workflowSchemas(): WorkflowSchemas {
  memoised ??= defineSchemas();
  return memoised;
}

function defineSchemas(): WorkflowSchemas {
  const fragment = jobKeySchemas("fragment");
  const shared = sharedShape(fragment);
  const job = z.nullable(strictJob(fragment));
  const main = z.object({ ...headShape(), ...shared }, { error: "make the workflow a mapping" });
  // What only the main file may hold is reported with its own words, not as a wrong job.
  const anything = z.optional(z.unknown());
  const elsewhere = { version: anything, stages: anything, workflow: anything };
  const included = z.object(
    { ...elsewhere, ...shared },
    { error: "make the included file a mapping of jobs" },
  );
  return {
    main: z.catchall(main, job),
    included: z.catchall(included, job),
    jobKeys: jobKeySchemas("complete"),
  };
}

function strictJob(keys: JobKeySchemas): z.ZodMiniType {
  const error = mappingFix("job", Object.keys(keys), { missing: JOB_FIX, wrong: JOB_FIX });
  return z.strictObject(keys, { error });
}

function headShape(): { readonly [key: string]: z.ZodMiniType } {
  const stage = "name stages with a lower-case letter, then a-z, 0-9, _ or -, at most 32 characters";
  const stages = z
    .array(z.string({ error: stage }).check(z.regex(STAGE_NAME, { error: stage })), {
      error: fix("add stages: the list of stages in the order they run", "make stages a list of names"),
    })
    .check(z.minLength(1, { error: "add at least one stage" }));
  const rules = "make rules a list of {if: CONDITION}";
  const rule = z.strictObject(
    {
      if: z.string({ error: textFix("add if: the condition of this rule", "write the condition as a text") }),
      when: z.optional(z.enum(["always", "never"], { error: "set when to always or never" })),
    },
    { error: mappingFix("rule", ["if", "when"], { missing: rules, wrong: rules }) },
  );
  return {
    version: z.literal("v1", { error: fix("add version: v1", "set version to v1") }),
    stages,
    workflow: z.optional(
      z.strictObject(
        {
          rules: z
            .array(rule, { error: fix("add rules: a list of {if: CONDITION}", rules) })
            .check(z.minLength(1, { error: "add at least one rule, or remove workflow" })),
        },
        {
          error: mappingFix("workflow", ["rules"], {
            missing: rules,
            wrong: "make workflow a mapping with rules",
          }),
        },
      ),
    ),
  };
}

function sharedShape(keys: JobKeySchemas): { readonly [key: string]: z.ZodMiniType } {
  const inDefault = Object.fromEntries(
    Object.entries(keys).filter(([key]) => !(NOT_IN_DEFAULT as readonly string[]).includes(key)),
  );
  const orNull = (schema: z.ZodMiniType): z.ZodMiniType => z.optional(z.nullable(schema));
  // The published wording of v1, kept to the letter.
  const local = "set include.local to .loom/templates/<name>.yml or .yaml";
  const include = z.strictObject(
    { local: z.string({ error: local }).check(z.regex(TEMPLATE_PATH, { error: local })) },
    { error: mappingFix("include", ["local"], { missing: local, wrong: local }) },
  );
  return {
    include: orNull(z.array(include, { error: "make include a list of {local: PATH}" })),
    variables: orNull(variablesSchema("fragment")),
    default: orNull(
      z.strictObject(inDefault, {
        error: mappingFix("default", Object.keys(inDefault), {
          missing: "add default",
          wrong: "make default a mapping of job keys",
        }),
      }),
    ),
  };
}
