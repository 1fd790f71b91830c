import * as z from "zod/mini";
import { withEditorRule } from "./editor-rules.ts";
import { textFix } from "./schema-fix.ts";

/** Longest title. Unit: code points. */
const MAX_TITLE = 80;
const NOT_LONGER = new RegExp(`^.{0,${MAX_TITLE}}$`, "su");

/** `title`, or the name of a step: free text on one line. */
export function titleSchema(key = "title"): z.ZodMiniType {
  const wrong = `set ${key} to a text`;
  const text = z.string({ error: textFix(`add ${key}`, wrong) }).check(
    z.refine((value: string) => value.trim() !== "", { error: wrong, abort: true }),
    z.refine((value: string) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value), {
      error: `write ${key} on one line, without control characters`,
    }),
    z.refine((value: string) => NOT_LONGER.test(value), {
      error: `shorten ${key} to at most ${MAX_TITLE} characters`,
    }),
  );
  return withEditorRule(text, { pattern: "\\S", maxLength: MAX_TITLE });
}
