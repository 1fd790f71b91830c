import * as z from "zod/mini";
import type { SchemaMode } from "./merge-rules.ts";
import { VARIABLE_NAME } from "./name-patterns.ts";
import { textFix } from "./schema-fix.ts";

/** The schema of a mapping of variables. */
export function variablesSchema(mode: SchemaMode): z.ZodMiniType {
  const value = z.string({ error: textFix("write a value", "make this value a text") });
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
