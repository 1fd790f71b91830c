import * as z from "zod/mini";
import { withEditorRule } from "./editor-rules.ts";
import type { SchemaMode } from "./merge-rules.ts";
import { VARIABLE_NAME } from "./name-patterns.ts";
import { textFix } from "./schema-fix.ts";
import { withoutNul } from "./text-schema.ts";

/** The schema of a mapping of variables. */
export function variablesSchema(mode: SchemaMode): z.ZodMiniType {
  const text = z.string({ error: textFix("write a value", "make this value a text") }).check(withoutNul());
  const value = withEditorRule(text, { pattern: "^[^\\u0000]*$" });
  return z.record(
    z.string().check(
      z.regex(VARIABLE_NAME, {
        error: "name variables in capitals: A-Z, 0-9 and _, not starting with a digit",
      }),
    ),
    mode === "fragment" ? z.nullable(value) : value,
    { error: "make variables a mapping of NAME: text" },
  );
}
