import * as z from "zod/mini";
import { withEditorRule } from "./editor-rules.ts";
import { fix, textFix } from "./schema-fix.ts";

/** For editors: not blank, and without NUL. */
export const FILLED_TEXT = "^(?=[\\s\\S]*\\S)[^\\u0000]*$";

/** A text that is not blank. */
export function textSchema(missing: string, wrong: string): z.ZodMiniType<string> {
  const text = z.string({ error: textFix(missing, wrong) }).check(
    z.refine((value: string) => value.trim() !== "", { error: wrong }),
    withoutNul(),
  );
  return withEditorRule(text, { pattern: FILLED_TEXT });
}

/** Refuses the one character that no command line, environment or path can hold. */
export function withoutNul(): z.core.$ZodCheck<string> {
  return z.refine((value: string) => !value.includes("\0"), {
    error: "remove the NUL character (\\0): no command, variable or path can hold it",
  });
}

/** A text of a certain form, such as a name. */
export function patternSchema(pattern: RegExp, message: string): z.ZodMiniType<string> {
  return z.string({ error: message }).check(z.regex(pattern, { error: message }));
}

/** A list of texts that are not blank. */
export function textListSchema(
  key: string,
  ofWhat: string,
  { least }: { readonly least: number },
): z.ZodMiniType {
  const wrong = `make ${key} a list of ${ofWhat}`;
  const list = z.array(textSchema(wrong, `write a text here, or remove this entry of ${key}`), {
    error: fix(`add ${key}: a list of ${ofWhat}`, wrong),
  });
  return least === 0
    ? list
    : list.check(z.minLength(least, { error: `add an entry to ${key}, or remove ${key}` }));
}

/** A path or glob inside the workspace. */
export function insidePathSchema(wrong: string, blank: string = wrong): z.ZodMiniType {
  const inside = z.refine<string>((path) => !path.startsWith("/") && !path.split(/[/\\]/).includes(".."), {
    error: "use a path inside the workspace: relative, without ..",
  });
  return withEditorRule(textSchema(wrong, blank).check(inside), {
    pattern: "^(?=[\\s\\S]*\\S)(?!/)(?!(?:[\\s\\S]*[/\\\\])?\\.\\.(?:[/\\\\]|$))",
  });
}

/** A list of paths or globs inside the workspace, at least one unless `least` is 0. */
export function pathListSchema(
  key: string,
  { least }: { readonly least: 0 | 1 } = { least: 1 },
): z.ZodMiniType {
  const wrong = `make ${key} a list of paths`;
  const path = insidePathSchema(wrong, `write a path here, or remove this entry of ${key}`);
  const list = z.array(path, { error: fix(`add ${key}: a list of paths`, wrong) });
  return least === 0 ? list : list.check(z.minLength(1, { error: `add at least one path to ${key}` }));
}
