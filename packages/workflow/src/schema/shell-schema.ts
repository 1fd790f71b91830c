import * as z from "zod/mini";
import { withEditorRule } from "./editor-rules.ts";
import { FILLED_TEXT, withoutNul } from "./text-schema.ts";

/** `shell`, of a job or of one of its steps. */
export function shellSchema(): z.ZodMiniType {
  const error = "set shell to sh, bash, or a list of a program and its arguments such as [python3, -c]";
  const word = z.string({ error }).check(
    z.refine((text: string) => text.trim() !== "", { error }),
    withoutNul(),
  );
  const list = z.array(withEditorRule(word, { pattern: FILLED_TEXT }), { error });
  return z.union([z.enum(["sh", "bash"], { error }), list.check(z.minLength(1, { error }))], { error });
}
