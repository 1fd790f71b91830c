import * as z from "zod/mini";
import { mappingFix } from "./schema-fix.ts";

/** One schema for every key of a definition. */
export type KeySchemas<T> = { readonly [K in keyof Required<T>]: z.ZodMiniType };

/** A mapping with exactly these keys. `whose` is what they belong to, as in "unknown cache key". */
export function mappingSchema<T>(whose: string, shape: KeySchemas<T>, wrong: string): z.ZodMiniType {
  const allowed = Object.keys(shape);
  return z.strictObject(shape, { error: mappingFix(whose, allowed, { missing: `add ${whose}`, wrong }) });
}
