import * as z from "zod/mini";

/**
 * How a mapping is judged.
 *
 * - `fragment`: as one file writes it; keys may be missing, because they may be
 *   inherited, and null, because that removes what would be.
 * - `complete`: after inheritance; nulls are gone and what is required is there.
 */
export type SchemaMode = "fragment" | "complete";

/** Keys that are merged by inheritance: how far they may be missing depends on the mode. */
export interface MergeRules {
  readonly optional: (schema: z.ZodMiniType) => z.ZodMiniType;
  readonly required: (schema: z.ZodMiniType) => z.ZodMiniType;
}

/** Rules inside lists: lists are never merged, so every item is complete. */
export const WHOLE: MergeRules = { optional: (schema) => z.optional(schema), required: (schema) => schema };

/** The rules of a mode. */
export function mergeRules(mode: SchemaMode): MergeRules {
  if (mode === "complete") return WHOLE;
  const maybe = (schema: z.ZodMiniType): z.ZodMiniType => z.optional(z.nullable(schema));
  return { optional: maybe, required: maybe };
}
