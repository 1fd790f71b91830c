import * as z from "zod/mini";
import { textFix } from "./schema-fix.ts";

/** A program and its arguments, or arguments alone; any text may be one. */
export function argumentList(key: string): z.ZodMiniType {
  const wrong = `make ${key} a list of texts`;
  return z.array(z.string({ error: textFix(wrong, wrong) }), { error: wrong });
}
