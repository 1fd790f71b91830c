import type * as z from "zod/mini";
import { KEY_NOTES } from "./key-notes.ts";

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Where a walk through a schema has come. */
interface Place {
  /** The keys that lead here, from the root or from a job. Entries of lists and mappings add none. */
  readonly keys: readonly string[];
  /** The same, with a word for each entry on the way. */
  readonly words: readonly string[];
}

/** Where a schema of draft 7 refers to. */
export const DEFINITIONS = "#/definitions/";

/**
 * Writes the notes of `KEY_NOTES` beside the keys of a schema, and names its
 * definitions after the keys that they are for. Changes the schema.
 */
export function annotateSchema(root: JsonSchema): void {
  // The type of zod does not know the place where draft 7 has them.
  const definitions = (root["definitions"] ?? {}) as Readonly<Record<string, JsonSchema>>;
  const names = new Map<string, string>();
  const walk = (schema: JsonSchema, place: Place): void => {
    if (schema.$ref?.startsWith(DEFINITIONS) === true) {
      const made = schema.$ref.slice(DEFINITIONS.length);
      const known = names.get(made);
      const name = known ?? freeName(place.words.join("_"), new Set(names.values()));
      names.set(made, name);
      schema.$ref = DEFINITIONS + name;
      const definition = definitions[made];
      if (known === undefined && typeof definition === "object") walk(definition, place);
    }
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      if (typeof property !== "object") continue;
      const keys = [...place.keys, key];
      Object.assign(property, KEY_NOTES[keys.join(".")]);
      // What "default" holds are keys of a job.
      const isDefault = schema === root && key === "default";
      walk(property, isDefault ? { keys: [], words: [] } : { keys, words: [...place.words, key] });
    }
    const entry = { ...place, words: [...place.words, "entry"] };
    for (const inner of [schema.items, schema.additionalProperties]) {
      if (typeof inner === "object" && !Array.isArray(inner)) walk(inner, schema === root ? place : entry);
    }
    for (const inner of Object.values(schema.patternProperties ?? {})) {
      if (typeof inner === "object") walk(inner, entry);
    }
    for (const inner of schema.anyOf ?? []) {
      // One with properties and no type is a rule about keys that are described elsewhere.
      const isRule = typeof inner === "object" && inner.properties !== undefined && inner.type === undefined;
      if (typeof inner === "object" && !isRule) walk(inner, place);
    }
  };
  walk(root, { keys: [], words: [] });
  root.definitions = Object.fromEntries(
    [...names].map(([made, name]) => [name, definitions[made] ?? {}] as const),
  );
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  for (let count = 2; ; count += 1) {
    const name = `${wanted}_${count}`;
    if (!taken.has(name)) return name;
  }
}
