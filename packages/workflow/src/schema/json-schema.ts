import * as z from "zod/mini";
import { editorRules } from "./editor-rules.ts";
import { jobKeySchemas } from "./job-keys.ts";
import { JOB_NAME, NOT_IN_DEFAULT, VARIABLE_NAME } from "./name-patterns.ts";
import { rootKeySchemas } from "./workflow-schema.ts";

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** What editors show beside a key, by the key's own name. */
const DESCRIPTIONS: { readonly [key: string]: string } = {
  version: "Version of the format: v1.",
  stages: "Stages in the order they run. A stage starts when every job of the earlier ones has ended.",
  include: "Files below .loom/templates/ whose jobs, variables and default lie under this file's.",
  workflow: "Whether the pipeline runs at all.",
  rules: "The first rule whose condition holds decides; when none does, the pipeline does not run.",
  default: "Settings for every job; weaker than extends and the job itself.",
  stage: "The stage this job belongs to, one of stages.",
  target: "Where the job runs: linux.",
  script: "Commands. One entry is one step in a shell of its own.",
  extends: "A job to inherit from, or a list of them, the last one strongest.",
  needs: "Jobs of the same or an earlier stage that have to end first.",
  image: "The container image to run in. Without one the job runs on this machine.",
  variables: "Environment variables. Values may name others as $NAME or ${NAME}.",
  secrets: "References to secrets, by the variable they appear in. Values never stand here.",
  services: "Containers that run beside the job.",
  cache: "Files kept from run to run: one cache, or a list of named ones.",
  artifacts: "Files the job leaves behind.",
  runner_pool: "Runners that take the job; local runs ignore it.",
  workspace:
    "own: in a copy of the snapshot, with nothing of other jobs but their artifacts. Default: shared.",
  invariant: "Any mapping; carried along.",
  allow_failure: "Whether the pipeline goes on when this job fails. Default: false.",
  when: "When the job runs, judged by what it waits for. Default: on_success.",
  timeout: "Longest time the job may take: 90s, 10m, 1h30m or a number of seconds.",
  retry: "How often the job runs again after it failed: 0 to 10, or max and on.",
};

/**
 * The JSON Schema that editors complete and check workflow files by.
 *
 * Made from the zod definition, so it knows what one file may hold as written;
 * what follows from inheritance and references only the compiler sees.
 */
export function workflowJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(wholeSchema(), {
    target: "draft-7",
    io: "input",
    reused: "ref",
    unrepresentable: "any",
    metadata: editorRules,
    override: ({ jsonSchema }) => {
      if (jsonSchema.propertyNames !== undefined) namePattern(jsonSchema);
      describe(jsonSchema);
    },
  });
  const { $schema, ...root } = schema;
  return {
    ...($schema !== undefined && { $schema }),
    title: "Loom workflow v1",
    // Every root key is a fine name for a job, so the pattern may hold for all of them.
    propertyNames: { pattern: JOB_NAME.source },
    ...root,
  };
}

/** The schemas of all keys as one: the main file as it is written. */
function wholeSchema(): z.ZodMiniType {
  const keys = jobKeySchemas("fragment");
  const made = Object.entries(keys).map(([key, make]) => [key, make()] as const);
  const shared = made.filter(([key]) => !(NOT_IN_DEFAULT as readonly string[]).includes(key));
  const orNull = (schema: z.ZodMiniType): z.ZodMiniType => z.optional(z.nullable(schema));
  const roots = Object.entries(rootKeySchemas()).map(([key, make]) => [key, make()] as const);
  const root = { ...Object.fromEntries(roots), default: orNull(z.strictObject(Object.fromEntries(shared))) };
  return z.catchall(z.object(root), z.nullable(z.strictObject(Object.fromEntries(made))));
}

/** Mappings of variables, as draft 7 and most editors understand them best. */
function namePattern(schema: JsonSchema): void {
  const names = schema.propertyNames;
  if (typeof names !== "object" || names.pattern !== VARIABLE_NAME.source) return;
  const value = schema.additionalProperties;
  delete schema.propertyNames;
  if (value !== undefined) schema.patternProperties = { [VARIABLE_NAME.source]: value };
  schema.additionalProperties = false;
}

function describe(schema: JsonSchema): void {
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const description = DESCRIPTIONS[key];
    if (description !== undefined && typeof property === "object") property.description ??= description;
  }
}
