import type * as z from "zod/mini";
import { DEFINITIONS } from "./annotate-schema.ts";

type JsonSchema = z.core.JSONSchema.JSONSchema;

/**
 * Gives each key of a schema its name as title, and each form of a value the same with what it is. Changes the schema.
 *
 * Editors head what they say of a key with the nearest title. Where the forms of a value cannot be told apart by
 * theirs, they join the title of what holds them, once for each: `Loom workflow v1 || Loom workflow v1`.
 */
export function addTitles(root: JsonSchema): void {
  // The type of zod does not know the place where draft 7 has them.
  const definitions = (root["definitions"] ?? {}) as Readonly<Record<string, JsonSchema>>;
  const typeOf = ({ $ref, type }: JsonSchema): unknown =>
    $ref === undefined ? type : definitions[$ref.slice(DEFINITIONS.length)]?.type;
  const walk = (schema: JsonSchema, name: string): void => {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      if (typeof property !== "object") continue;
      property.title = key;
      walk(property, key);
    }
    const entry = schema === root ? "job" : name.endsWith(" entry") ? name : `${name} entry`;
    const inner = [
      schema.items,
      schema.additionalProperties,
      ...Object.values(schema.patternProperties ?? {}),
    ];
    for (const each of inner) {
      if (typeof each !== "object" || Array.isArray(each)) continue;
      each.title = entry;
      walk(each, entry);
    }
    if (schema.anyOf === undefined) return;
    const forms = (schema.anyOf as readonly JsonSchema[]).flatMap(formsOf);
    for (const form of forms) {
      form.title = `${name} (${formName(form, typeOf(form))})`;
      walk(form, name);
    }
    schema.anyOf = forms;
  };
  walk(root, "");
  for (const [name, definition] of Object.entries(definitions))
    walk(definition, name.replace(/(?:_entry)+$/, " entry"));
}

/** The forms that a form stands for: a choice within a choice is one choice. */
function formsOf(form: JsonSchema): JsonSchema[] {
  const { anyOf, ...more } = form;
  const isChoice = anyOf !== undefined && Object.keys(more).length === 0;
  return isChoice ? (anyOf as JsonSchema[]).flatMap(formsOf) : [form];
}

/** What a form is, in the words of the pages. */
function formName({ required }: JsonSchema, type: unknown): string {
  if (typeof type === "string") return TYPE_NAMES[type] ?? type;
  return required === undefined ? "value" : `with ${required.join(" and ")}`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  integer: "number",
  string: "text",
  boolean: "true or false",
  array: "list",
  object: "mapping",
  null: "nothing",
};
