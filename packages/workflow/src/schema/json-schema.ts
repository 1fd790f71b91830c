import * as z from "zod/mini";
import { addTitles } from "./add-titles.ts";
import { annotateSchema } from "./annotate-schema.ts";
import { editorRules } from "./editor-rules.ts";
import { jobKeySchemas } from "./job-keys.ts";
import { JOB_NAME, NOT_IN_DEFAULT, VARIABLE_NAME } from "./name-patterns.ts";
import { INCLUDED_ROOT_KEYS, ROOT_KEYS, rootKeySchemas } from "./workflow-schema.ts";

type JsonSchema = z.core.JSONSchema.JSONSchema;

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
    },
  });
  annotateSchema(schema);
  addTitles(schema);
  const { $schema, ...root } = schema;
  return {
    ...($schema !== undefined && { $schema }),
    $id: "urn:loom:workflow:v1",
    title: "Loom workflow v1",
    // Every root key is a fine name for a job, so the pattern may hold for all of them.
    propertyNames: { pattern: JOB_NAME.source },
    ...root,
  };
}

/** The same for a file that a workflow includes: templates, jobs and defaults; the main file has its version and stages. */
export function templateJsonSchema(): JsonSchema {
  const { required: _, properties = {}, ...schema } = workflowJsonSchema();
  const others = ROOT_KEYS.filter((key) => !(INCLUDED_ROOT_KEYS as readonly string[]).includes(key));
  return {
    ...schema,
    $id: "urn:loom:workflow-template:v1",
    title: "Loom workflow template v1",
    properties: {
      ...properties,
      // Nor are they jobs.
      ...Object.fromEntries(others.map((key) => [key, false])),
    },
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
