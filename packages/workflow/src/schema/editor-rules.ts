import * as z from "zod/mini";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What editors are told of a schema beside what zod can translate by itself. */
export const editorRules: z.core.$ZodRegistry<JsonSchema> = z.registry<JsonSchema>();

/**
 * The schema, with a rule of JSON Schema that says what a check of it says in code.
 *
 * The rule may accept more than the check does, never less.
 */
export function withEditorRule<S extends z.ZodMiniType>(schema: S, rule: JsonSchema): S {
  editorRules.add(schema, rule);
  return schema;
}
