import * as z from "zod/mini";
import { mappingSchema } from "./mapping-schema.ts";
import { mergeRules, type SchemaMode } from "./merge-rules.ts";

/** A list of exit codes of steps that failed. */
export function exitCodesSchema(): z.ZodMiniType {
  const error = "make exit_codes a list of whole numbers from 1 to 255";
  const code = z.int({ error }).check(z.minimum(1, { error }), z.maximum(255, { error }));
  return z.array(code, { error }).check(z.minLength(1, { error }));
}

/** `allow_failure`: true, false, or a mapping with the exit codes that it is true for. */
export function allowFailureSchema(mode: SchemaMode): z.ZodMiniType {
  const message = "set allow_failure to true, false or a mapping with exit_codes";
  const { required } = mergeRules(mode);
  const codes = mappingSchema<{ readonly exit_codes: readonly number[] }>(
    "allow_failure",
    { exit_codes: required(exitCodesSchema()) },
    message,
  );
  return z.union([z.boolean({ error: message }), codes], { error: message });
}
